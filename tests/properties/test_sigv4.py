"""Signature Version 4: whatever is changed in a signed request, it is refused, and nothing else happens."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qsl

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rolekeeper.errors import AwsError
from rolekeeper.wire.canonical import canonical_path, canonical_query
from rolekeeper.wire.form import parse_form
from rolekeeper.wire.http import HttpRequest
from tests.wire.signers import BODY, NOW, TOKEN, check, presigned, replaced, signed, with_header

EXAMPLES = settings(max_examples=5_000 if os.environ.get("RK_FUZZ") else 200, deadline=None)

# What botocore signed once; the properties are about what others make of it.
BY_HEADER = signed(url="https://sts.amazonaws.com/a/b?c=d%20e&f=", token=TOKEN)
BY_QUERY = presigned(token=TOKEN)
EITHER = st.sampled_from([BY_HEADER, BY_QUERY])

WIRE = st.text(st.characters(min_codepoint=0, max_codepoint=255), max_size=40)
PRINTABLE = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40)
SIGNED_NAMES = ["host", "content-type", "x-amz-date", "x-amz-security-token"]
SIGNATURE_WORDS = st.sampled_from(
    [
        *(
            "AWS4-HMAC-SHA256",
            "Credential=",
            "SignedHeaders=",
            "Signature=",
            "AKIDEXAMPLE/20260101/us-east-1/sts",
        ),
        *(
            "/aws4_request",
            "host",
            ";",
            "x-amz-date",
            ", ",
            " ",
            "=",
            "/",
            "&",
            "%",
            "+",
            "%2F",
            "\x00",
            "é",
            "Z",
        ),
        *("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"),
        *(
            "X-Amz-Expires",
            "20260101T001000Z",
            "Thu, 01 Jan 2026 00:10:00 GMT",
            "0" * 64,
            "-",
            "9" * 30,
            "../",
        ),
    ]
)
NEARLY = st.lists(SIGNATURE_WORDS | WIRE, max_size=12).map("".join)


def is_refused(request: HttpRequest) -> None:
    with pytest.raises(AwsError):
        check(request)


def edited(text: str, at: int, change: Callable[[str], str]) -> str:
    """The text with one of its characters changed, dropped or doubled."""
    at %= len(text)
    return text[:at] + change(text[at]) + text[at + 1 :]


POSITIONS = st.integers(min_value=0, max_value=10_000)
CHANGES: st.SearchStrategy[Callable[[str], str]] = st.one_of(
    st.just(lambda _: ""),
    st.just(lambda character: character * 2),
    st.characters(min_codepoint=33, max_codepoint=126).map(lambda other: lambda _: other),
)


def test_the_requests_are_right_before_anything_is_changed() -> None:
    assert [check(request).session_token for request in (BY_HEADER, BY_QUERY)] == [TOKEN, TOKEN]


@EXAMPLES
@given(EITHER, st.sampled_from(["GET", "PUT", "HEAD", "DELETE", "get"]) | PRINTABLE)
def test_another_method_is_refused(request: HttpRequest, method: str) -> None:
    assume(method != request.method)
    is_refused(replaced(request, method=method))


@EXAMPLES
@given(EITHER, PRINTABLE)
def test_another_path_is_refused(request: HttpRequest, path: str) -> None:
    assume(canonical_path(f"/{path}") != canonical_path(request.path))
    is_refused(replaced(request, path=f"/{path}"))


@EXAMPLES
@given(EITHER, POSITIONS, CHANGES)
def test_any_change_of_the_query_string_is_refused(
    request: HttpRequest, at: int, change: Callable[[str], str]
) -> None:
    query = edited(request.query, at, change)
    assume(parameters(query) != parameters(request.query))
    is_refused(replaced(request, query=query))


@EXAMPLES
@given(EITHER, PRINTABLE)
def test_another_parameter_is_refused(request: HttpRequest, parameter: str) -> None:
    assume(parameters(parameter))
    is_refused(replaced(request, query=f"{request.query}&{parameter}"))


@EXAMPLES
@given(st.sampled_from(SIGNED_NAMES), POSITIONS, CHANGES)
def test_any_change_of_a_signed_header_is_refused(name: str, at: int, change: Callable[[str], str]) -> None:
    value = BY_HEADER.header(name) or ""
    other = edited(value, at, change)
    assume(other.split() != value.split())
    is_refused(with_header(BY_HEADER, name, other))


@EXAMPLES
@given(st.sampled_from(SIGNED_NAMES), PRINTABLE)
def test_a_signed_header_again_is_refused(name: str, value: str) -> None:
    is_refused(replaced(BY_HEADER, headers=(*BY_HEADER.headers, (name, value))))


@pytest.mark.parametrize("name", [*SIGNED_NAMES, "authorization"])
def test_a_signed_request_without_one_of_its_headers_is_refused(name: str) -> None:
    is_refused(with_header(BY_HEADER, name, None))


@EXAMPLES
@given(POSITIONS, CHANGES)
def test_any_change_of_the_authorization_header_is_refused(at: int, change: Callable[[str], str]) -> None:
    value = BY_HEADER.header("authorization") or ""
    other = edited(value, at, change)
    assume(other.replace(",", " ").split() != value.replace(",", " ").split())
    is_refused(with_header(BY_HEADER, "authorization", other))


@EXAMPLES
@given(st.integers(min_value=0, max_value=len(BODY) - 1), st.integers(min_value=0, max_value=255))
def test_any_byte_of_the_body_is_refused(at: int, byte: int) -> None:
    body = BODY[:at] + bytes([byte]) + BODY[at + 1 :]
    assume(body != BODY)
    is_refused(replaced(BY_HEADER, body=body))


@EXAMPLES
@given(EITHER, st.binary(min_size=1, max_size=40))
def test_a_longer_body_is_refused(request: HttpRequest, more: bytes) -> None:
    is_refused(replaced(request, body=request.body + more))


@EXAMPLES
@given(NEARLY, NEARLY, NEARLY, st.booleans())
def test_no_header_makes_another_error(authorization: str, date: str, more: str, signed_form: bool) -> None:
    prefix = "AWS4-HMAC-SHA256 Credential=" if signed_form else ""
    headers = (("host", "h"), ("x-amz-date", date), ("date", more), ("authorization", prefix + authorization))
    is_refused(HttpRequest(method="POST", path="/", headers=headers))


@EXAMPLES
@given(st.lists(st.tuples(PRINTABLE.map(str.lower), WIRE), max_size=6), WIRE, NEARLY, st.binary(max_size=20))
def test_no_request_makes_another_error(
    headers: list[tuple[str, str]], path: str, query: str, body: bytes
) -> None:
    is_refused(
        replaced(BY_HEADER, headers=(*BY_HEADER.headers, *headers), path=path, query=f"{query}&a", body=body)
    )


@EXAMPLES
@given(NEARLY)
def test_no_presigned_query_makes_another_error(query: str) -> None:
    is_refused(HttpRequest(method="GET", path="/", query=f"X-Amz-Algorithm=AWS4-HMAC-SHA256&{query}"))


@EXAMPLES
@given(st.integers(min_value=-(10**9), max_value=10**9))
def test_a_signature_is_good_for_fifteen_minutes(seconds: int) -> None:
    later = NOW + timedelta(seconds=seconds)
    if abs(seconds) <= 900:
        check(BY_HEADER, now=later)
    else:
        with pytest.raises(AwsError):
            check(BY_HEADER, now=later)


@EXAMPLES
@given(st.lists(st.tuples(WIRE, WIRE), max_size=5))
def test_what_is_signed_is_what_is_read(pairs: list[tuple[str, str]]) -> None:
    query = "&".join(f"{name}={value}" for name, value in pairs)
    try:
        form = parse_form("GET", query, None, b"")
    except AwsError:
        return
    assert parse_form("GET", canonical_query(query), None, b"") == form


def parameters(query: str) -> list[tuple[str, str]]:
    """What a query string says, by another parser than ours."""
    return sorted(parse_qsl(query, keep_blank_values=True, errors="surrogateescape"))
