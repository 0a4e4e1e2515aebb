"""A child process that stands for us: it gets the signals that we get, and its exit status is ours.

What a terminal sends (Ctrl-C) it sends to us and to the child alike, so that is not passed on a second time.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Final

from rolekeeper.errors import ConfigurationError

PASSED_ON: Final = {
    signal.SIGHUP,
    signal.SIGINT,
    signal.SIGQUIT,
    signal.SIGTERM,
    signal.SIGUSR1,
    signal.SIGUSR2,
    signal.SIGWINCH,
    signal.SIGCONT,
}

_OURS: Final = (signal.SIGPIPE, signal.SIGXFSZ)
"""What Python ignores, and a new program should not."""


@contextmanager
def held_signals() -> Iterator[set[int]]:
    """Keep signals for `follow` meanwhile, in this thread and in those that are started in it.

    Gives the signals that were held before.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, PASSED_ON | {signal.SIGCHLD})
    handler = signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # whoever ignores it is not told of an end
    try:
        yield {int(each) for each in before}
    finally:
        signal.signal(signal.SIGCHLD, handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def start(
    command: list[str], environment: Mapping[str, str], held: set[int], *, output_to_error: bool = False
) -> int:
    """Start a program; its process ID. ConfigurationError where it cannot be started."""
    files = [(os.POSIX_SPAWN_DUP2, 2, 1)] if output_to_error else []
    try:
        return os.posix_spawnp(
            command[0], command, environment, file_actions=files, setsigmask=held, setsigdef=_OURS
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ConfigurationError(f"{command[0]} cannot be started: {reason}") from None


class TimedOut(Exception):
    """A child was given a time, took longer, and was ended."""


def follow(pid: int, seconds: float | None = None) -> int:
    """Wait for the child's end, passing signals on. Its exit status, as a shell has it; TimedOut."""
    last = None if seconds is None else time.monotonic() + seconds
    while True:
        number, from_terminal = _next_signal(last)
        if number is None:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            raise TimedOut
        if number == signal.SIGCHLD:
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                code = os.waitstatus_to_exitcode(status)
                return code if code >= 0 else 128 - code
        elif not from_terminal:
            with suppress(ProcessLookupError):
                os.kill(pid, number)


def _next_signal(last: float | None) -> tuple[int | None, bool]:
    """The next signal, and whether the kernel sent it by itself, as it does for a terminal; None where none
    comes until that time of the monotonic clock."""
    wanted = PASSED_ON | {signal.SIGCHLD}
    if last is not None:
        came = signal.sigtimedwait(wanted, max(0.0, last - time.monotonic()))
        return (None, False) if came is None else (came.si_signo, came.si_code > 0)
    if not hasattr(signal, "sigwaitinfo"):
        number = signal.sigwait(wanted)
        return number, number in (signal.SIGINT, signal.SIGQUIT) and os.isatty(0)
    found = signal.sigwaitinfo(wanted)
    return found.si_signo, found.si_code > 0
