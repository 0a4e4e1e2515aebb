"""A client that signs with a key pair (SigV4A), written after AWS's description; botocore has none."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from urllib.parse import quote

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from rolekeeper.wire.http import HttpRequest
from tests.wire.signers import KEY_ID, SECRET

ALGORITHM = "AWS4-ECDSA-P256-SHA256"
STAMP = "20260101T001000Z"
ORDER = 115792089210356248762697446949407573529996955224135760342422259061068512044369
EMPTY = hashlib.sha256(b"").hexdigest()


def key_pair(key_id: str = KEY_ID, secret: str = SECRET) -> ec.EllipticCurvePrivateKey:
    """The pair of an access key."""
    for counter in range(1, 255):
        text = b"\0\0\0\1" + ALGORITHM.encode() + b"\0" + key_id.encode() + bytes([counter]) + b"\0\0\1\0"
        number = int(hmac.new(b"AWS4A" + secret.encode(), text, "sha256").hexdigest(), 16)
        if number <= ORDER - 2:
            return ec.derive_private_key(number + 1, ec.SECP256R1())
    raise AssertionError


class PairSigner:
    """Signs requests, and the chunks of their bodies."""

    def __init__(
        self, keys: tuple[str, str] = (KEY_ID, SECRET), *, stamp: str = STAMP, service: str = "s3"
    ) -> None:
        self._key_id, self._pair = keys[0], key_pair(*keys)
        self._stamp, self._scope = stamp, f"{stamp[:8]}/{service}/aws4_request"
        self._previous = ""

    def _sign(self, *lines: str) -> str:
        text = "\n".join(lines).encode()
        self._previous = self._pair.sign(text, ec.ECDSA(hashes.SHA256())).hex()
        return self._previous

    def _canonical(self, method: str, path: str, query: str, headers: Mapping[str, str], content: str) -> str:
        lines = "".join([f"{name}:{headers[name]}\n" for name in sorted(headers)])
        text = f"{method}\n{path}\n{query}\n{lines}\n{';'.join(sorted(headers))}\n{content}"
        return hashlib.sha256(text.encode()).hexdigest()

    def request(
        self,
        method: str = "PUT",
        path: str = "/bucket/key",
        *,
        regions: str = "*",
        content: str = EMPTY,
        **more: str,
    ) -> HttpRequest:
        """A request with an Authorization header."""
        headers = {
            "host": "s3.amazonaws.com",
            "x-amz-content-sha256": content,
            "x-amz-date": self._stamp,
            "x-amz-region-set": regions,
        } | {name.replace("_", "-"): value for name, value in more.items()}
        digest = self._canonical(method, path, "", headers, content)
        signature = self._sign(ALGORITHM, self._stamp, self._scope, digest)
        headers["authorization"] = (
            f"{ALGORITHM} Credential={self._key_id}/{self._scope}, "
            f"SignedHeaders={';'.join(sorted(headers))}, Signature={signature}"
        )
        return HttpRequest(method=method, path=path, headers=tuple(headers.items()))

    def presigned(self, method: str = "GET", path: str = "/bucket/key", *, regions: str = "*") -> HttpRequest:
        """A request with its signature in the URL."""
        parameters = {
            "X-Amz-Algorithm": ALGORITHM,
            "X-Amz-Credential": f"{self._key_id}/{self._scope}",
            "X-Amz-Date": self._stamp,
            "X-Amz-Expires": "60",
            "X-Amz-Region-Set": regions,
            "X-Amz-SignedHeaders": "host",
        }
        query = "&".join(
            [f"{name}={quote(value, safe='-_.~')}" for name, value in sorted(parameters.items())]
        )
        headers = {"host": "s3.amazonaws.com"}
        digest = self._canonical(method, path, query, headers, "UNSIGNED-PAYLOAD")
        signature = self._sign(ALGORITHM, self._stamp, self._scope, digest)
        return HttpRequest(
            method=method,
            path=path,
            query=f"{query}&X-Amz-Signature={signature}",
            headers=tuple(headers.items()),
        )

    def body(self, chunks: Iterable[bytes], trailers: Mapping[str, str] | None = None) -> bytes:
        """A body in signed chunks, after the head that was signed last."""
        found = b""
        for data in (*chunks, b""):
            digest = hashlib.sha256(data).hexdigest()
            signature = self._sign(
                f"{ALGORITHM}-PAYLOAD", self._stamp, self._scope, self._previous, EMPTY, digest
            )
            found += f"{len(data):x};chunk-signature={signature:*<144}\r\n".encode()
            found += data + b"\r\n" if data else b""
        if trailers is None:
            return found + b"\r\n"
        text = "".join([f"{name}:{value}\n" for name, value in trailers.items()])
        digest = hashlib.sha256(text.encode()).hexdigest()
        signature = self._sign(f"{ALGORITHM}-TRAILER", self._stamp, self._scope, self._previous, digest)
        return (
            found
            + text.replace("\n", "\r\n").encode()
            + f"x-amz-trailer-signature:{signature:*<144}\r\n\r\n".encode()
        )
