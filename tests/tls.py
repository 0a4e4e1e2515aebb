"""TLS servers on loopback that say what a test wants, and chains of certificates for them."""

from __future__ import annotations

import hashlib
import ssl
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import create_server, socket
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

Respond = Callable[[ssl.SSLSocket], None]


class Certificate:
    """A certificate for a name, signed by an authority or by itself; `days` from now it ends."""

    def __init__(self, name: str, by: Certificate | None = None, *, authority: bool = False, days: int = 30):
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        signer = by or self
        now = datetime.now(UTC)
        self.certificate = (
            x509.CertificateBuilder()
            .subject_name(self.subject)
            .issuer_name(signer.subject)
            .public_key(self.private.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=60))
            .not_valid_after(now + timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .sign(signer.private, SHA256())
        )

    @property
    def pem(self) -> bytes:
        """The certificate in PEM."""
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def thumbprint(self) -> str:
        """The SHA-1 of the certificate, as providers have it."""
        der = self.certificate.public_bytes(Encoding.DER)
        return hashlib.sha1(der, usedforsecurity=False).hexdigest()


class Host:
    """A server at 127.0.0.1 which shows a chain, the leaf first, and then does with a connection what it is
    told; what it was asked is in `heard`."""

    def __init__(self, *chain: Certificate, respond: Respond) -> None:
        self.heard: list[bytes] = []
        self._respond = respond
        self._tls = _context(*chain)
        self._server = create_server(("127.0.0.1", 0))
        self.place = f"127.0.0.1:{self._server.getsockname()[1]}"
        self._over = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._server.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while not self._over.is_set():
                connection, _ = self._server.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket) -> None:
        with suppress(OSError), self._tls.wrap_socket(connection, server_side=True) as secured:
            head = _head(secured)
            if head:  # some look at the chain only
                self.heard.append(head)
                self._respond(secured)


def says(*parts: bytes) -> Respond:
    """A host that sends this and hangs up."""

    def respond(connection: ssl.SSLSocket) -> None:
        for part in parts:
            connection.sendall(part)

    return respond


def drips(first: bytes, part: bytes, pause: float = 0.02) -> Respond:
    """A host that goes on sending the same bytes until nobody listens any more."""

    def respond(connection: ssl.SSLSocket) -> None:
        connection.sendall(first)
        while part:
            connection.sendall(part)
            time.sleep(pause)
        connection.recv(1)

    return respond


def document(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """An HTTP answer with a body of its length."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def _head(connection: ssl.SSLSocket) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head and (part := connection.recv(65536)):
        head += part
    return head


def _context(*chain: Certificate) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        shown, private = Path(folder, "chain.pem"), Path(folder, "key.pem")
        shown.write_bytes(b"".join(each.pem for each in chain))
        key = chain[0].private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        private.write_bytes(key)
        context.load_cert_chain(shown, private)
    return context
