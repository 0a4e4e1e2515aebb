"""Signatures with a key pair: AWS's published ones, those of a client of our own, and what is neither."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from rolekeeper.errors import (
    AwsError,
    IncompleteSignature,
    InvalidRequest,
    RequestExpired,
    SignatureDoesNotMatch,
)
from rolekeeper.wire.any_signature import read_any_signature
from rolekeeper.wire.content import own_content, read_content
from rolekeeper.wire.http import HttpRequest
from rolekeeper.wire.sigv4_ahead import S3_NAMES, Seal
from rolekeeper.wire.sigv4a import AsymmetricSignature, VerifyingKeys, derive, seal
from tests.wire.pair_signers import PairSigner
from tests.wire.signers import KEY_ID, NOW, SECRET, replaced, signed, with_header

STREAMING = "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD"
SUITE_TIME = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)


def verified(
    request: HttpRequest,
    *,
    secret: str = SECRET,
    now: datetime = NOW,
    service: str = "s3",
    keys: VerifyingKeys | None = None,
) -> Seal:
    signature = read_any_signature(request)
    assert isinstance(signature, AsymmetricSignature)
    content = (
        read_content(request, presigned=signature.presigned)
        if service in S3_NAMES
        else own_content(request, service)
    )
    return seal(
        request,
        signature,
        content,
        secret=secret,
        now=now,
        service=service,
        regions=(signature.region,),
        keys=keys or VerifyingKeys(),
    )


def refused(request: HttpRequest, kind: type[AwsError] = SignatureDoesNotMatch, **changes: object) -> str:
    with pytest.raises(kind) as error:
        verified(request, **changes)  # type: ignore[arg-type]
    return error.value.message


# -- AWS's ------------------------------------------------------------------------------------------

# `get-vanilla` of the test suite for signatures with a key pair in AWS's C library for authentication, whose
# README says what each file is; a signature is another one each time, and these two were made there.
BY_SUITE = "AWS4-ECDSA-P256-SHA256 Credential=AKIDEXAMPLE/20150830/service/aws4_request"
SUITE_HEADER = (
    "3045022018b4e277d0281864beb51d3600e23f88510ea5031d68ddfbb68614b82a5eb7d2"
    "022100effb9c5f22ed9ef3ae0ab243d21f06bce82365bbb79529a07b6888c343ae5f8c"
)
SUITE_QUERY = (
    "3046022100c57d8a142ae302eb396afb515da12ec3020a836331dfdbf6c8e4f14c0661c0a1"
    "022100e1da9728157dad97d80217afb04aa9b99f61dcdef57a056a7f198fb1b728f7c3"
)
BY_HEADER = HttpRequest(
    method="GET",
    path="/",
    headers=(
        ("host", "example.amazonaws.com"),
        (
            "authorization",
            f"{BY_SUITE}, SignedHeaders=host;x-amz-date;x-amz-region-set, Signature={SUITE_HEADER}",
        ),
        ("x-amz-date", "20150830T123600Z"),
        ("x-amz-region-set", "us-east-1"),
    ),
)
BY_QUERY = HttpRequest(
    method="GET",
    path="/",
    query=(
        "X-Amz-Algorithm=AWS4-ECDSA-P256-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fservice%2Faws4_request"
        "&X-Amz-Date=20150830T123600Z&X-Amz-SignedHeaders=host&X-Amz-Expires=3600&X-Amz-Region-Set=us-east-1"
        f"&X-Amz-Signature={SUITE_QUERY}"
    ),
    headers=(("host", "example.amazonaws.com"),),
)


def test_the_published_key() -> None:
    numbers = ec.derive_private_key(derive(KEY_ID, SECRET), ec.SECP256R1()).public_key().public_numbers()
    assert f"{numbers.x:064x}" == "b6618f6a65740a99e650b33b6b4b5bd0d43b176d721a3edfea7e7d2d56d936b1"
    assert f"{numbers.y:064x}" == "865ed22a7eadc9c5cb9d2cbaca1b3699139fedc5043dc6661864218330c8e518"


@pytest.mark.parametrize("request_", [BY_HEADER, BY_QUERY])
def test_the_published_signatures(request_: HttpRequest) -> None:
    verified(request_, now=SUITE_TIME, service="service")
    refused(request_, now=SUITE_TIME, service="service", secret="another")
    refused(replaced(request_, path="/a"), now=SUITE_TIME, service="service")
    refused(replaced(request_, method="PUT"), now=SUITE_TIME, service="service")


# -- ours -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("regions", "region"),
    [
        ("*", "us-east-1"),
        ("eu-*", "eu-west-1"),
        ("us-west-2", "us-west-2"),
        ("eu-north-1,us-*", "eu-north-1"),
    ],
)
def test_a_signature_is_good_in_its_regions(regions: str, region: str) -> None:
    for request in (PairSigner().request(regions=regions), PairSigner().presigned(regions=regions)):
        verified(request)
        found = read_any_signature(request)
        assert found is not None
        assert (found.region, found.algorithm) == (region, "AWS4-ECDSA-P256-SHA256")
        assert found.way == ("REST-QUERY-STRING" if request.query else "REST-HEADER")
        refused(replaced(request, path="/bucket/other"))


def test_other_regions_than_were_signed_are_refused() -> None:
    refused(with_header(PairSigner().request(regions="us-east-1"), "x-amz-region-set", "*"))
    request = PairSigner().presigned(regions="us-east-1")
    refused(replaced(request, query=request.query.replace("us-east-1", "eu-west-1")))


@pytest.mark.parametrize(
    "regions", ["", ",", "US", "a b", "us-east-1,", "x" * 40, ",".join(["us-east-1"] * 65)]
)
def test_what_is_no_set_of_regions(regions: str) -> None:
    refused(PairSigner().request(regions=regions), IncompleteSignature)
    refused(with_header(PairSigner().request(), "x-amz-region-set", None), IncompleteSignature)


def test_no_region_at_all_is_meant_by_a_pattern() -> None:
    assert "valid region" in refused(PairSigner().request(regions="mars-*"))


def test_time_and_service_are_those_of_any_signature() -> None:
    request = PairSigner().request()
    refused(request, now=NOW + timedelta(minutes=16))
    refused(PairSigner().presigned(), RequestExpired, now=NOW + timedelta(seconds=61))
    assert "correct service" in refused(PairSigner(service="sqs").request())


@pytest.mark.parametrize("signature", ["", "00", "zz" * 70, "30" * 70, "é"])
def test_what_is_no_signature(signature: str) -> None:
    request = PairSigner().request()
    before = (request.header("authorization") or "").rpartition("=")[0]
    with pytest.raises((SignatureDoesNotMatch, IncompleteSignature)):
        verified(with_header(request, "authorization", f"{before}={signature}"))


@pytest.mark.parametrize(
    "credential",
    [
        "AKIDEXAMPLE/20260101/us-east-1/s3/aws4_request",
        "AKIDEXAMPLE",
        "/20260101/s3/aws4_request",
        "A/20260101/s3/aws5",
    ],
)
def test_what_is_no_credential(credential: str) -> None:
    request = PairSigner().request()
    text = (request.header("authorization") or "").replace("AKIDEXAMPLE/20260101/s3/aws4_request", credential)
    with pytest.raises(AwsError):
        verified(with_header(request, "authorization", text))


def test_what_is_missing_is_named() -> None:
    request = with_header(
        PairSigner().request(), "authorization", "AWS4-ECDSA-P256-SHA256 Credential=a/b/c/d"
    )
    assert "'Signature'" in refused(request, IncompleteSignature)


def test_a_signature_in_two_places_is_refused() -> None:
    request = PairSigner().request()
    refused(replaced(request, query=PairSigner().presigned().query))


def test_chunks_are_verified_one_after_the_other() -> None:
    found = verified(PairSigner().request(content=STREAMING))
    assert found.chain is not None
    refused(PairSigner().request(content="STREAMING-AWS4-HMAC-SHA256-PAYLOAD"))


def test_keys_are_derived_once_and_not_shown() -> None:
    keys = VerifyingKeys(1)
    verified(PairSigner().request(), keys=keys)
    assert keys.key(KEY_ID, SECRET) is keys.key(KEY_ID, SECRET)
    keys.key(KEY_ID, "another")
    assert repr(keys) == "VerifyingKeys(1 of 1)"
    with pytest.raises(TypeError):
        pickle.dumps(keys)


# -- which version ----------------------------------------------------------------------------------


def test_what_nobody_signed() -> None:
    assert (
        read_any_signature(HttpRequest(method="GET", path="/", headers=(("host", "h"),), query="a=b")) is None
    )


def test_the_usual_signatures_are_read_as_ever() -> None:
    found = read_any_signature(signed())
    assert found is not None
    assert not isinstance(found, AsymmetricSignature)


@pytest.mark.parametrize(
    ("query", "authorization"),
    [
        ("AWSAccessKeyId=AKIDEXAMPLE&Expires=1&Signature=a", None),
        ("Action=ListQueues&SignatureVersion=2&SignatureMethod=HmacSHA256&Signature=a", None),
        ("", "AWS AKIDEXAMPLE:frJIUN8DYpKDtOLCwo//yllqDzg="),
        ("", " AWS AKIDEXAMPLE:x"),
    ],
)
def test_signatures_of_version_2_are_refused(query: str, authorization: str | None) -> None:
    headers = [("host", "h")] + ([("authorization", authorization)] if authorization else [])
    with pytest.raises(InvalidRequest, match="Please use AWS4-HMAC-SHA256"):
        read_any_signature(HttpRequest(method="GET", path="/", headers=headers, query=query))
