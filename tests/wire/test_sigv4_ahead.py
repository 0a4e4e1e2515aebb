"""Requests to S3 whose body is still to come: AWS's published examples, and what is not theirs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rolekeeper.errors import (
    AwsError,
    InvalidArgument,
    InvalidRequest,
    RequestExpired,
    SignatureDoesNotMatch,
)
from rolekeeper.wire.canonical import canonical_s3_path
from rolekeeper.wire.http import HttpRequest
from tests.wire.s3_signers import (
    SIGNED_TRAILER,
    STREAMING,
    UNSIGNED_TRAILER,
    URL,
    ChunkSigner,
    presigned_to_s3,
    sealed,
    signed_to_s3,
)
from tests.wire.signers import NOW, TOKEN, replaced, with_header

# "Authenticating Requests (AWS Signature Version 4)" in the Amazon S3 API Reference: its pages on payloads in
# a single chunk, in multiple chunks, with trailing headers, and on query parameters, with their numbers.
EXAMPLE_KEY, EXAMPLE_SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
EXAMPLE_TIME = datetime(2013, 5, 24, tzinfo=UTC)
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
SEED = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
TRAILER_SEED = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e"


def example(method: str, path: str, signature: str, headers: dict[str, str], query: str = "") -> HttpRequest:
    """A request of the examples, with the signature that stands there."""
    headers = {"x-amz-date": "20130524T000000Z", **headers}
    credential = f"{EXAMPLE_KEY}/20130524/us-east-1/s3/aws4_request"
    names = ";".join(sorted(headers))
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={credential},SignedHeaders={names},Signature={signature}"
    )
    return HttpRequest(method=method, path=path, query=query, headers=tuple(headers.items()))


def of_bucket(**more: str) -> dict[str, str]:
    named = {name.replace("_", "-"): value for name, value in more.items()}
    return {"host": "examplebucket.s3.amazonaws.com", "x-amz-content-sha256": EMPTY} | named


CHUNKED = {
    "host": "s3.amazonaws.com",
    "content-encoding": "aws-chunked",
    "x-amz-content-sha256": STREAMING,
    "x-amz-decoded-content-length": "66560",
    "x-amz-storage-class": "REDUCED_REDUNDANCY",
}
SEEDED = example("PUT", "/examplebucket/chunkObject.txt", SEED, CHUNKED | {"content-length": "66824"})
TRAILED = example(
    "PUT",
    "/examplebucket/chunkObject.txt",
    TRAILER_SEED,
    CHUNKED | {"x-amz-content-sha256": SIGNED_TRAILER, "x-amz-trailer": "x-amz-checksum-crc32c"},
)
EXAMPLES = {
    "get an object": example(
        "GET",
        "/test.txt",
        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        of_bucket(range="bytes=0-9"),
    ),
    "put an object": example(
        "PUT",
        "/test%24file.text",
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        of_bucket(
            date="Fri, 24 May 2013 00:00:00 GMT",
            x_amz_storage_class="REDUCED_REDUNDANCY",
            x_amz_content_sha256="44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
        ),
    ),
    "get a bucket's lifecycle": example(
        "GET",
        "/",
        "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
        of_bucket(),
        query="lifecycle",
    ),
    "list objects": example(
        "GET",
        "/",
        "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        of_bucket(),
        query="max-keys=2&prefix=J",
    ),
    "put in chunks": SEEDED,
    "put in chunks with a trailer": TRAILED,
}
PRESIGNED = HttpRequest(
    method="GET",
    path="/test.txt",
    query=(
        f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={EXAMPLE_KEY}%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
        "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
        "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    ),
    headers=(("host", "examplebucket.s3.amazonaws.com"),),
)


def check_example(request: HttpRequest, **changes: Any) -> Any:
    return sealed(request, **({"secret": EXAMPLE_SECRET, "now": EXAMPLE_TIME} | changes))


def refused(request: HttpRequest, kind: type[AwsError] = SignatureDoesNotMatch, **changes: Any) -> str:
    with pytest.raises(kind) as error:
        sealed(request, **changes)
    return error.value.message


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_published_examples(name: str) -> None:
    check_example(EXAMPLES[name])
    with pytest.raises(SignatureDoesNotMatch):
        check_example(EXAMPLES[name], secret="another")
    with pytest.raises(SignatureDoesNotMatch):
        check_example(replaced(EXAMPLES[name], path="/another"))


def test_the_published_presigned_example_is_good_for_a_day() -> None:
    assert check_example(PRESIGNED).content.text == "UNSIGNED-PAYLOAD"
    check_example(PRESIGNED, now=EXAMPLE_TIME + timedelta(days=1))
    with pytest.raises(RequestExpired):
        check_example(PRESIGNED, now=EXAMPLE_TIME + timedelta(days=1, seconds=1))


def test_the_published_chunks() -> None:
    signer = ChunkSigner(SEED, secret=EXAMPLE_SECRET, stamp="20130524T000000Z")
    body = signer.body([b"a" * 65536, b"a" * 1024])
    for signature in (
        b"ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
        b"0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
        b"b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
    ):
        assert signature in body
    assert len(body) == 66824


def test_the_published_chunks_with_a_trailer() -> None:
    signer = ChunkSigner(TRAILER_SEED, secret=EXAMPLE_SECRET, stamp="20130524T000000Z")
    body = signer.body([b"a" * 65536, b"a" * 1024], {"x-amz-checksum-crc32c": "sOO8/Q=="})
    for signature in (
        b"b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
        b"1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
        b"2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
        b"d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435",
    ):
        assert signature in body


# -- botocore ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/a/../b", "/a//b", "/a%20b/%C3%A9", "/a/./b/", "/a%2Bb", "/%7Ea~"])
def test_paths_are_signed_as_they_are(path: str) -> None:
    sealed(signed_to_s3(url=f"https://bucket.s3.amazonaws.com{path.replace('%7E', '~')}", body=b"abc"))


def test_the_paths_form_is_the_servers() -> None:
    assert canonical_s3_path("") == "/"
    assert canonical_s3_path("/a(b)%7e") == "/a%28b%29~"
    assert canonical_s3_path("/a%2fb/..//c") == "/a%2Fb/..//c"
    assert canonical_s3_path("/%zz%") == "/%25zz%25"


@pytest.mark.parametrize(
    "path",
    ["/some/key/", "/some/./key", "/some/x/../key", "//some/key", "/some%2Fkey", "/some/key%20", "/Some/key"],
)
def test_another_path_is_refused(path: str) -> None:
    refused(replaced(signed_to_s3(), path=path))
    refused(replaced(presigned_to_s3(), path=path))


@pytest.mark.parametrize("content", [STREAMING, SIGNED_TRAILER, UNSIGNED_TRAILER, "UNSIGNED-PAYLOAD", EMPTY])
def test_what_is_said_of_the_body_is_signed(content: str) -> None:
    request = signed_to_s3(content=content)
    found = sealed(request)
    assert found.content.text == content
    assert (found.chain is not None) == (content in (STREAMING, SIGNED_TRAILER))
    for other in {STREAMING, SIGNED_TRAILER, UNSIGNED_TRAILER, "UNSIGNED-PAYLOAD", EMPTY} - {content}:
        refused(with_header(request, "x-amz-content-sha256", other))


@pytest.mark.parametrize(
    "content", ["", "unsigned-payload", EMPTY.upper(), EMPTY[:-1], "STREAMING", f"{EMPTY},{EMPTY}"]
)
def test_what_is_nothing_to_be_said_of_a_body(content: str) -> None:
    refused(with_header(signed_to_s3(), "x-amz-content-sha256", content), InvalidArgument)


def test_something_must_be_said_of_the_body() -> None:
    message = refused(with_header(signed_to_s3(), "x-amz-content-sha256", None), InvalidRequest)
    assert message == "Missing required header for this request: x-amz-content-sha256"


def test_chunks_of_the_other_algorithm_are_refused() -> None:
    refused(signed_to_s3(content="STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD"))


def test_a_presigned_request_says_nothing_of_its_body_or_in_its_url() -> None:
    assert sealed(presigned_to_s3(token=TOKEN)).content.text == "UNSIGNED-PAYLOAD"
    assert sealed(presigned_to_s3("PUT")).content.digest is None


def test_a_presigned_requests_headers_are_signed_with_it() -> None:
    request = presigned_to_s3("PUT", headers={"content-md5": "1B2M2Y8AsgTpgAmY7PhCfg=="})
    sealed(request)
    refused(with_header(request, "content-md5", "AAAAAAAAAAAAAAAAAAAAAA=="))
    refused(with_header(request, "content-md5", None))
    refused(with_header(request, "x-amz-acl", "public-read"))


@pytest.mark.parametrize("service", ["sts", "s3express"])
def test_a_signature_for_another_service_is_refused(service: str) -> None:
    assert "correct service: 's3'" in refused(signed_to_s3(service=service))


def test_a_signature_for_another_region_or_time_is_refused() -> None:
    assert "valid region" in refused(signed_to_s3(region="eu-west-1"))
    assert "Signature expired" in refused(signed_to_s3(), now=NOW + timedelta(minutes=16))
    assert "not yet current" in refused(signed_to_s3(), now=NOW - timedelta(minutes=16))


def test_another_services_stream_is_signed_in_its_own_way() -> None:
    url = URL.replace("/some/key", "/a/../b%20c")
    with_content = {"content": "UNSIGNED-PAYLOAD", "service": "ebs"}
    refused(signed_to_s3(url=url, **with_content), service="ebs")  # S3's way, which is not theirs
    sealed(signed_to_s3(**with_content), service="ebs")
