"""A child that stands for us: signals, exit status, files; in a process of its own."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys

import pytest

STAND_IN = """
import sys
from rolekeeper.cli.launch.child import follow, held_signals, start
with held_signals() as held:
    pid = start(sys.argv[1:], {"PATH": "/usr/bin:/bin", "ONLY": "this"}, held)
    sys.exit(follow(pid))
"""


def stand_in(*command, **more):
    own = [sys.executable, "-c", STAND_IN, *command]
    return subprocess.Popen(own, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **more)


def ended(process, given=None):
    out, _ = process.communicate(given, timeout=60)
    return process.returncode, out


@pytest.mark.parametrize(
    ("script", "status"),
    [("exit 0", 0), ("exit 7", 7), ("exit 255", 255), ("kill -9 $$", 137), ("kill $$", 143)],
)
def test_the_exit_status_is_the_programs(script, status):
    assert ended(stand_in("sh", "-c", script))[0] == status


def test_what_is_not_there_cannot_be_started():
    process = stand_in("no-such-program", stderr=subprocess.PIPE)
    _, told = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "no-such-program cannot be started: No such file or directory" in told


@pytest.mark.parametrize(
    "number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGQUIT]
)
def test_signals_are_passed_on(number):
    script = f"trap 'echo got; exit 3' {number.value}; echo ready; while :; do read line || sleep 0.01; done"
    process = stand_in("sh", "-c", script)
    assert process.stdout.readline() == "ready\n"
    process.send_signal(number)
    assert ended(process) == (3, "got\n")


def test_a_program_that_does_not_catch_a_signal_ends_by_it():
    process = stand_in("sh", "-c", "echo ready; exec sleep 600")
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGTERM)
    assert ended(process)[0] == 128 + signal.SIGTERM


def test_the_program_has_the_signals_that_a_program_has():
    """None is held or ignored: a pipe that breaks ends it. (The C library keeps two above 31 to itself.)"""
    lines = ended(stand_in("grep", "-E", "SigBlk|SigIgn", "/proc/self/status"))[1].splitlines()
    assert [int(line.split()[1], 16) % (1 << 31) for line in lines] == [0, 0]


def test_a_parent_that_ignores_its_children_is_no_trouble():
    ignoring = lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # noqa: E731
    assert ended(stand_in("sh", "-c", "exit 5", preexec_fn=ignoring))[0] == 5


def test_input_and_environment_are_the_programs():
    assert ended(stand_in("sh", "-c", "read line; echo $line $ONLY; env | wc -l"), "hello\n")[1].startswith(
        "hello this\n"
    )


def test_no_file_of_ours_is_open_in_it():
    script = "ls /proc/self/fd | wc -l"
    there = subprocess.run(["sh", "-c", script], capture_output=True, text=True, env=os.environ).stdout
    assert ended(stand_in("sh", "-c", script))[1] == there


def test_what_a_terminal_sends_comes_once():
    """Ctrl-C goes to everybody at the terminal: to the child, and to us, who do not send it on."""
    script = (
        "trap 'echo got' INT; echo ready; "
        "i=0; while [ $i -lt 40 ]; do sleep 0.05; i=$((i + 1)); done; echo end"
    )
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-c", STAND_IN, "sh", "-c", script])
    told = _until(terminal, b"ready")
    os.write(terminal, b"\x03")
    told += _until(terminal, b"end")
    assert told.count(b"got") == 1
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    os.close(terminal)


def _until(terminal, word):
    told = b""
    while word not in told:
        told += os.read(terminal, 1024)
    return told
