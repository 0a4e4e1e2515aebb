"""An OpenID Connect issuer on loopback, for tokens as a Kubernetes cluster gives them to its workloads."""

from __future__ import annotations

import hashlib
import json
import ssl
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self
from uuid import uuid4

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

HOST = "oidc.bench.example"
AUDIENCE = "sts.amazonaws.com"
SUBJECT = "system:serviceaccount:bench:web"


class Issuer:
    """The issuer, in a thread. A server asks for its keys once, and then not for an hour."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        certificate = self._certificate()
        der = certificate.public_bytes(serialization.Encoding.DER)
        self.thumbprint = hashlib.sha1(der, usedforsecurity=False).hexdigest()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self._documents()))
        self._server.socket = self._tls(certificate).wrap_socket(self._server.socket, server_side=True)
        self.setting = f"{HOST}=127.0.0.1:{self._server.server_address[1]}"
        """What a server needs to find it: its `federation_hosts`."""

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def token(self) -> str:
        """A token of its own, good for an hour."""
        now = int(time.time())
        claims = {
            "iss": f"https://{HOST}",
            "aud": [AUDIENCE],
            "sub": SUBJECT,
            "iat": now,
            "nbf": now,
            "exp": now + 3600,
            "jti": str(uuid4()),
            "kubernetes.io": {"namespace": "bench", "serviceaccount": {"name": "web", "uid": str(uuid4())}},
        }
        return jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": "bench"})

    def _documents(self) -> dict[str, bytes]:
        made = jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        key = made | {"kid": "bench", "use": "sig", "alg": "RS256"}
        discovery = {"issuer": f"https://{HOST}", "jwks_uri": f"https://{HOST}/keys"}
        return {
            "/.well-known/openid-configuration": json.dumps(discovery).encode(),
            "/keys": json.dumps({"keys": [key]}).encode(),
        }

    def _certificate(self) -> x509.Certificate:
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self._key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
            .sign(self._key, hashes.SHA256())
        )

    def _tls(self, certificate: x509.Certificate) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        pem = serialization.Encoding.PEM
        private = self._key.private_bytes(
            pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        with tempfile.TemporaryDirectory() as folder:
            both = Path(folder, "both.pem")
            both.write_bytes(certificate.public_bytes(pem) + private)
            context.load_cert_chain(both)
        return context


def _handler(documents: dict[str, bytes]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = documents.get(self.path, b"")
            self.send_response(200 if body else 404)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
