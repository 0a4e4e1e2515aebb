"""The process of the embedded backend starts and ends with us, leaves nothing, and can reach nobody."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rolekeeper.gateway.embedded import Embedded, installed
from rolekeeper.gateway.forwarding import NotConnected

pytestmark = pytest.mark.skipif(not installed(), reason="the extra `local` is not installed")


@pytest.mark.parametrize(
    "attempt",
    [
        "socket.create_connection(('127.0.0.1', 1))",
        "socket.socket(socket.AF_UNIX).connect('/tmp/x')",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 1))",
        "socket.getaddrinfo('localhost', 80)",
        "subprocess.run(['true'])",
        "os.system('true')",
        "os.popen('true')",
        "os.fork()",
    ],
)
def test_nothing_in_its_process_can(attempt: str) -> None:
    program = (
        "import os, socket, subprocess, sys\n"
        "from rolekeeper.gateway import embedded_child\n"
        "sys.addaudithook(embedded_child._reach_nobody)\n"
        f"try:\n    {attempt}\nexcept PermissionError as error:\n    print('refused')\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert run.stdout == "refused\n"


def test_it_ends_when_it_is_closed_and_leaves_nothing() -> None:
    async def work() -> tuple[int | None, Path]:
        embedded = Embedded()
        address = await embedded.address()
        child = embedded._child
        assert child is not None
        assert address.socket is not None
        await embedded.close()
        return child.returncode, Path(address.socket).parent

    code, folder = asyncio.run(work())
    assert code == 0
    assert not folder.exists()


def test_a_long_name_of_the_temporary_folder_does_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = tmp_path / ("l" * 100)
    long.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(long))

    async def work() -> str:
        embedded = Embedded()
        address = await embedded.address()
        await embedded.close()
        assert address.socket is not None
        return address.socket

    assert len(asyncio.run(work())) < 104
    assert not list(long.iterdir())


def test_a_child_that_does_not_start_is_service_unavailable_and_tried_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    nothing = tmp_path / "python"
    nothing.write_text("#!/bin/sh\nexit 1\n")
    nothing.chmod(0o700)

    async def work() -> None:
        embedded = Embedded()
        with monkeypatch.context() as broken:
            broken.setattr(sys, "executable", str(nothing))
            for _ in range(2):
                with pytest.raises(NotConnected):
                    await embedded.address()
        await embedded.address()
        await embedded.close()

    asyncio.run(work())


@pytest.mark.parametrize("steps", [0, 1, 2, 3, 5, 10, 100])
def test_it_can_be_closed_while_it_starts(
    steps: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    async def work() -> None:
        embedded = Embedded()
        await embedded.start()
        for _ in range(steps):
            await asyncio.sleep(0)
        spawning = embedded._spawning
        await embedded.close()
        assert spawning is None or (await spawning).returncode is not None

    asyncio.run(work())
    assert not list(tmp_path.iterdir())


def test_it_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    program = (
        "import asyncio\n"
        "from rolekeeper.gateway.embedded import Embedded\n"
        "async def main():\n"
        "    made = Embedded()\n"
        "    await made.address()\n"
        "    print(made._child.pid, flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        env=os.environ | {"TMPDIR": str(tmp_path)},
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    for _ in range(6000):
        if not _lives(child):
            assert not list(tmp_path.iterdir())
            return
        time.sleep(0.01)
    os.kill(child, 9)
    pytest.fail("the child lives on")


def _lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
