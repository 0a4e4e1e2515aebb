"""A body that goes from socket to socket inside the kernel (Linux's `splice`), and not through this process.

The rule of this file: what was taken from the source is given to the target before more is taken. So there is
never more on the way than one pipe holds, whoever of the two is slow. A body that fails on its way is an
error for who has it carried: the client's connection has to be closed, so that nobody takes it for whole.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import select
import socket
import sys
from contextlib import ExitStack, suppress
from ipaddress import ip_address
from typing import Final

from rolekeeper.gateway.answers import Broken
from rolekeeper.gateway.forwarding import SILENT
from rolekeeper.gateway.inflow import Disconnected

__all__ = ["POSSIBLE", "Carriage"]

POSSIBLE: Final = sys.platform == "linux"
PIPE: Final = 1 << 20
"""Bytes that a pipe is asked to hold: what anybody may have who has not many of them (pipe(7))."""
_AT_ONCE: Final = 2
"""SPLICE_F_NONBLOCK of splice(2)."""


class Carriage:
    """So many bytes on their way. Nobody else reads from the source or writes to the target meanwhile."""

    def __init__(self, source: int, target: int, length: int, *, silent: float = SILENT) -> None:
        """Two connected sockets by their descriptors, which stay the caller's; the source's stays open.
        OSError where it cannot begin."""
        self._loop = asyncio.get_running_loop()
        self._done: asyncio.Future[None] = self._loop.create_future()
        self._left, self._held = length, 0  # bytes that are to be taken, and that are in the pipe
        self._silent, self._since = silent, self._loop.time()
        self._source, self._waits = source, False  # for the target
        with ExitStack() as opened:
            # The server closes its own descriptor before it says so, and the number is soon another's.
            self._target = os.dup(target)
            opened.callback(os.close, self._target)
            _hurry(self._target)
            self._end, self._mouth = _pipe(opened)
            # Who waits for what changes all the time, which costs the event loop ten times what it does here.
            self._ready = select.epoll()
            opened.callback(self._ready.close)
            self._ready.register(source, select.EPOLLIN)
            self._opened = opened.pop_all()

    async def run(self) -> None:
        """Return when the target has all of it. Broken where the source ends early or falls silent,
        Disconnected where the target does not take it any more."""
        self._loop.add_reader(self._ready, self._move)
        self._look()
        try:
            await self._done
        finally:
            self._watch.cancel()
            self._loop.remove_reader(self._ready)
            self._opened.close()

    def give_up(self) -> None:
        """The target is gone."""
        self._over(Disconnected())

    def _move(self) -> None:
        """As much as one pipe holds, so that others have their turn."""
        if self._done.done() or (not self._held and not self._take()):
            return
        try:
            while self._held:
                self._held -= os.splice(self._end, self._target, self._held, flags=_AT_ONCE)
        except BlockingIOError:
            self._wait(for_target=True)
        except OSError:
            self.give_up()
        else:
            self._wait(for_target=False)
            if not self._left:
                self._over()

    def _take(self) -> bool:
        """What the source has; False where it is nothing."""
        try:
            self._held = os.splice(self._source, self._mouth, min(self._left, PIPE), flags=_AT_ONCE)
        except BlockingIOError:
            return False
        except OSError as error:
            self._over(Broken(f"the answer broke off: {type(error).__name__}"))
            return False
        if not self._held:
            self._over(Broken("the answer ended before its end"))
            return False
        self._left -= self._held
        self._since = self._loop.time()
        return True

    def _wait(self, *, for_target: bool) -> None:
        if for_target == self._waits:
            return
        self._waits = for_target
        if for_target:
            self._ready.unregister(self._source)
            self._ready.register(self._target, select.EPOLLOUT)
        else:
            self._since = self._loop.time()
            self._ready.unregister(self._target)
            self._ready.register(self._source, select.EPOLLIN)

    def _look(self) -> None:
        """Give up a source that is waited for and says nothing. A target may take its time."""
        left = self._silent if self._waits else self._since + self._silent - self._loop.time()
        if left <= 0:
            self._over(Broken("the answer stopped on its way"))
        self._watch = self._loop.call_later(left, self._look)

    def _over(self, error: Exception | None = None) -> None:
        if self._done.done():
            return
        if error is None:
            self._done.set_result(None)
        else:
            self._done.set_exception(error)


def _hurry(target: int) -> None:
    """Have a client on this machine sent to as fast as it reads. BBR, where that is the system's, would hold
    it back with timers, for the sake of a line that there is not."""
    with socket.socket(fileno=os.dup(target)) as connection, suppress(OSError, ValueError):
        if connection.family != socket.AF_UNIX and ip_address(connection.getpeername()[0]).is_loopback:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, b"reno")


def _pipe(opened: ExitStack) -> tuple[int, int]:
    """Both ends of a pipe as large as may be: the fewer pieces, the less it costs."""
    end, mouth = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    opened.callback(os.close, end)
    opened.callback(os.close, mouth)
    with suppress(OSError):
        fcntl.fcntl(mouth, fcntl.F_SETPIPE_SZ, PIPE)
    return end, mouth
