"""The client's side of AWS's protocols: a call as a request, and an answer as members, by a service's model.

For what the server itself has to ask of a service that stands behind it. botocore's own serializers and
parsers do the work: what they understand is what any SDK understands. They are loaded when the first question
is asked, and botocore has its second and last door here.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from rolekeeper.errors import RolekeeperError
from rolekeeper.wire import model

__all__ = ["Refused", "Request", "load", "read_answer", "write_request"]


class Refused(RolekeeperError):
    """A service's answer that it will not: its code, its HTTP status and its text."""

    def __init__(self, code: str, status: int, message: str) -> None:
        super().__init__(f"{code} ({status}): {message}")
        self.code, self.status, self.message = code, status, message


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A request, not signed."""

    method: str
    path: str
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


def load() -> None:
    """Load botocore's part now, for who would rather not wait for it later."""
    import botocore.model
    import botocore.parsers
    import botocore.serialize  # noqa: F401


def write_request(service: str, operation: str, members: Mapping[str, Any]) -> Request:
    """The request of a call. LookupError where there is no such operation, ValueError for wrong members."""
    kit = _kit(service)
    made = kit.serializer.serialize_to_request(members, kit.operation(operation))
    path, _, marks = made["url_path"].partition("?")
    query = "&".join(part for part in (marks, _encoded(made["query_string"])) if part)
    body = made["body"]
    return Request(
        method=made["method"],
        path=path or "/",
        query=query,
        headers=tuple((name.lower(), str(value)) for name, value in made["headers"].items()),
        body=urlencode(body).encode() if isinstance(body, dict) else _bytes(body),
    )


def read_answer(
    service: str, operation: str, status: int, headers: Mapping[str, str], body: bytes
) -> dict[str, Any]:
    """The members of an answer, by the model's names; Refused where it is an error, or cannot be read."""
    kit = _kit(service)
    shape = kit.operation(operation).output_shape
    blob = _blob_of(shape) if status < 300 else None
    raw = {"status_code": status, "headers": _headers(headers), "body": body if blob is None else b""}
    try:
        parsed: dict[str, Any] = kit.parser.parse(raw, shape)
    except Exception as error:  # of whatever kind: what is no answer of AWS's answers nothing
        raise Refused("UnreadableAnswer", status, type(error).__name__) from None
    if status < 300 and kit.is_json and body and shape and "payload" not in shape.serialization:
        _check_json(body)
    parsed.pop("ResponseMetadata", None)
    if blob is not None:
        parsed[blob] = body
    if status >= 300:
        found = parsed.get("Error", {})
        raise Refused(str(found.get("Code", status)), status, str(found.get("Message", "")))
    return parsed


def _blob_of(shape: Any) -> str | None:
    """The member of an answer that is its whole body, byte by byte; botocore takes it for text."""
    name = shape.serialization.get("payload") if shape else None
    return name if name is not None and shape.members[name].type_name == "blob" else None


class _Kit:
    """What is needed for one service."""

    def __init__(self, name: str) -> None:
        from botocore.model import ServiceModel
        from botocore.parsers import create_parser
        from botocore.serialize import create_serializer

        self._model = ServiceModel(model.document(name), service_name=name)
        protocol = self._model.resolved_protocol
        self.is_json = protocol in ("json", "rest-json")
        self.serializer = create_serializer(protocol, include_validation=False)
        self.parser = create_parser(protocol)

    def operation(self, name: str) -> Any:
        if name not in self._model.operation_names:
            raise LookupError(f"{self._model.service_name} has no operation {name}")
        return self._model.operation_model(name)


@cache
def _kit(service: str) -> _Kit:
    return _Kit(service)


def _headers(given: Mapping[str, str]) -> Any:
    from botocore.compat import HTTPHeaders

    return HTTPHeaders.from_dict(given)


def _check_json(body: bytes) -> None:
    """botocore's parser takes for empty what is no JSON at all."""
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Refused("UnreadableAnswer", 200, "no JSON object")


def _encoded(query: Any) -> str:
    if isinstance(query, str):
        return query
    pairs = query.items() if isinstance(query, Mapping) else query
    each = [
        (name, one)
        for name, value in pairs
        for one in (value if isinstance(value, list | tuple) else [value])
    ]
    return "&".join(f"{_percent(name)}={_percent(value)}" for name, value in each)


def _percent(value: Any) -> str:
    text = ("true" if value else "false") if isinstance(value, bool) else str(value)
    return quote(text, safe="-._~")


def _bytes(body: Any) -> bytes:
    return body.encode() if isinstance(body, str) else bytes(body or b"")
