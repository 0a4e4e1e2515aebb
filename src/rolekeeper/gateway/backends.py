"""What stands behind the gateway: for each service a backend, or nothing.

A `Backend` answers AWS's own protocols and decides nothing that matters here. It must
- be reached at the address that it says, which it may take its time to be ready for;
- take requests that are signed with the key that it names for an account, and keep accounts apart by that
  key, or by the headers that it asks for: a client can send neither;
- act on the request that it gets, as the service's model reads it, or refuse it.
One suite of tests holds every backend to that (`tests/gateway/test_backend_contract.py`).

The rule of this file: what goes to a backend is written here, from what was decided. Of the headers only
those pass that the reader of the request wrote anew, and none by which a backend is told who calls.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from functools import lru_cache, partial
from hashlib import sha256
from types import TracebackType
from typing import Protocol

from rolekeeper.errors import NotImplementedByServer
from rolekeeper.gateway.forwarding import Address, Answer, Forwarding
from rolekeeper.gateway.signing import UNSIGNED, BackendKey, sign
from rolekeeper.wire import client, model

ALL = "*"
"""Stands for every service that has no backend of its own."""
NATIVE = frozenset({"iam", "sts", "organizations", "rolesanywhere", "eks-auth", "rolekeeper", "signin"})
"""The services that no backend is ever asked for: this server answers for them itself."""

_OURS = frozenset(
    {
        "authorization",
        "connection",
        "content-length",
        "expect",
        "forwarded",
        "host",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
        "x-amz-content-sha256",
        "x-amz-date",
        "x-amz-decoded-content-length",
        "x-amz-security-token",
        "x-amz-trailer",
    }
)
_OUR_FAMILIES = ("x-moto-", "x-rolekeeper-", "x-forwarded-", "proxy-", "x-http-method")


class Written(Protocol):
    """A request as it was written anew; `wire.reading` does."""

    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def query(self) -> str: ...
    @property
    def headers(self) -> Mapping[str, str] | Iterable[tuple[str, str]]: ...
    @property
    def body(self) -> bytes | None: ...


class Backend(Protocol):
    """What answers for services."""

    @property
    def shown(self) -> str:
        """What status and banner say of it; no secret, no credentials."""
        ...

    def has(self, service: str) -> bool:
        """Whether it answers for a service, by the name of botocore's model."""
        ...

    def key(self, account: str, service: str) -> BackendKey:
        """The key that signs for an account. NoKey where it has none there."""
        ...

    def headers(self, account: str, service: str, region: str) -> Mapping[str, str]:
        """What it has to be told besides."""
        ...

    async def address(self) -> Address:
        """Where it listens, once it is ready. NotConnected where it is not going to be."""
        ...

    def checked(self, answer: Answer) -> Answer:
        """The answer, if it is one of the service's. AwsError where the backend says that it has failed."""
        ...

    async def start(self) -> None:
        """Begin to be ready, in the background."""
        ...

    async def reset(self) -> None:
        """Forget everything, if it is ours to forget."""
        ...

    async def close(self) -> None:
        """Let everything go."""
        ...


class Backends:
    """All backends, by service; `*` stands for every other service, and None for nothing."""

    def __init__(self, by_service: Mapping[str, Backend | None]) -> None:
        self._by_service: dict[str, Backend | None] = {ALL: None, **by_service}
        self._forwarding = Forwarding()
        self._loading: asyncio.Task[None] | None = None

    @property
    def shown(self) -> Mapping[str, str]:
        """What stands behind, by service; what stands behind all others is last."""
        ordered = sorted(self._by_service.items(), key=lambda each: (each[0] == ALL, each[0]))
        return {service: backend.shown if backend else "nothing" for service, backend in ordered}

    def behind(self, service: str) -> Backend | None:
        """What answers for a service, by the name of botocore's model; None where nothing does."""
        backend = self._by_service.get(service, self._by_service[ALL])
        if backend is None or service in NATIVE or not backend.has(service):
            return None
        return backend

    def open(
        self,
        service: str,
        written: Written,
        body: bytes | AsyncIterator[bytes] | None,
        account: str,
        region: str,
        *,
        length: int | None = None,
        digest: str | None = None,
    ) -> AbstractAsyncContextManager[Answer]:
        """Send a request for an account to a service's backend, and have the answer while the context lasts.

        Without a body it is what was written. One that streams should come with its length, which nearly
        every object store wants, and with its SHA-256 in hexadecimal where the client has named it.
        NotImplementedByServer where nothing stands behind, ServiceUnavailable where that does not answer,
        NoKey where the account has no key there;
        what the body raises is raised here, and the backend has not got the whole of it.
        """
        backend = self.behind(service)
        if backend is None:
            raise NotImplementedByServer(f"nothing stands behind this server for {service}")
        sent = body if body is not None else written.body or b""
        if isinstance(sent, bytes):
            length, digest = len(sent), sha256(sent).hexdigest()
        headers = partial(self._headers, backend, service, written, account, region, length, digest)
        return _Opened(self._forwarding, backend, written, headers, sent)

    @staticmethod
    def _headers(
        backend: Backend,
        service: str,
        written: Written,
        account: str,
        region: str,
        length: int | None,
        digest: str | None,
        host: str,
    ) -> dict[str, str]:
        """All headers of a request, signed."""
        headers = _allowed(written.headers)
        headers["host"] = host
        headers.update(backend.headers(account, service, region))
        headers = sign(
            method=written.method,
            path=written.path,
            query=written.query,
            headers=headers,
            digest=digest or UNSIGNED,
            key=backend.key(account, service),
            service=model.service(service).signing_name,
            region=region,
            now=datetime.now(UTC).replace(microsecond=0),
        )
        if length is not None and (length or written.method not in ("GET", "HEAD", "DELETE")):
            headers["content-length"] = str(length)
        return headers

    async def start(self) -> None:
        """Begin to be ready, in the background."""
        for backend in self._each():
            await backend.start()

    async def warm(self) -> None:
        """Begin to load, in a thread, what the first request would otherwise wait for."""
        if self._each() and self._loading is None:
            self._loading = asyncio.get_running_loop().create_task(self._load())

    async def _load(self) -> None:
        await self._forwarding.warm()
        await asyncio.to_thread(client.load)

    async def reset(self) -> None:
        """Forget everything that is ours to forget."""
        for backend in self._each():
            await backend.reset()

    async def close(self) -> None:
        """Let everything go."""
        if self._loading is not None:
            await self._loading
        await self._forwarding.close()
        for backend in self._each():
            await backend.close()

    def _each(self) -> list[Backend]:
        return list({id(backend): backend for backend in self._by_service.values() if backend}.values())


class _Opened(AbstractAsyncContextManager[Answer]):
    """A request that is sent when its context is entered. A generator would cost more than that."""

    def __init__(
        self,
        forwarding: Forwarding,
        backend: Backend,
        written: Written,
        headers: Callable[[str], Mapping[str, str]],
        body: bytes | AsyncIterator[bytes],
    ) -> None:
        self._forwarding = forwarding
        self._backend = backend
        self._written = written
        self._headers = headers
        self._body = body

    async def __aenter__(self) -> Answer:
        address, written = await self._backend.address(), self._written
        target = f"{written.path}?{written.query}" if written.query else written.path
        headers = self._headers(address.host)
        self._sent = self._forwarding.send(address, written.method, target, headers, self._body)
        answer = await self._sent.__aenter__()
        try:
            return self._backend.checked(answer)
        except BaseException as error:
            await self._sent.__aexit__(type(error), error, error.__traceback__)
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return await self._sent.__aexit__(kind, error, trace)


def _allowed(given: Mapping[str, str] | Iterable[tuple[str, str]]) -> dict[str, str]:
    """The headers by lower-case name, without those that are ours to write. ValueError where one is twice."""
    found: dict[str, str] = {}
    for own, value in given.items() if isinstance(given, Mapping) else given:
        name, passes = _passing(own)
        if name in found:
            raise ValueError(f"the header {name} stands in a request twice")
        if passes:
            found[name] = value
    return found


@lru_cache(maxsize=1024)
def _passing(name: str) -> tuple[str, bool]:
    """The lower-case name of a header, and whether it goes on as it came."""
    name = name.lower()
    return name, name not in _OURS and not name.startswith(_OUR_FAMILIES)
