"""Signatures that are right, and every way in which one is not."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from rolekeeper.errors import RequestExpired, SignatureDoesNotMatch
from rolekeeper.wire.http import HttpRequest
from rolekeeper.wire.sigv4 import SigningKeys, read_signature
from tests.wire.signers import (
    BODY,
    FORM_TYPE,
    KEY_ID,
    NOW,
    SECRET,
    TOKEN,
    check,
    presigned,
    replaced,
    signed,
    with_header,
)

SUITE = json.loads((Path(__file__).parent.parent / "vectors" / "sigv4" / "cases.json").read_text("utf-8"))
HEADER_CASES = [case for case in SUITE["cases"] if "header_signature" in case]
QUERY_CASES = [case for case in SUITE["cases"] if "query_signature" in case]
SUITE_TIME = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
MISMATCH = "The request signature we calculated does not match the signature you provided"


def refused(request: HttpRequest, **changes: Any) -> str:
    with pytest.raises(SignatureDoesNotMatch) as error:
        check(request, **changes)
    return error.value.message


# -- the published vectors ------------------------------------------------------------------------


def header_request(case: dict[str, Any], signature: str) -> HttpRequest:
    headers = [("host", SUITE["host"]), ("x-amz-date", SUITE["date"]), *map(tuple, case.get("headers", ()))]
    if "token" in case:
        headers.append(("x-amz-security-token", case["token"]))
    names = ";".join(sorted({name for name, _ in headers}))
    credential = f"{SUITE['access_key_id']}/20150830/us-east-1/service/aws4_request"
    authorization = f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={signature}"
    return received(case, [*headers, ("authorization", authorization)], "")


def query_request(case: dict[str, Any], signature: str) -> HttpRequest:
    headers = [("host", SUITE["host"]), *map(tuple, case.get("headers", ()))]
    names = "%3B".join(sorted({name for name, _ in headers}))
    credential = f"{SUITE['access_key_id']}%2F20150830%2Fus-east-1%2Fservice%2Faws4_request"
    query = (
        f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={credential}&X-Amz-Date={SUITE['date']}"
        f"&X-Amz-SignedHeaders={names}&X-Amz-Expires={SUITE['expires']}&X-Amz-Signature={signature}"
    )
    return received(
        case, headers, f"{query}&X-Amz-Security-Token={case['token']}" if "token" in case else query
    )


def received(case: dict[str, Any], headers: list[tuple[str, str]], more: str) -> HttpRequest:
    path, _, query = case["target"].encode().decode("latin-1").partition("?")
    parameters = "&".join(part for part in (query, more) if part)
    body = case.get("body", "").encode()
    return HttpRequest(method=case["method"], path=path, query=parameters, headers=headers, body=body)


def check_case(case: dict[str, Any], request: HttpRequest, **changes: Any) -> None:
    options = {"normalize_path": case.get("normalize", True), "service": "service", "now": SUITE_TIME}
    check(request, secret=SUITE["secret_access_key"], **(options | changes))


def one_thing_changed(request: HttpRequest) -> list[HttpRequest]:
    header, value = next((n, v) for n, v in request.headers if n not in ("authorization", "x-amz-date"))
    return [
        replaced(request, method="PUT"),
        replaced(request, path=f"{request.path}x"),
        replaced(request, query=f"{request.query}&x=1"),
        replaced(request, body=request.body + b"x"),
        with_header(request, header, f"{value}x"),
    ]


@pytest.mark.parametrize("case", HEADER_CASES, ids=lambda case: case["name"])
def test_a_published_request_verifies(case: dict[str, Any]) -> None:
    check_case(case, header_request(case, case["header_signature"]))


@pytest.mark.parametrize("case", QUERY_CASES, ids=lambda case: case["name"])
def test_a_published_presigned_request_verifies(case: dict[str, Any]) -> None:
    check_case(case, query_request(case, case["query_signature"]))


@pytest.mark.parametrize("case", HEADER_CASES, ids=lambda case: case["name"])
def test_a_published_request_with_one_thing_changed_does_not(case: dict[str, Any]) -> None:
    for changed in one_thing_changed(header_request(case, case["header_signature"])):
        with pytest.raises(SignatureDoesNotMatch):
            check_case(case, changed)


@pytest.mark.parametrize("case", QUERY_CASES, ids=lambda case: case["name"])
def test_a_published_presigned_request_with_one_thing_changed_does_not(case: dict[str, Any]) -> None:
    for changed in one_thing_changed(query_request(case, case["query_signature"])):
        with pytest.raises(SignatureDoesNotMatch):
            check_case(case, changed)


@pytest.mark.parametrize(
    "case", [case for case in HEADER_CASES if not case.get("normalize", True)], ids=lambda case: case["name"]
)
def test_a_path_signed_as_s3_signs_it_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(SignatureDoesNotMatch, match=MISMATCH):
        check_case(case, header_request(case, case["header_signature"]), normalize_path=True)


# -- botocore as the client -----------------------------------------------------------------------


@pytest.mark.parametrize("token", [None, TOKEN])
def test_what_botocore_signs_verifies(token: str | None) -> None:
    signature = check(signed(token=token))
    assert (signature.access_key_id, signature.session_token) == (KEY_ID, token)


@pytest.mark.parametrize("token", [None, TOKEN])
def test_what_botocore_presigns_verifies(token: str | None) -> None:
    signature = check(presigned(token=token))
    assert (signature.presigned, signature.session_token) == (True, token)


@pytest.mark.parametrize(
    "url",
    [
        "https://sts.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15",
        "https://sts.amazonaws.com/a%20b/~c?x=%2F&x=&y=%C3%A9&X-Other=a%2Bb%3D",
        "https://localhost:4566/",
    ],
)
def test_a_get_that_botocore_signs_verifies(url: str) -> None:
    check(signed("GET", url, {}, b""))


def test_a_header_of_utf8_verifies() -> None:
    check(signed(headers=FORM_TYPE | {"X-Note": "à   la  carte ☃"}))


def test_another_secret_is_refused() -> None:
    assert refused(signed(), secret=SECRET[:-1]).startswith(MISMATCH)


def test_a_signature_of_odd_characters_is_refused() -> None:
    request = signed()
    authorization = request.header("authorization") or ""
    odd = authorization[:-64] + "é" * 64
    assert refused(with_header(request, "authorization", odd)).startswith(MISMATCH)


def test_upper_case_hexadecimal_is_refused() -> None:
    request = signed()
    authorization = request.header("authorization") or ""
    upper = authorization[:-64] + authorization[-64:].upper()
    assert refused(with_header(request, "authorization", upper)).startswith(MISMATCH)


def test_no_error_shows_the_right_signature_or_the_secret() -> None:
    right = read_signature(signed(token=TOKEN))
    message = refused(replaced(signed(token=TOKEN), body=b""))
    assert right is not None
    assert not any(secret in message for secret in (right.signature, SECRET, TOKEN))


# -- the body -------------------------------------------------------------------------------------


def test_the_hash_of_the_body_may_be_stated() -> None:
    check(signed(headers=FORM_TYPE | {"X-Amz-Content-SHA256": sha256_of(BODY)}))


@pytest.mark.parametrize("stated", ["UNSIGNED-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "0" * 64, ""])
def test_a_statement_that_is_not_the_bodys_hash_is_refused(stated: str) -> None:
    message = refused(signed(headers=FORM_TYPE | {"X-Amz-Content-SHA256": stated}))
    assert message == "The provided 'x-amz-content-sha256' header does not match what was computed."


def test_a_presigned_request_covers_its_body() -> None:
    assert refused(replaced(presigned(), body=b"Action=CreateUser")).startswith(MISMATCH)


def sha256_of(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


# -- the time -------------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [-900, 0, 900])
def test_clocks_may_be_fifteen_minutes_apart(seconds: int) -> None:
    check(signed(), now=NOW + timedelta(seconds=seconds))


def test_an_old_signature_is_refused() -> None:
    assert refused(signed(), now=NOW + timedelta(seconds=901)) == (
        "Signature expired: 20260101T001000Z is now earlier than 20260101T001001Z "
        "(20260101T002501Z - 15 min.)"
    )


def test_a_signature_of_the_future_is_refused() -> None:
    assert refused(signed(), now=NOW - timedelta(seconds=901)) == (
        "Signature not yet current: 20260101T001000Z is still later than 20260101T000959Z "
        "(20251231T235459Z + 15 min.)"
    )


def test_a_presigned_request_lives_as_long_as_it_says() -> None:
    check(presigned(expires=604_800), now=NOW + timedelta(days=7))


@pytest.mark.parametrize("expires", [1, 60, 604_800])
def test_a_presigned_request_dies_then(expires: int) -> None:
    with pytest.raises(RequestExpired, match="Request has expired"):
        check(presigned(expires=expires), now=NOW + timedelta(seconds=expires + 1))


def test_a_presigned_request_of_the_future_is_refused() -> None:
    message = refused(presigned(expires=3600), now=NOW - timedelta(minutes=16))
    assert message.startswith("Signature not yet current: ")


@pytest.mark.parametrize("date", ["00010101T000000Z", "99991231T235959Z"])
def test_a_date_at_the_end_of_time_is_refused(date: str) -> None:
    assert date in refused(with_header(signed(), "x-amz-date", date))


# -- the scope ------------------------------------------------------------------------------------


@pytest.mark.parametrize("region", ["eu-west-1", "US-EAST-1", "", "a" * 300])
def test_another_region_is_refused(region: str) -> None:
    message = refused(signed(scope=(region, "sts")))
    assert message.startswith("Credential should be scoped to a valid region, not '")
    assert len(message) < 400


def test_any_region_will_do_where_none_is_given() -> None:
    check(signed(scope=("eu-west-1", "sts")), regions=None)


def test_no_region_at_all_is_refused_even_there() -> None:
    assert "not ''." in refused(signed(scope=("", "sts")), regions=None)


def test_another_service_is_refused() -> None:
    assert refused(signed(scope=("us-east-1", "sts")), service="iam") == (
        "Credential should be scoped to correct service: 'iam'."
    )


def test_another_date_than_the_requests_is_refused() -> None:
    request = signed()
    authorization = (request.header("authorization") or "").replace("/20260101/", "/20260102/")
    assert refused(with_header(request, "authorization", authorization)) == (
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
        "'20260102' != '20260101', from '20260101T001000Z'."
    )


def test_all_that_is_wrong_with_a_scope_is_said() -> None:
    message = refused(signed(scope=("x", "y")))
    assert message == (
        "Credential should be scoped to a valid region, not 'x'. "
        "Credential should be scoped to correct service: 'sts'."
    )


# -- signing keys ---------------------------------------------------------------------------------


def test_a_key_is_derived_once() -> None:
    keys = SigningKeys()
    for _ in range(3):
        check(signed(), keys=keys)
    assert len(keys) == 1


def test_a_changed_secret_never_gets_the_old_key() -> None:
    keys = SigningKeys()
    check(signed(), keys=keys)
    assert refused(signed(), keys=keys, secret="another").startswith(MISMATCH)


def test_the_number_of_keys_is_bounded() -> None:
    keys = SigningKeys(capacity=2)
    for region in ("us-east-1", "eu-west-1", "us-west-2"):
        check(signed(scope=(region, "sts")), keys=keys, regions=None)
    assert len(keys) == 2


def test_no_key_is_in_the_text_form() -> None:
    keys = SigningKeys()
    check(signed(), keys=keys)
    assert repr(keys) == "SigningKeys(1 of 4096)"
