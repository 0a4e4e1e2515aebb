"""A SAML identity provider that signs and encrypts, with its own keys; and one that can be lied about.

What it says is made as text, so that a test can change any of it; `signxml` signs. What other libraries make
is in `tests/vectors/saml`.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from lxml import etree
from signxml import CanonicalizationMethod, DigestAlgorithm, SignatureMethod, XMLSigner

from tests import saml
from tests.client import ACCOUNT

PROVIDER = f"arn:aws:iam::{ACCOUNT}:saml-provider/corporate"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app"
ENDPOINT = "https://signin.aws.amazon.com/saml"
AWS = "https://aws.amazon.com/SAML/Attributes/"
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"
SAMLP = "{urn:oasis:names:tc:SAML:2.0:protocol}"
DS = "{http://www.w3.org/2000/09/xmldsig#}"
XENC = "http://www.w3.org/2001/04/xmlenc#"
XENC11 = "http://www.w3.org/2009/xmlenc11#"
_NAMES = (
    'xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"'
)

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class SigningKey:
    """A key of a provider, with a certificate whose dates do not count."""

    def __init__(self, kind: str = "rsa", *, size: int = 2048) -> None:
        self.private: PrivateKey = (
            rsa.generate_private_key(public_exponent=65537, key_size=size)
            if kind == "rsa"
            else ec.generate_private_key(ec.SECP256R1())
        )
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "idp.example")])
        start = datetime(2001, 1, 1, tzinfo=UTC)
        self.certificate = (
            x509.CertificateBuilder(name, name, self.private.public_key(), x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(start + timedelta(days=1))
            .sign(self.private, hashes.SHA256())
        )

    @property
    def descriptor(self) -> str:
        """The key in a metadata document."""
        return saml.key_descriptor(base64.b64encode(self.certificate.public_bytes(Encoding.DER)).decode())

    def sign(self, element: Any, method: str = "", digest: str = "SHA256", **how: Any) -> Any:
        """The element with a signature after its issuer, as SAML has it."""
        usual = "RSA_SHA256" if isinstance(self.private, rsa.RSAPrivateKey) else "ECDSA_SHA256"
        signer = _Signer(
            signature_algorithm=SignatureMethod[method or usual],
            digest_algorithm=DigestAlgorithm[digest],
            c14n_algorithm=how.pop("c14n", CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0),
        )
        signed = signer.sign(
            element,
            key=self.private,
            cert=[self.certificate],
            reference_uri=how.pop("reference", element.get("ID")),
            id_attribute="ID",
            **how,
        )
        signature = signed.find(f"{DS}Signature")
        signed.remove(signature)
        signed.insert(1, signature)
        return signed


class _Signer(XMLSigner):
    def check_deprecated_methods(self) -> None:
        """Old algorithms are what a test may be about."""


@cache
def key(name: str = "first", kind: str = "rsa", size: int = 2048) -> SigningKey:
    """A key; those of one name are the same, for they take long to make."""
    return SigningKey(kind, size=size)


def instant(moment: datetime) -> str:
    """A time as SAML writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def attributes(values: Mapping[str, Sequence[str]]) -> str:
    """An AttributeStatement."""
    shown = "".join(
        f"<saml:Attribute Name={quoteattr(name)}>"
        + "".join(f"<saml:AttributeValue>{escape(value)}</saml:AttributeValue>" for value in given)
        + "</saml:Attribute>"
        for name, given in values.items()
    )
    return f"<saml:AttributeStatement>{shown}</saml:AttributeStatement>"


def usual_attributes(**more: Sequence[str] | None) -> dict[str, Sequence[str]]:
    """What AWS needs, with others of AWS's in its place or besides; those that are None are left out."""
    given = {"Role": [f"{ROLE},{PROVIDER}"], "RoleSessionName": ["alice"], **more}
    return {AWS + name.replace("__", ":"): value for name, value in given.items() if value is not None}


def assertion(
    *,
    issuer: str = saml.ISSUER,
    subject: str = "alice@example.com",
    name_format: str = ' Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"',
    audience: str = "<saml:AudienceRestriction><saml:Audience>"
    + ENDPOINT
    + "</saml:Audience></saml:AudienceRestriction>",
    recipient: str = ENDPOINT,
    method: str = "urn:oasis:names:tc:SAML:2.0:cm:bearer",
    issued: float = 0,
    begins: float | None = -30,
    ends: float | None = 300,
    confirmed_until: float = 300,
    session_ends: float | None = None,
    values: Mapping[str, Sequence[str]] | None = None,
    id: str = "_assertion",
    more: str = "",
    now: datetime | None = None,
) -> str:
    """An assertion of just now; times are in seconds from then."""
    start = now or datetime.now(UTC)

    def at(seconds: float) -> str:
        return instant(start + timedelta(seconds=seconds))

    before = "" if begins is None else f' NotBefore="{at(begins)}"'
    after = "" if ends is None else f' NotOnOrAfter="{at(ends)}"'
    session = "" if session_ends is None else f' SessionNotOnOrAfter="{at(session_ends)}"'
    return (
        f'<saml:Assertion {_NAMES} ID="{id}" Version="2.0" IssueInstant="{at(issued)}">'
        f"<saml:Issuer>{issuer}</saml:Issuer>"
        f"<saml:Subject><saml:NameID{name_format}>{subject}</saml:NameID>"
        f'<saml:SubjectConfirmation Method="{method}"><saml:SubjectConfirmationData '
        f'NotOnOrAfter="{at(confirmed_until)}" Recipient="{recipient}"/></saml:SubjectConfirmation>'
        f"</saml:Subject><saml:Conditions{before}{after}>{audience}</saml:Conditions>"
        f'<saml:AuthnStatement AuthnInstant="{at(issued)}"{session}><saml:AuthnContext/>'
        "</saml:AuthnStatement>"
        f"{attributes(usual_attributes() if values is None else values)}{more}</saml:Assertion>"
    )


def response(*inside: Any, status: str = SUCCESS, head: str = "", id: str = "_response") -> Any:
    """A response around assertions, not signed."""
    root = etree.fromstring(
        f'<samlp:Response {_NAMES} ID="{id}" Version="2.0" IssueInstant="{instant(datetime.now(UTC))}">'
        f'<saml:Issuer>{saml.ISSUER}</saml:Issuer>{head}<samlp:Status><samlp:StatusCode Value="{status}"/>'
        "</samlp:Status></samlp:Response>"
    )
    root.extend(etree.fromstring(one) if isinstance(one, str) else one for one in inside)
    return root


def signed(*, sign: str = "assertion", by: SigningKey | None = None, **terms: Any) -> Any:
    """A response in which the assertion, the response or both are signed."""
    signer = by or key()
    inner = etree.fromstring(assertion(**terms))
    root = response(inner if sign == "response" else signer.sign(inner))
    return root if sign == "assertion" else signer.sign(root)


def encode(document: Any) -> str:
    """What a browser would post."""
    text = document.encode() if isinstance(document, str) else document
    return base64.b64encode(text if isinstance(text, bytes) else etree.tostring(document)).decode()


def private_pem(key: rsa.RSAPrivateKey) -> str:
    """A private key as AddPrivateKey takes it."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def encrypted(
    assertion: Any,
    recipient: rsa.RSAPrivateKey,
    *,
    cipher: str = "gcm",
    wrap: str = XENC11 + "rsa-oaep",
    digest: hashes.HashAlgorithm | None = None,
    aside: bool = False,
) -> Any:
    """An EncryptedAssertion, the key of which stands in it or beside its data."""
    content, secret, nonce = etree.tostring(assertion), os.urandom(32), os.urandom(16)
    if cipher == "gcm":
        algorithm, box = XENC11 + "aes256-gcm", nonce[:12] + AESGCM(secret).encrypt(nonce[:12], content, None)
    else:
        algorithm, missing = XENC + "aes256-cbc", 16 - len(content) % 16
        box = nonce + Cipher(AES(secret), CBC(nonce)).encryptor().update(
            content + bytes(missing - 1) + bytes([missing])
        )
    hash_of = digest or hashes.SHA1()
    oaep = padding.OAEP(padding.MGF1(hash_of), hash_of, None)
    how: padding.AsymmetricPadding = padding.PKCS1v15() if wrap.endswith("rsa-1_5") else oaep
    wrapped = recipient.public_key().encrypt(secret, how)
    named = "" if digest is None else _digest_named(hash_of)
    carried = (
        f'<xenc:EncryptedKey xmlns:xenc="{XENC}"><xenc:EncryptionMethod Algorithm="{wrap}">{named}'
        f"</xenc:EncryptionMethod>{_cipher_data(wrapped)}</xenc:EncryptedKey>"
    )
    inside = "" if aside else f'<ds:KeyInfo xmlns:ds="{DS[1:-1]}">{carried}</ds:KeyInfo>'
    return etree.fromstring(
        f"<saml:EncryptedAssertion {_NAMES}>"
        f'<xenc:EncryptedData xmlns:xenc="{XENC}" Type="{XENC}Element">'
        f'<xenc:EncryptionMethod Algorithm="{algorithm}"/>{inside}{_cipher_data(box)}</xenc:EncryptedData>'
        f"{carried if aside else ''}</saml:EncryptedAssertion>"
    )


def _digest_named(digest: hashes.HashAlgorithm) -> str:
    return (
        f'<ds:DigestMethod xmlns:ds="{DS[1:-1]}" Algorithm="{XENC}{digest.name}"/>'
        f'<xenc11:MGF xmlns:xenc11="{XENC11}" Algorithm="{XENC11}mgf1{digest.name}"/>'
    )


def _cipher_data(value: bytes) -> str:
    return (
        f"<xenc:CipherData><xenc:CipherValue>{base64.b64encode(value).decode()}</xenc:CipherValue>"
        "</xenc:CipherData>"
    )
