"""The query protocol of IAM and STS: a form in, XML out.

The two directions are `query_input` and `query_output`; here is the door to both, and the error document.
Source: the "query protocol" page of the Smithy specification.
"""

from __future__ import annotations

from rolekeeper.errors import AwsError
from rolekeeper.wire.model import Service
from rolekeeper.wire.query_input import input_parser
from rolekeeper.wire.query_output import escape, output_writer

__all__ = ["error_document", "input_parser", "output_writer"]

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
