"""Issuers of web identity tokens: real HTTPS servers on loopback, each with its own certificate and keys."""

from __future__ import annotations

import base64
import hashlib
import json
import ssl
import tempfile
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class SigningKey:
    """A key of an issuer, with its ID and the algorithm that it signs with."""

    def __init__(self, id: str, algorithm: str = "RS256") -> None:
        self.id, self.algorithm = id, algorithm
        curves = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1(), "ES512": ec.SECP521R1()}
        self.private: PrivateKey = (
            ec.generate_private_key(curves[algorithm])
            if algorithm in curves
            else rsa.generate_private_key(public_exponent=65537, key_size=2048)
        )

    @property
    def jwk(self) -> dict[str, Any]:
        """The public half, as an issuer shows it."""
        made = jwt.get_algorithm_by_name(self.algorithm)
        found: dict[str, Any] = json.loads(made.to_jwk(self.private.public_key()))  # type: ignore[attr-defined]
        return found | {"kid": self.id, "use": "sig", "alg": self.algorithm}

    @property
    def public_pem(self) -> bytes:
        """The public half in PEM."""
        return self.private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def sign(self, claims: Mapping[str, Any], **header: Any) -> str:
        """A token with just these claims."""
        headers = {"kid": self.id} | header
        return jwt.encode(dict(claims), self.private, algorithm=self.algorithm, headers=headers)


class Issuer:
    """An OpenID Connect provider at `https://HOST/PATH`, which answers discovery and shows its keys."""

    def __init__(
        self, host: str = "idp.example", path: str = "", *, keys: tuple[SigningKey, ...] = ()
    ) -> None:
        self.url = f"https://{host}{path}"
        self.keys = list(keys or (SigningKey("first"),))
        self.asked: list[str] = []
        """The paths that were asked for."""
        self.discovery = {"issuer": self.url, "jwks_uri": f"https://{host}/keys"}
        self.answers: dict[str, tuple[int, bytes]] = {}
        """What a path answers in place of its document."""
        self.open = threading.Event()
        """Questions are answered while it is set."""
        self.open.set()
        certificate, key = _certificate(host)
        self.thumbprint = hashlib.sha1(
            certificate.public_bytes(serialization.Encoding.DER), usedforsecurity=False
        ).hexdigest()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.socket = _tls(certificate, key).wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self.hosts = {host: f"127.0.0.1:{self._server.server_address[1]}"}
        """The setting that lets a server find it."""

    @property
    def name(self) -> str:
        """The provider's URL as ARNs and condition keys have it."""
        return self.url.removeprefix("https://")

    def token(self, *, key: SigningKey | None = None, **claims: Any) -> str:
        """A token of just now, for an audience that the provider knows."""
        return (key or self.keys[0]).sign(self.claims(**claims))

    def claims(self, **claims: Any) -> dict[str, Any]:
        """The claims of a good token, with others in their place; those that are None are left out."""
        now = int(time.time())
        usual = {"iss": self.url, "aud": "sts.amazonaws.com", "sub": "alice", "iat": now, "exp": now + 600}
        return {name: value for name, value in (usual | claims).items() if value is not None}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.asked.append(self.path)
                issuer.open.wait(120)
                status, body = issuer._document(self.path)
                self.send_response(status)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    def _document(self, path: str) -> tuple[int, bytes]:
        if path in self.answers:
            return self.answers[path]
        if path.endswith("/.well-known/openid-configuration"):
            return 200, json.dumps(self.discovery).encode()
        if path == "/keys":
            return 200, json.dumps({"keys": [key.jwk for key in self.keys]}).encode()
        return 404, b""


def unsigned(claims: Mapping[str, Any], **header: Any) -> str:
    """A token that nobody signed."""
    parts = [{"alg": "none", "typ": "JWT"} | header, dict(claims)]
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*encoded, ""])


def _certificate(host: str) -> tuple[x509.Certificate, PrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return made, key


def _tls(certificate: x509.Certificate, key: PrivateKey) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        chain, private = Path(folder, "chain.pem"), Path(folder, "key.pem")
        chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        private.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        context.load_cert_chain(chain, private)
    return context
