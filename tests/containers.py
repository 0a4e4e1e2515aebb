"""The credentials endpoint of containers on a port of this machine, and the SDK that has nothing but its
variables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from botocore.utils import ContainerMetadataFetcher

from rolekeeper.cli.launch.listener import Answer, Asked, Listener
from rolekeeper.endpoints.containers import AGENTS, FULL, PREFIX, RELATIVE, Containers
from rolekeeper.wire.http import HttpRequest
from tests.client import LocalWorld


@contextmanager
def endpoint(world: LocalWorld) -> Iterator[str]:
    """Serve the endpoint for as long as it is used; its URL."""
    containers = Containers(world.server)

    def respond(asked: Asked) -> Answer:
        path, _, query = asked.target.partition("?")
        request = HttpRequest(
            method=asked.method, path=path, query=query, headers=list(asked.headers.items()), body=asked.body
        )
        found = containers.answer(request, "127.0.0.1", listener.port)
        return Answer(status=found.status, headers=dict(found.headers), body=found.body)

    listener = Listener(respond)
    with listener:
        yield listener.endpoint


def by_token(url: str, secret: str, *, agent: bool = False) -> dict[str, str]:
    """The variables of a full URI and its token."""
    return {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": url + PREFIX + (AGENTS if agent else FULL),
        "AWS_CONTAINER_AUTHORIZATION_TOKEN": secret,
    }


def by_id(url: str, secret: str) -> dict[str, str]:
    """The variable of a full URI that has all in it, as a relative one has."""
    return {"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{url}{RELATIVE}/{secret}"}


class Program:
    """An unmodified SDK in an environment that has these variables and nothing else of AWS's."""

    def __init__(self, world: LocalWorld, variables: dict[str, str]) -> None:
        self._world = world
        with pytest.MonkeyPatch.context() as patched:
            for name, value in variables.items():
                patched.setenv(name, value)
            patched.setattr(ContainerMetadataFetcher, "SLEEP_TIME", 0)  # it tries thrice, a second apart
            self._session = boto3.Session(region_name="us-east-1")
            self.credentials = self._session.get_credentials()

    def client(self, service: str) -> Any:
        """The SDK's client of a service, with whatever credentials the SDK has found."""
        found = self._session.client(service)
        found.meta.events.register("before-send", self._world.answer)
        return found

    @property
    def arn(self) -> str:
        """Who it is."""
        arn: str = self.client("sts").get_caller_identity()["Arn"]
        return arn
