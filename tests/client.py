"""The unmodified AWS SDK against a server: in this process by default, at a URL on request.

In process, a `before-send` handler takes each signed request where the SDK would have put it on the
network and hands it to the dispatcher. With `RK_TEST_URL` set, the same tests talk to that URL as
the SDK's default credentials, which must be those of a root user; `ROLEKEEPER_TEST_OTHER_KEY_ID` and
`ROLEKEEPER_TEST_OTHER_SECRET` are those of a second account's root user.
"""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore import UNSIGNED
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config

from rolekeeper import app, wire
from rolekeeper.config import SeedAccount, Settings
from rolekeeper.wire.http import HttpRequest, HttpResponse

ACCOUNT, OTHER_ACCOUNT = "111111111111", "222222222222"
OTHER = SeedAccount(
    id=OTHER_ACCOUNT, name="other", root_access_key_id="other_root", root_secret_access_key="other_secret"
)
URL = os.environ.get("RK_TEST_URL")
MODELS = Path(wire.__file__).parent / "models"


class Person:
    """Somebody with credentials: a client for each service, as the SDK makes it."""

    def __init__(
        self, world: World, key_id: str, secret: str, token: str | None = None, region: str = "us-east-1"
    ) -> None:
        self.world = world
        self.key_id, self.secret = key_id, secret
        self._keys = (key_id, secret, token)
        self._region = region

    @cached_property
    def iam(self) -> Any:
        return self._client("iam")

    @cached_property
    def sts(self) -> Any:
        return self._client("sts")

    @cached_property
    def organizations(self) -> Any:
        return self._client("organizations")

    @cached_property
    def workloads(self) -> Any:
        """The service `rolekeeper`: what runs as what."""
        return self._client("rolekeeper")

    @cached_property
    def unsigned_sts(self) -> Any:
        return self._client("sts", signature_version=UNSIGNED)

    @property
    def arn(self) -> str:
        arn: str = self.sts.get_caller_identity()["Arn"]
        return arn

    @cached_property
    def account(self) -> str:
        account: str = self.sts.get_caller_identity()["Account"]
        return account

    def client(self, service: str, **config: Any) -> Any:
        """A client of any service; each is made once."""
        made: dict[str, Any] = self.__dict__.setdefault("_made", {})
        if config:
            return self._client(service, **config)
        return made.get(service) or made.setdefault(service, self._client(service))

    def in_region(self, region: str) -> Person:
        """The same credentials, used in another region."""
        return Person(self.world, *self._keys, region=region)

    def _client(self, service: str, **config: Any) -> Any:
        key_id, secret, token = self._keys
        client = _session().client(
            service,
            region_name=self._region,
            endpoint_url=self.world.url,
            aws_access_key_id=key_id,
            aws_secret_access_key=secret,
            aws_session_token=token,
            # Nothing is tried twice, and it is the server that must notice what is wrong with a request.
            config=Config(retries={"total_max_attempts": 1}, parameter_validation=False, **config),
        )
        if self.world.url is None:
            client.meta.events.register("before-send", self.world.answer)
        self.world.opened(client)
        return client


class World:
    """A server with two accounts, and the people in it."""

    url: str | None = None
    root: Person
    other: Person

    def person(self, credentials: Mapping[str, Any]) -> Person:
        """Whoever holds an `AccessKey` or `Credentials` structure of an answer."""
        token = credentials.get("SessionToken")
        return Person(self, credentials["AccessKeyId"], credentials["SecretAccessKey"], token)

    def answer(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        raise NotImplementedError

    def opened(self, client: Any) -> None:
        """Note that somebody has a client."""

    def advance(self, seconds: float) -> None:
        """Move the server's clock."""
        raise NotImplementedError

    def close(self) -> None:
        """Let the server go."""


class LocalWorld(World):
    """A server in this process, with its state in memory."""

    def __init__(self, **settings: Any) -> None:
        self.server = app.build(Settings(ephemeral=True, account=ACCOUNT, seed=(OTHER,), **settings))
        self.root = Person(self, self.server.root_access_key_id, self.server.root_secret.reveal())
        self.other = Person(self, OTHER.root_access_key_id, OTHER.root_secret_access_key)
        self.root.account, self.other.account = ACCOUNT, OTHER_ACCOUNT

    def answer(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        answer = self.server.dispatch(http_request(request))
        return AWSResponse(request.url, answer.status, dict(answer.headers), _Raw(answer))

    def advance(self, seconds: float) -> None:
        self.server.clock.advance(seconds)

    def events(self) -> list[dict[str, Any]]:
        """The audit trail, oldest first."""
        return [json.loads(record.document) for _, record in self.server.store.events()]

    def close(self) -> None:
        self.server.close()


class RemoteWorld(World):
    """A server at a URL, put into its first state when it can be."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._post("reset", {})
        own = boto3.Session().get_credentials()
        self.root = Person(self, own.access_key, own.secret_key, own.token)
        key_id = os.environ.get("ROLEKEEPER_TEST_OTHER_KEY_ID", OTHER.root_access_key_id)
        secret = os.environ.get("ROLEKEEPER_TEST_OTHER_SECRET", OTHER.root_secret_access_key)
        self.other = Person(self, key_id, secret)

    def advance(self, seconds: float) -> None:
        if not self._post("clock", {"advance_seconds": seconds}):
            pytest.skip("the time of this server cannot be moved")

    def _post(self, route: str, body: dict[str, Any]) -> bool:
        request = urllib.request.Request(
            f"{self.url}/_rolekeeper/{route}",
            data=json.dumps(body).encode(),
            headers={"content-type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request) as answer:
                return bool(answer.status < 300)
        except urllib.error.HTTPError:
            return False


def http_request(request: AWSPreparedRequest) -> HttpRequest:
    """What a server would have read from the network."""
    url = urlsplit(request.url)
    headers = [(name.lower(), _text(value)) for name, value in request.headers.items()]
    body = request.body or b""
    return HttpRequest(
        method=request.method,
        path=url.path or "/",
        query=url.query,
        headers=[("host", url.netloc), *headers],
        body=body.encode() if isinstance(body, str) else bytes(body),
        secure=url.scheme == "https",
    )


class _Raw:
    """The body of an answer as the SDK reads it."""

    def __init__(self, answer: HttpResponse) -> None:
        self._answer = answer

    def stream(self) -> Iterator[bytes]:
        yield self._answer.body


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


@cache
def _session() -> boto3.Session:
    session = boto3.Session()
    session._loader.search_paths.append(str(MODELS))  # where the model of our own service is
    return session
