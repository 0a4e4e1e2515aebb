"""Signatures made with a certificate's key: those that are right, and every way in which one is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rolekeeper.errors import IncompleteSignature, MissingAuthenticationToken, SignatureDoesNotMatch
from rolekeeper.wire import x509_signature
from rolekeeper.wire.http import HttpRequest
from tests.anywhere import Machine, authority, rsa_key, session_request

QUERY = {"profileArn": "arn:aws:rolesanywhere:us-east-1:1:profile/p", "roleArn": "arn:aws:iam::1:role/a b+c"}
ROOT = authority()
EC, RSA = Machine("ec", ROOT), Machine("rsa", ROOT, key=rsa_key())


def check(request: HttpRequest, machine: Machine, **changes: Any) -> x509_signature.X509Signature:
    signature = x509_signature.read(request)
    given = {"now": datetime.now(UTC), "service": "rolesanywhere"} | changes
    own = {"key": machine.certificate.public_key(), "serial": machine.certificate.serial_number}
    x509_signature.verify(request, signature, **(own | given))
    return signature


def changed(request: HttpRequest, **headers: str | None) -> HttpRequest:
    """The request with other headers; None takes one away."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    kept = [(name, value) for name, value in request.headers if name not in named]
    more = [(name, value) for name, value in named.items() if value is not None]
    return HttpRequest(
        method=request.method,
        path=request.path,
        query=request.query,
        headers=[*kept, *more],
        body=request.body,
    )


@pytest.mark.parametrize("machine", [EC, RSA], ids=["ecdsa", "rsa"])
def test_a_request_that_the_certificate_signed_is_right(machine: Machine) -> None:
    signature = check(session_request(machine, QUERY, {"durationSeconds": 900}), machine)
    assert signature.region == "us-east-1"
    assert signature.certificate == machine.der
    assert signature.chain == ()


def test_the_chain_comes_with_the_request() -> None:
    middle = authority("middle", ROOT)
    signature = check(session_request(EC, QUERY, chain=[middle, ROOT]), EC)
    assert signature.chain == (middle.der, ROOT.der)


@pytest.mark.parametrize("machine", [EC, RSA], ids=["ecdsa", "rsa"])
def test_another_key_is_refused(machine: Machine) -> None:
    request = session_request(
        machine, QUERY, signing_key=Machine("other").key if machine is EC else rsa_key(1)
    )
    with pytest.raises(SignatureDoesNotMatch, match="does not match the certificate's key"):
        check(request, machine)


def test_a_key_of_another_kind_is_refused() -> None:
    request = session_request(EC, QUERY, signing_key=rsa_key())
    with pytest.raises(SignatureDoesNotMatch):
        check(request, EC)
    with pytest.raises(SignatureDoesNotMatch):
        check(session_request(EC, QUERY, algorithm="AWS4-X509-RSA-SHA256"), EC)


def test_what_was_changed_after_signing_is_refused() -> None:
    request = session_request(EC, QUERY, {"durationSeconds": 900})
    for part in ({"query": request.query.replace("role", "rule")}, {"body": b"{}"}, {"path": "/crls"}):
        whole = {"method": "POST", "path": request.path, "query": request.query, "body": request.body}
        with pytest.raises(SignatureDoesNotMatch):
            check(HttpRequest(headers=request.headers, **(whole | part)), EC)  # type: ignore[arg-type]
    with pytest.raises(SignatureDoesNotMatch):
        check(changed(request, host="elsewhere"), EC)


@pytest.mark.parametrize("minutes", [-16, 16])
def test_a_request_of_another_time_is_refused(minutes: int) -> None:
    request = session_request(EC, QUERY, now=datetime.now(UTC) + timedelta(minutes=minutes))
    with pytest.raises(SignatureDoesNotMatch, match=r"not yet current|expired"):
        check(request, EC)


def test_the_scope_is_of_the_day_the_service_and_the_certificate() -> None:
    with pytest.raises(SignatureDoesNotMatch, match="correct service"):
        check(session_request(EC, QUERY, service="sts"), EC)
    with pytest.raises(SignatureDoesNotMatch, match="serial number"):
        check(session_request(EC, QUERY, serial=7), EC)
    request = session_request(EC, QUERY)
    stamp = next(value for name, value in request.headers if name == "x-amz-date")
    other = f"{int(stamp[:4]) - 1}{stamp[4:8]}"
    authorization = request.header("authorization") or ""
    with pytest.raises(SignatureDoesNotMatch, match="YYYYMMDD"):
        check(changed(request, authorization=authorization.replace(f"/{stamp[:8]}/", f"/{other}/")), EC)


def test_a_header_of_amazons_that_is_not_signed_is_refused() -> None:
    request = session_request(EC, QUERY)
    for more in ({"x_amz_x509_chain": "AAAA"}, {"x_amz_meta": "1"}):
        with pytest.raises(SignatureDoesNotMatch, match="must be a 'SignedHeader'"):
            check(changed(request, **more), EC)  # type: ignore[arg-type]


def test_a_hash_of_another_body_is_refused() -> None:
    with pytest.raises(SignatureDoesNotMatch, match="must be a 'SignedHeader'"):
        check(changed(session_request(EC, QUERY), x_amz_content_sha256="0" * 64), EC)


def test_without_a_certificate_or_a_signature_nobody_asks() -> None:
    request = session_request(EC, QUERY)
    for name in ("x_amz_x509", "authorization"):
        with pytest.raises(MissingAuthenticationToken):
            check(changed(request, **{name: None}), EC)


@pytest.mark.parametrize(
    "change",
    [
        ("AWS4-X509-ECDSA-SHA256", "AWS4-HMAC-SHA256"),
        ("AWS4-X509-ECDSA-SHA256", "AWS4-X509-MLDSA"),
        ("SignedHeaders=content-type;host", "SignedHeaders=host;content-type"),
        ("SignedHeaders=content-type;", "SignedHeaders=content-type;;"),
        ("Signature=", "Signature=zz"),
        ("Signature=", "Signature=0"),
        ("/aws4_request", "/aws4"),
        ("Credential=", "Credential=-"),
    ],
)
def test_what_cannot_be_read_is_refused(change: tuple[str, str]) -> None:
    request = session_request(EC, QUERY)
    authorization = (request.header("authorization") or "").replace(*change)
    with pytest.raises(IncompleteSignature):
        check(changed(request, authorization=authorization), EC)


def test_a_certificate_that_is_no_base64_and_a_long_chain_are_refused() -> None:
    request = session_request(EC, QUERY)
    with pytest.raises(IncompleteSignature, match="base64"):
        check(changed(request, x_amz_x509="%%%"), EC)
    with pytest.raises(IncompleteSignature, match="base64"):
        check(changed(request, x_amz_x509="A" * 20_000), EC)
    with pytest.raises(IncompleteSignature, match="at most 5"):
        check(session_request(EC, QUERY, chain=[ROOT] * 6), EC)


def test_a_long_authorization_header_costs_nothing() -> None:
    request = session_request(EC, QUERY)
    for text in ("AWS4-X509-RSA-SHA256 " + " " * 60_000, "AWS4-X509-RSA-SHA256 Credential=" + "1" * 60_000):
        with pytest.raises(IncompleteSignature):
            check(changed(request, authorization=text), EC)
