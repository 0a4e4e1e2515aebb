"""Stories, played by clients that are not boto3: whoever can make a call can play them all.

A story knows people with a client for each service; here, boto3 only tells which operations those have, and
`make` makes the call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import boto3
from botocore.exceptions import ClientError

from tests.client import Person, World


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One call to be made."""

    service: str
    operation: str
    arguments: Mapping[str, Any]
    access_key_id: str
    secret_access_key: str
    session_token: str | None


Make = Callable[[Order], dict[str, Any]]
"""Makes a call. It answers as boto3 does, and raises what boto3 raises."""


class ForeignWorld(World):
    """A server whose people have somebody else's clients."""

    def __init__(self, make: Make, root: Mapping[str, str], other: Mapping[str, str]) -> None:
        self._make = make
        self.root, self.other = self.person(root), self.person(other)

    def person(self, credentials: Mapping[str, Any]) -> Person:
        return _Person(self, self._make, credentials)


class _Person(Person):
    def __init__(self, world: World, make: Make, credentials: Mapping[str, Any]) -> None:
        keys = (credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials.get("SessionToken"))
        super().__init__(world, *keys)
        self._make = make

    def _client(self, service: str) -> Any:
        return _Client(service, self._make, self._keys)


class _Client:
    def __init__(self, service: str, make: Make, keys: tuple[str, str, str | None]) -> None:
        self.meta = boto3.client(service, region_name="us-east-1").meta
        self._service, self._make, self._keys = service, make, keys

    def __getattr__(self, method: str) -> Any:
        return partial(self._call, self.meta.method_to_api_mapping[method])

    def _call(self, operation: str, **arguments: Any) -> dict[str, Any]:
        key_id, secret, token = self._keys
        order = Order(
            service=self._service,
            operation=operation,
            arguments=arguments,
            access_key_id=key_id,
            secret_access_key=secret,
            session_token=token,
        )
        return self._make(order)


def refusal(operation: str, code: str, message: str, status: int = 0) -> ClientError:
    """What boto3 raises where a call is refused."""
    told = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(told, operation)
