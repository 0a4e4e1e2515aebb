"""The metadata document of a SAML identity provider: read once, when it is given, and distrusted.

It comes from a stranger's machine, so the parser resolves no entities, reads no DTD and opens no connection,
and a document that has a DTD is none. The dates of certificates do not count, as they do not for AWS.
Source: "Metadata for the OASIS SAML V2.0" (saml-metadata-2.0-os), sections 2.3.2, 2.4.1.1 and 2.4.3;
"Create a SAML identity provider in IAM" in the IAM User Guide.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from rolekeeper.errors import InvalidInput
from rolekeeper.iam import saml_xml
from rolekeeper.iam.saml_xml import DS, Element

_MD = "{urn:oasis:names:tc:SAML:2.0:metadata}"
_PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
_MAX_ENTITY_ID = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class SamlMetadata:
    """What a metadata document says of a provider: its name, whom to believe, and for how long."""

    issuer: str
    certificates: tuple[x509.Certificate, ...]
    """Of the keys that may sign its assertions; at least one."""
    valid_until: datetime | None


def read(text: str) -> SamlMetadata:
    """What a document says; InvalidInput where it is no metadata of an identity provider."""
    root = _parsed(text)
    issuer = root.get("entityID", "")
    descriptors = [one for one in root.findall(f"{_MD}IDPSSODescriptor") if _speaks_saml_2(one)]
    if root.tag != f"{_MD}EntityDescriptor" or not 0 < len(issuer) <= _MAX_ENTITY_ID or not descriptors:
        raise _unreadable()
    certificates = tuple(found for one in descriptors for found in _signing_certificates(one))
    if not certificates:
        raise _unreadable()
    ends = [_time(one.get("validUntil")) for one in (root, *descriptors) if one.get("validUntil") is not None]
    return SamlMetadata(issuer=issuer, certificates=certificates, valid_until=min(ends, default=None))


def _parsed(text: str) -> Element:
    try:
        return saml_xml.parse(text)
    except ValueError:
        raise _unreadable() from None


def _speaks_saml_2(descriptor: Element) -> bool:
    return _PROTOCOL in descriptor.get("protocolSupportEnumeration", "").split()


def _signing_certificates(descriptor: Element) -> list[x509.Certificate]:
    """The certificates of keys for signing; a key that does not say what it is for is for all."""
    return [
        _certificate(element.text or "")
        for key in descriptor.findall(f"{_MD}KeyDescriptor")
        if key.get("use", "signing") == "signing"
        for element in key.iterfind(f"{DS}KeyInfo/{DS}X509Data/{DS}X509Certificate")
    ]


def _certificate(text: str) -> x509.Certificate:
    try:
        found = x509.load_der_x509_certificate(base64.b64decode("".join(text.split()), validate=True))
        found.public_key()  # one of which nothing could be verified is none
    except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion):
        raise _unreadable() from None
    return found


def _time(text: str | None) -> datetime:
    try:
        found = datetime.fromisoformat((text or "").strip())
        moment = found if found.tzinfo is not None else found.replace(tzinfo=UTC)
        return moment.astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError):
        raise _unreadable() from None


def _unreadable() -> InvalidInput:
    return InvalidInput("Could not parse metadata")
