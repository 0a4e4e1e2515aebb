"""Roles that a request has not as a parameter but inside something: a list of changes, a document.

The rule of this file: a document that may name roles is read, and one that cannot be read is not classified.
Sources: "Patch operations" and "OpenAPI extensions for API Gateway" in the API Gateway Developer Guide;
"SetTopicAttributes" in the SNS API Reference.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from rolekeeper.gateway.asked import Asked, Unclassified
from rolekeeper.wire.model import Service

_NAMES = re.compile("credentials|role", re.IGNORECASE)
_ROLE = re.compile(r"arn:[\w-]+:iam:[^:]*:[^:]*:role[/:]", re.IGNORECASE)


def roles(asked: Asked) -> Iterable[str]:
    """The ARNs of the roles inside a request."""
    find = _SPECIAL.get(asked.service.name)
    return () if find is None else find(asked.members)


def may_have(service: Service) -> bool:
    """Whether requests to a service may have roles inside."""
    return service.name in _SPECIAL


def _of_topics(members: Mapping[str, Any]) -> Iterator[str]:
    """`LambdaSuccessFeedbackRoleArn`, `SubscriptionRoleArn` ... as an attribute's name and value."""
    name, value = members.get("AttributeName"), members.get("AttributeValue")
    if isinstance(name, str) and isinstance(value, str) and "role" in name.lower():
        yield value


def _of_apis(members: Mapping[str, Any]) -> Iterator[str]:
    for each in members.get("patchOperations") or ():
        value = each.get("value")
        if isinstance(value, str) and _ROLE.match(value):
            yield value
    for name in ("body", "Body"):
        if name in members:
            yield from _in_document(members[name])


def _in_document(body: Any) -> Iterator[str]:
    """The roles of an OpenAPI document. One that is no JSON is taken if it cannot have any."""
    text = bytes(body) if isinstance(body, bytes | bytearray | memoryview) else str(body).encode()
    try:
        yield from _named(msgspec.json.decode(text))
    except msgspec.DecodeError:
        if not _is_plain(text) or b"redentials" in text:
            raise Unclassified("which roles a definition names is known only where it is JSON") from None


def _is_plain(text: bytes) -> bool:
    """Whether every word in it is spelled as it is meant: no escapes, and one byte for each letter."""
    try:
        return "\\" not in (read := text.decode()) and "\0" not in read
    except UnicodeDecodeError:
        return False


def _named(found: Any) -> Iterator[str]:
    if isinstance(found, dict):
        for name, value in found.items():
            if isinstance(value, str) and _NAMES.search(name) and _ROLE.match(value):
                yield value
            else:
                yield from _named(value)
    elif isinstance(found, list):
        for each in found:
            yield from _named(each)


_SPECIAL: Mapping[str, Callable[[Mapping[str, Any]], Iterable[str]]] = {
    "apigateway": _of_apis,
    "apigatewayv2": _of_apis,
    "sns": _of_topics,
}
