"""The embedded backend: the widely used mock of AWS's services (moto), in a process of its own.

It keeps what services keep and decides nothing. The rule of this file: nobody but this process can reach it.
It listens on a Unix socket in a folder that only this user can enter, gets no credentials from the
environment, and ends with this process, however that ends. It starts beside the server, which is ready
without it; calls wait for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from rolekeeper.errors import NotImplementedByServer, ServiceFailure
from rolekeeper.gateway.forwarding import Address, Answer, NotConnected
from rolekeeper.gateway.signing import BackendKey
from rolekeeper.iam.secret import Secret

STARTING = 60.0
"""Seconds until it must be ready."""
ENDING = 5.0
LONGEST = 90
"""Characters of the folder's path: a socket's has room for 104 or 108."""

ACCOUNT, REGION, SERVICE, ORDER, FAULT = (
    "x-moto-account-id",
    "x-rolekeeper-region",
    "x-rolekeeper-service",
    "x-rolekeeper-order",
    "x-rolekeeper-fault",
)
"""The headers between this process and the child's."""

_ELSEWHERE = {"lambda": "awslambda", "docdb": "rds"}
"""The mock's folder of a service, where it is not the service's name."""
_NOT_SERVICES = frozenset({"iam", "sts", "organizations", "core", "moto_api", "instance_metadata"})
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
_WORLD = {
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_ACCESS_KEY_ID": "embedded",
    "AWS_SECRET_ACCESS_KEY": "embedded",
    "MOTO_ALLOW_NONEXISTENT_REGION": "true",
    "MOTO_DISABLE_GLOBAL_CORS": "true",
    "MOTO_ENABLE_ISO_REGIONS": "true",
    "MOTO_S3_ALLOW_CROSSACCOUNT_ACCESS": "true",
    "S3_IGNORE_SUBDOMAIN_BUCKETNAME": "true",
}
_log = logging.getLogger("rolekeeper")


def installed() -> bool:
    """Whether what the embedded backend needs is there (the extra `local`)."""
    return all(importlib.util.find_spec(name) for name in ("moto", "flask", "flask_cors"))


class Embedded:
    """The child, and the way to it. `public` is the host, with its port, that its URLs shall have."""

    def __init__(self, public: str = "localhost", *, scheme: str = "http") -> None:
        self.public = public
        self._scheme = scheme
        self._ready: asyncio.Task[Address] | None = None
        self._spawning: asyncio.Task[asyncio.subprocess.Process] | None = None
        self._child: asyncio.subprocess.Process | None = None
        self._folder: Path | None = None
        self._known: dict[str, bool] = {}

    @property
    def shown(self) -> str:
        """What status and banner say of it."""
        return "an embedded mock of AWS's services, in memory"

    def has(self, service: str) -> bool:
        """Whether it has a service. It is never asked for one that is answered here."""
        known = self._known.get(service)
        if known is None:
            known = self._known[service] = service not in _NOT_SERVICES and _folder(service)
        return known

    def key(self, account: str, service: str) -> BackendKey:
        """A key of no meaning: the account goes in a header."""
        return BackendKey(access_key_id=f"EMBEDDED{account}", secret=Secret("embedded"))

    def headers(self, account: str, service: str, region: str) -> Mapping[str, str]:
        """The account, the service and the region, so that the child need not guess."""
        return {ACCOUNT: account, SERVICE: service, REGION: region}

    def checked(self, answer: Answer) -> Answer:
        """Tell what the mock does not have, or fails in, from what the service answers."""
        fault = answer.header(FAULT)
        if fault == "missing":
            raise NotImplementedByServer("the embedded backend does not have this operation")
        if fault is not None:
            raise ServiceFailure(f"the embedded backend has failed ({fault})")
        return answer

    async def start(self) -> None:
        """Start the child; nothing waits for it yet."""
        if self._ready is None:
            self._ready = asyncio.get_running_loop().create_task(self._start())
            self._ready.add_done_callback(_say_failure)

    async def address(self) -> Address:
        """The socket, once the child listens. One that has ended is followed by another, which is empty."""
        if self._child is not None and self._child.returncode is not None:
            _log.error(
                "the embedded backend has ended by itself, and all is lost that it kept; it starts anew"
            )
            await self.close()
        elif self._ready is not None and self._ready.done() and self._ready.exception() is not None:
            await self.close()
        await self.start()
        assert self._ready is not None
        return await asyncio.shield(self._ready)  # who goes away does not take it from the others

    async def reset(self) -> None:
        """Have the child forget everything; one that cannot is ended, and another starts."""
        if self._ready is None:
            return
        try:
            address = await self.address()
            done = await asyncio.wait_for(_order(address, "reset"), ENDING)
        except (OSError, NotConnected):
            done = False
        if not done:
            await self.close()
            await self.start()

    async def close(self) -> None:
        """End the child."""
        ready = self._ready
        if ready is not None and not ready.done():
            ready.cancel()
            with contextlib.suppress(asyncio.CancelledError, NotConnected):
                await ready
        if self._spawning is not None:  # a child that was being made is there now, whoever waited for it
            await _end(await self._spawning)
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._ready = self._spawning = self._child = self._folder = None

    async def _start(self) -> Address:
        self._folder = _private_folder()
        place = self._folder / "embedded"
        self._spawning = asyncio.get_running_loop().create_task(_spawn(place, self._scheme))
        self._child = child = await asyncio.shield(self._spawning)
        assert child.stdout is not None
        try:
            said = await asyncio.wait_for(child.stdout.readline(), STARTING)
        except TimeoutError:
            said = b""
        if said != b"ready\n":
            raise NotConnected("the embedded backend has not started")
        return Address(url="http://localhost", socket=str(place), host=self.public)


def _private_folder() -> Path:
    """A new folder of mode 0700, of which a socket's name is short enough for every system."""
    made = Path(tempfile.mkdtemp(prefix="rolekeeper-"))
    if len(str(made)) > LONGEST:
        made.rmdir()
        made = Path(tempfile.mkdtemp(prefix="rolekeeper-", dir="/tmp"))
    return made


async def _order(address: Address, order: str) -> bool:
    """Give the child an order; whether it has done it."""
    assert address.socket is not None
    reader, writer = await asyncio.open_unix_connection(address.socket)
    try:
        writer.write(f"POST / HTTP/1.1\r\nHost: localhost\r\n{ORDER}: {order}\r\n\r\n".encode())
        return b" 204 " in await reader.readline()
    finally:
        writer.close()


def _folder(service: str) -> bool:
    """Whether the mock has a folder for a service; it is not loaded for that."""
    found = importlib.util.find_spec("moto")
    name = _ELSEWHERE.get(service, service.replace("-", ""))
    places = (found.submodule_search_locations or ()) if found is not None else ()
    return name.isalnum() and any(Path(place, name, "urls.py").is_file() for place in places)


async def _spawn(place: Path, scheme: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        "rolekeeper.gateway.embedded_child",
        str(place),
        scheme,
        stdin=asyncio.subprocess.PIPE,  # which ends when this process does
        stdout=asyncio.subprocess.PIPE,
        env={name: os.environ[name] for name in _KEPT if name in os.environ} | _WORLD,
        start_new_session=True,  # Ctrl-C is for this process, which then ends the child
    )


async def _end(child: asyncio.subprocess.Process) -> None:
    if child.stdin is not None:
        child.stdin.close()
    try:
        await asyncio.wait_for(child.wait(), ENDING)
    except TimeoutError:
        child.kill()
        await child.wait()


def _say_failure(task: asyncio.Task[Address]) -> None:
    if not task.cancelled() and task.exception() is not None:
        _log.error("%s", task.exception())
