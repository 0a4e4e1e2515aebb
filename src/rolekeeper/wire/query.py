"""The query protocol of IAM and STS: a form in, XML out.

The two directions are `query_input` and `query_output`; here is the door to both, and the error document.
Source: the "query protocol" page of the Smithy specification.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rolekeeper.errors import AwsError
from rolekeeper.wire.model import Service
from rolekeeper.wire.query_input import input_parser
from rolekeeper.wire.query_output import escape, output_writer

__all__ = ["error_document", "form_of", "input_parser", "output_writer"]

_NO_SERVICE = "http://webservices.amazon.com/AWSFault/2005-15-09"
"""The namespace of AWS's answer to a request that names no service that it knows."""


def error_document(service: Service | None, error: AwsError, request_id: str) -> bytes:
    """The XML of an error; `service` is None where the request names none."""
    namespace = _NO_SERVICE if service is None else service.xml_namespace
    return (
        f'<ErrorResponse xmlns="{namespace}"><Error><Type>{error.fault}</Type><Code>{error.code}</Code>'
        f"<Message>{escape(error.message)}</Message></Error><RequestId>{escape(request_id)}</RequestId>"
        "</ErrorResponse>"
    ).encode()


def form_of(members: Mapping[str, Any]) -> dict[str, str]:
    """Members of a request, by the model's names, as the parameters of its form: `Tags.member.1.Key`."""
    return dict(_flat("", members))


def _flat(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, Mapping):
        for key, member in value.items():
            yield from _flat(f"{name}.{key}" if name else key, member)
    elif isinstance(value, list):
        for number, member in enumerate(value, 1):
            yield from _flat(f"{name}.member.{number}", member)
    elif value is not None:
        yield name, str(value).lower() if isinstance(value, bool) else str(value)
