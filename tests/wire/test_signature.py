"""What is read of a signature, and what is refused before anything is calculated."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rolekeeper.errors import IncompleteSignature, InvalidClientTokenId, SignatureDoesNotMatch
from rolekeeper.wire.http import HttpRequest
from rolekeeper.wire.signature import Signature, read_signature
from tests.wire.signers import KEY_ID, NOW, SECRET, TOKEN, presigned, replaced, signed, with_header

CREDENTIAL = "Credential=AKIDEXAMPLE/20260101/us-east-1/sts/aws4_request"
HEX = "0" * 64
PLAIN = f"AWS4-HMAC-SHA256 {CREDENTIAL}, SignedHeaders=host;x-amz-date, Signature={HEX}"


def request_with(authorization: str, *more: tuple[str, str], date: str = "20260101T001000Z") -> HttpRequest:
    headers = (("host", "sts.amazonaws.com"), ("x-amz-date", date), ("authorization", authorization), *more)
    return HttpRequest(method="POST", path="/", headers=headers)


def read(request: HttpRequest) -> Signature:
    signature = read_signature(request)
    assert signature is not None
    return signature


def test_a_request_without_credentials_has_no_signature() -> None:
    assert read_signature(HttpRequest(method="POST", path="/", headers=(("host", "h"),))) is None


def test_a_query_string_that_says_nothing_of_a_signature_is_none() -> None:
    assert read_signature(HttpRequest(method="GET", path="/", query="Action=ListUsers&X-Amz-Date=1")) is None


def test_the_header_form_is_read() -> None:
    signature = read(request_with(PLAIN))
    assert (signature.access_key_id, signature.date) == ("AKIDEXAMPLE", "20260101")
    assert (signature.region, signature.service) == ("us-east-1", "sts")
    assert signature.timestamp == NOW
    assert signature.signed_headers == ("host", "x-amz-date")
    assert (signature.signature, signature.session_token) == (HEX, None)
    assert (signature.presigned, signature.expires) == (False, None)


def test_the_query_form_is_read() -> None:
    signature = read(presigned(token=TOKEN, expires=900))
    assert (signature.presigned, signature.expires) == (True, 900)
    assert (signature.access_key_id, signature.session_token) == (KEY_ID, TOKEN)
    assert signature.signed_headers == ("host",)


def test_commas_without_spaces_and_another_order_are_the_same() -> None:
    other = f"AWS4-HMAC-SHA256 Signature={HEX},SignedHeaders=host;x-amz-date,{CREDENTIAL}"
    assert read(request_with(other)) == read(request_with(PLAIN))


def test_the_session_token_of_the_header_is_read() -> None:
    assert read(signed(token=TOKEN)).session_token == TOKEN


def test_neither_token_nor_signature_is_in_the_text_form() -> None:
    signature = read(signed(token=TOKEN))
    assert TOKEN not in repr(signature)
    assert signature.signature not in repr(signature)


NO_CREDENTIAL = "Authorization header requires 'Credential' parameter. "
NO_SIGNATURE = "Authorization header requires 'Signature' parameter. "
NO_SIGNED_HEADERS = "Authorization header requires 'SignedHeaders' parameter. "
UNSIGNED = f"AWS4-HMAC-SHA256 {CREDENTIAL}, SignedHeaders=host;x-amz-date, Signature="
NOT_A_PAIR = "'{}' not a valid key=value pair (missing equal-sign) in Authorization header: '{}'."
NOT_FIVE = (
    "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{}'"
)

INCOMPLETE = [
    ("AWS4-HMAC-SHA256", f"{NO_CREDENTIAL}{NO_SIGNATURE}{NO_SIGNED_HEADERS}Authorization=AWS4-HMAC-SHA256"),
    (UNSIGNED, f"{NO_SIGNATURE}Authorization={UNSIGNED}"),
    ("AWS4-HMAC-SHA256 a, b=c", NOT_A_PAIR.format("a", "AWS4-HMAC-SHA256 a, b=c")),
    (f"{PLAIN}, Signature=00", "Authorization header has the 'Signature' parameter more than once."),
    (PLAIN.replace("/sts", ""), NOT_FIVE.format("AKIDEXAMPLE/20260101/us-east-1/aws4_request")),
    (
        PLAIN.replace("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"),
        "Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256' (only AWS4-HMAC-SHA256 for now). ",
    ),
    ("AWS AKIDEXAMPLE:c2ln", "Unsupported AWS 'algorithm': 'AWS' (only AWS4-HMAC-SHA256 for now). "),
    ("Bearer eyJhbGciOi", "Unsupported AWS 'algorithm': 'Bearer' (only AWS4-HMAC-SHA256 for now). "),
    ("Basic YWxhZGRpbjpv", "Unsupported AWS 'algorithm': 'Basic' (only AWS4-HMAC-SHA256 for now). "),
    ("eyJhbGciOi", "Unsupported AWS 'algorithm': '' (only AWS4-HMAC-SHA256 for now). "),
    ("", "Unsupported AWS 'algorithm': '' (only AWS4-HMAC-SHA256 for now). "),
]


@pytest.mark.parametrize(("authorization", "message"), INCOMPLETE)
def test_an_incomplete_header_is_refused(authorization: str, message: str) -> None:
    with pytest.raises(IncompleteSignature) as refused:
        read_signature(request_with(authorization))
    assert refused.value.message == message


def test_two_authorization_headers_are_refused() -> None:
    with pytest.raises(IncompleteSignature):
        read_signature(request_with(PLAIN, ("authorization", PLAIN)))


def test_a_secret_in_the_place_of_the_key_id_is_not_shown() -> None:
    with pytest.raises(IncompleteSignature) as refused:
        read_signature(request_with(PLAIN.replace("AKIDEXAMPLE", SECRET)))
    assert "got '.../20260101/us-east-1/sts/aws4_request'" in refused.value.message
    assert not any(part in refused.value.message for part in SECRET.split("/"))


def test_a_bearer_token_is_not_shown_even_without_its_scheme() -> None:
    with pytest.raises(IncompleteSignature) as refused:
        read_signature(request_with("eyJhbGciOiJIUzI1NiJ9 eyJzdWIiOiIxIn0"))
    assert "eyJ" not in refused.value.message


def test_what_is_shown_is_short_and_printable() -> None:
    with pytest.raises(IncompleteSignature) as refused:
        read_signature(request_with("AWS4-HMAC-SHA256 a=\x00\xff" + "b" * 10_000))
    assert len(refused.value.message) < 700
    assert refused.value.message.isascii()
    assert refused.value.message.isprintable()


@pytest.mark.parametrize("key_id", ["", "AK", "A" * 129, "AKID-EXAMPLE", "AKID=EXAMPLE"])
def test_what_cannot_be_a_key_id_is_refused(key_id: str) -> None:
    with pytest.raises(InvalidClientTokenId):
        read_signature(request_with(PLAIN.replace("AKIDEXAMPLE", key_id)))


def test_a_credential_with_odd_characters_is_refused() -> None:
    with pytest.raises(IncompleteSignature, match="exactly 5"):
        read_signature(request_with(PLAIN.replace("us-east-1", "us-éast-1")))


def test_another_terminator_is_refused() -> None:
    with pytest.raises(SignatureDoesNotMatch) as refused:
        read_signature(request_with(PLAIN.replace("aws4_request", "aws5_request")))
    assert refused.value.message == (
        "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5_request'."
    )


def test_a_token_that_is_not_ascii_is_refused() -> None:
    with pytest.raises(InvalidClientTokenId):
        read_signature(with_header(signed(token=TOKEN), "x-amz-security-token", "tök"))


# -- the date -------------------------------------------------------------------------------------


def test_a_request_without_a_date_is_refused() -> None:
    with pytest.raises(IncompleteSignature) as refused:
        read_signature(with_header(request_with(PLAIN), "x-amz-date", None))
    assert refused.value.message == (
        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
        f"Authorization={PLAIN}"
    )


@pytest.mark.parametrize("date", ["Thu, 01 Jan 2026 00:10:00 GMT", "20260101T001000Z"])
def test_the_date_header_will_do(date: str) -> None:
    authorization = PLAIN.replace("x-amz-date", "my-header")
    headers = (("host", "h"), ("date", date), ("my-header", ""), ("authorization", authorization))
    signature = read(HttpRequest(method="POST", path="/", headers=headers))
    assert (signature.timestamp, signature.stamp) == (NOW, "20260101T001000Z")


def test_x_amz_date_goes_before_date() -> None:
    request = request_with(PLAIN, ("date", "Fri, 02 Jan 2026 00:10:00 GMT"))
    assert read(request).timestamp == NOW


@pytest.mark.parametrize(
    "date",
    [
        "2026-01-01T00:10:00Z",
        "20260101",
        "20260230T000000Z",
        "20260101T250000Z",
        "00000101T000000Z",
        "２0260101T001000Z",
        "Thu, 01 Foo 2026 00:10:00 GMT",
        "Thu, 31 Feb 2026 00:10:00 GMT",
        "Thu, 01 Jan 2026 00:10:00 +0100",
        "20260101T001000Z,20260101T001000Z",
    ],
)
def test_another_form_of_date_is_refused(date: str) -> None:
    with pytest.raises(IncompleteSignature, match=r"Date must be in ISO-8601 'basic format'\. Got '"):
        read_signature(request_with(PLAIN, date=date))


def test_a_date_far_away_is_read() -> None:
    assert read(request_with(PLAIN, date="99991231T235959Z")).timestamp == datetime(
        9999, 12, 31, 23, 59, 59, tzinfo=UTC
    )


# -- signed headers -------------------------------------------------------------------------------


def test_the_host_must_be_signed() -> None:
    with pytest.raises(SignatureDoesNotMatch) as refused:
        read_signature(request_with(PLAIN.replace("host;", "")))
    assert refused.value.message == (
        "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
    )


@pytest.mark.parametrize("name", ["x-amz-security-token", "x-amz-content-sha256", "x-amz-anything"])
def test_every_x_amz_header_must_be_signed(name: str) -> None:
    with pytest.raises(SignatureDoesNotMatch) as refused:
        read_signature(request_with(PLAIN, (name, "value")))
    assert refused.value.message == f"'{name}' must be a 'SignedHeader' in the AWS Authorization."


def test_x_amz_date_must_be_signed() -> None:
    with pytest.raises(SignatureDoesNotMatch, match="'x-amz-date' must be"):
        read_signature(request_with(PLAIN.replace(";x-amz-date", "")))


def test_a_trace_header_need_not_be_signed() -> None:
    assert read(request_with(PLAIN, ("x-amzn-trace-id", "Root=1"), ("amz-sdk-request", "attempt=1")))


@pytest.mark.parametrize(
    "names",
    [
        "x-amz-date;host",
        "host;x-amz-date;x-amz-date",
        "host;X-Amz-Date;x-amz-date",
        "host;;x-amz-date",
        "host;",
    ],
)
def test_signed_headers_out_of_order_are_refused(names: str) -> None:
    with pytest.raises(IncompleteSignature, match="'SignedHeaders' must be lower-case header names"):
        read_signature(request_with(PLAIN.replace("host;x-amz-date", names)))


def test_very_many_signed_headers_are_refused() -> None:
    names = ";".join(sorted({"host", "x-amz-date"} | {f"h{number}" for number in range(200)}))
    with pytest.raises(IncompleteSignature, match="at most 128 headers"):
        read_signature(request_with(PLAIN.replace("host;x-amz-date", names)))


# -- the query string -----------------------------------------------------------------------------


def test_header_and_query_at_once_are_refused() -> None:
    with pytest.raises(SignatureDoesNotMatch) as refused:
        read_signature(with_header(presigned(), "authorization", PLAIN))
    assert refused.value.message == (
        "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."
    )


@pytest.mark.parametrize("sign", ["X-Amz-Algorithm", "X-Amz-Credential=a", "X%2DAmz%2DSignature=0"])
def test_an_incomplete_query_string_is_refused(sign: str) -> None:
    with pytest.raises(IncompleteSignature) as refused:
        read_signature(HttpRequest(method="GET", path="/", query=sign))
    assert "AWS query-string parameters must include 'X-Amz-SignedHeaders'. " in refused.value.message
    assert refused.value.message.endswith("Re-examine the query-string parameters.")


@pytest.mark.parametrize(
    "name", ["X-Amz-Credential", "X-Amz-Security-Token", "X-Amz-Expires", "X-Amz-Signature"]
)
def test_a_parameter_of_the_signature_twice_is_refused(name: str) -> None:
    request = presigned(token=TOKEN)
    with pytest.raises(IncompleteSignature, match=f"'{name}' only once"):
        read_signature(replaced(request, query=f"{request.query}&{name}=x"))


@pytest.mark.parametrize(
    ("expires", "message"),
    [
        ("0", "X-Amz-Expires must be at least 1 second"),
        ("-1", "X-Amz-Expires must be non-negative"),
        ("604801", "X-Amz-Expires must be less than a week"),
        ("9" * 5000, "X-Amz-Expires must be less than a week"),
        ("1.5", "X-Amz-Expires should be a number"),
        ("--1", "X-Amz-Expires should be a number"),
        ("%D9%A3", "X-Amz-Expires should be a number"),
        ("", "X-Amz-Expires should be a number"),
    ],
)
def test_an_expiry_out_of_range_is_refused(expires: str, message: str) -> None:
    query = presigned().query.replace("X-Amz-Expires=60", f"X-Amz-Expires={expires}")
    with pytest.raises(IncompleteSignature, match=message):
        read_signature(replaced(presigned(), query=query))


@pytest.mark.parametrize("expires", [1, 604_800])
def test_the_bounds_of_the_expiry_are_read(expires: int) -> None:
    assert read(presigned(expires=expires)).expires == expires


def test_a_presigned_request_needs_no_expiry() -> None:
    query = presigned().query.replace("&X-Amz-Expires=60", "")
    assert read(replaced(presigned(), query=query)).expires is None
