"""What it costs to verify a signature, beside the hashing that no verifier can do without.

Prints JSON: microseconds for one signed GetCallerIdentity (the best of many short runs), for the SHA-256 and
HMAC of texts of the same lengths in the same run, and the ratio of the two.
"""

from __future__ import annotations

import hmac
import json
import sys
import timeit
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from rolekeeper.wire.canonical import canonical_request, payload_hash
from rolekeeper.wire.http import HttpRequest
from rolekeeper.wire.sigv4 import SigningKeys, read_signature, verify

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
BODY = b"Action=GetCallerIdentity&Version=2011-06-15"
HEADERS = {
    "Accept-Encoding": "identity",
    "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
    "User-Agent": "Boto3/1.40.0 md/Botocore#1.40.0 ua/2.1 os/linux#6.1 md/arch#x86_64 lang/python#3.11",
}
RUN, RUNS = 100, 3_000


def signed(token: str | None) -> HttpRequest:
    """What boto3 sends."""
    request = AWSRequest(method="POST", url="http://localhost:4566/", headers=dict(HEADERS), data=BODY)
    SigV4Auth(Credentials("AKIDEXAMPLE", SECRET, token), "sts", "us-east-1").add_auth(request)
    headers = [
        ("host", "localhost:4566"),
        *((name.lower(), value) for name, value in request.headers.items()),
    ]
    return HttpRequest(method="POST", path="/", headers=(*headers, ("content-length", "43")), body=BODY)


KEY = bytes(32)


def best(call: Callable[[], object]) -> float:
    """Microseconds."""
    return min(timeit.repeat(call, number=RUN, repeat=RUNS)) / RUN * 1e6


def measure(token: str | None) -> dict[str, float]:
    """One kind of request, and its hashing alone."""
    request, keys, now = signed(token), SigningKeys(), datetime.now(UTC)
    first = read_signature(request)
    assert first is not None
    canonical = canonical_request(request, first.signed_headers, payload_hash(BODY))

    def verified() -> None:
        request._index = None  # as a new request
        signature = read_signature(request)
        assert signature is not None
        verify(request, signature, secret=SECRET, now=now, service="sts", regions={"us-east-1"}, keys=keys)

    def hashed() -> None:
        sha256(BODY).hexdigest()
        sha256(canonical).hexdigest()
        hmac.digest(KEY, canonical[:140], "sha256").hex()

    ours, plain = best(verified), best(hashed)
    return {
        "verify_us": round(ours, 2),
        "hashing_us": round(plain, 2),
        "ratio": round(ours / plain, 2),
    }


if __name__ == "__main__":
    result = {"long_lived_key": measure(None), "session": measure("FwoGZXIvYXdzEA0" * 40)}
    sys.stdout.write(json.dumps({"bench": "sigv4", "requests": result}, indent=2) + "\n")
