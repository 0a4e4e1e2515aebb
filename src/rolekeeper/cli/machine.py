"""A machine with a certificate: it signs its request for a role's session with the certificate's key.

Source: "The IAM Roles Anywhere authentication signing process" in the IAM Roles Anywhere User Guide.
"""

from __future__ import annotations

import base64
import http.client
import json
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from rolekeeper.cli.client import TIMEOUT
from rolekeeper.cli.iam_calls import CallRefused
from rolekeeper.errors import ConfigurationError, UsageError
from rolekeeper.wire.stamp import basic_format
from rolekeeper.wire.x509_signature import CERTIFICATE, CHAIN, ECDSA_ALGORITHM, RSA_ALGORITHM

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

PATH: Final = "/sessions"
_LARGEST: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A certificate, those between it and its authority, and its key."""

    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    key: Key

    def __repr__(self) -> str:
        return f"Machine({self.certificate.subject.rfc4514_string()})"

    def headers(self, host: str, query: str, body: bytes, *, region: str, now: datetime) -> dict[str, str]:
        """All headers of the request, its signature among them."""
        stamp = basic_format(now)
        headers = {
            "content-type": "application/json",
            "host": host,
            "x-amz-date": stamp,
            CERTIFICATE: _base64(self.certificate),
        }
        if self.chain:
            headers[CHAIN] = ",".join(map(_base64, self.chain))
        names = ";".join(headers)
        lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
        canonical = f"POST\n{PATH}\n{query}\n{lines}\n{names}\n{sha256(body).hexdigest()}"
        algorithm = RSA_ALGORITHM if isinstance(self.key, rsa.RSAPrivateKey) else ECDSA_ALGORITHM
        scope = f"{stamp[:8]}/{region}/rolesanywhere/aws4_request"
        text = f"{algorithm}\n{stamp}\n{scope}\n{sha256(canonical.encode()).hexdigest()}"
        claims = f"Credential={self.certificate.serial_number}/{scope}, SignedHeaders={names}"
        signature = self._sign(text.encode()).hex()
        return headers | {"authorization": f"{algorithm} {claims}, Signature={signature}"}

    def _sign(self, text: bytes) -> bytes:
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(text, padding.PKCS1v15(), SHA256())
        return self.key.sign(text, ec.ECDSA(SHA256()))


def read(certificate: Path, private_key: Path, intermediates: Path | None = None) -> Machine:
    """A machine of its files, in PEM: what follows the certificate is of the chain, too. UsageError."""
    own, *more = _certificates(certificate)
    chain = more + ([] if intermediates is None else _certificates(intermediates))
    key = _key(private_key)
    if own.public_key() != key.public_key():
        raise UsageError(f"the key in {private_key} is not that of the certificate in {certificate}")
    return Machine(certificate=own, chain=tuple(chain), key=key)


def ask(
    machine: Machine,
    endpoint: str,
    query: dict[str, str],
    body: dict[str, Any],
    *,
    region: str,
    trusted: str | None = None,
) -> dict[str, Any]:
    """What CreateSession answers; CallRefused with what the server says, ConfigurationError where that is
    nothing, or that it has failed.

    `trusted` is the file of the one certificate that a server of this machine's own shows.
    """
    url = urlsplit(endpoint)
    written, payload = (
        urlencode(sorted(query.items()), quote_via=quote, safe="-._~"),
        json.dumps(body).encode(),
    )
    headers = machine.headers(url.netloc, written, payload, region=region, now=datetime.now(UTC))
    asking = _connection(endpoint, trusted)
    try:
        asking.request("POST", f"{PATH}?{written}", payload, headers)
        response = asking.getresponse()
        status, answer = response.status, response.read(_LARGEST)
        code = response.headers.get("x-amzn-errortype", "").partition(":")[0]
    except (OSError, http.client.HTTPException) as error:
        raise ConfigurationError(f"{endpoint} does not answer: {error}") from None
    finally:
        asking.close()
    try:
        found = json.loads(answer)
    except ValueError:
        raise ConfigurationError(f"{endpoint} answers {status}, and no JSON") from None
    if status != 201 or not isinstance(found, dict):
        said = found.get("message") if isinstance(found, dict) else None
        refused = f"the session is refused: {said or status}"
        raise CallRefused(code, refused) if 400 <= status < 500 else ConfigurationError(refused)
    return found


def _connection(endpoint: str, trusted: str | None) -> http.client.HTTPConnection:
    url = urlsplit(endpoint)
    if url.scheme not in ("http", "https") or not url.hostname:
        raise UsageError(
            f"--endpoint is a URL such as https://rolesanywhere.example.com, and not {endpoint!r}"
        )
    if url.scheme == "http":
        return http.client.HTTPConnection(url.hostname, url.port, timeout=TIMEOUT)
    context = ssl.create_default_context(cafile=trusted)
    if trusted is not None:
        context.check_hostname = False
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return http.client.HTTPSConnection(url.hostname, url.port, timeout=TIMEOUT, context=context)


def _certificates(path: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(_content(path))
    except ValueError:
        raise UsageError(f"{path} has no certificate in PEM") from None


def _key(path: Path) -> Key:
    try:
        key = load_pem_private_key(_content(path), None)
    except TypeError:
        raise UsageError(f"the key in {path} has a password: give one without") from None
    except (ValueError, UnsupportedAlgorithm):
        raise UsageError(f"{path} has no private key in PEM") from None
    if not isinstance(key, Key):
        raise UsageError(f"the key in {path} is neither an RSA nor an elliptic curve key")
    return key


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None


def _base64(certificate: x509.Certificate) -> str:
    return base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()
