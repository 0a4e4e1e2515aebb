"""What a session carries of a certificate: tags from its names, a source identity and a name from its number.

A rule of a mapping names what of a field of the certificate becomes a tag: `CN`, `*` for every part, and of
the alternative names `DNS`, `URI`, `Name/OU`. The key of a tag is the field and the part: `x509Subject/CN`.
Where a part stands several times in a name, its values are joined by a slash; of the alternative names, the
first counts.
Sources: "The IAM Roles Anywhere trust model" and "Certificate attribute mapping" in the IAM Roles Anywhere
User Guide; RFC 4519 (the names of the parts).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from cryptography import x509
from cryptography.x509.oid import NameOID

from rolekeeper.iam import tagging

__all__ = [
    "DEFAULT_MAPPINGS",
    "FIELDS",
    "Unmappable",
    "check_specifier",
    "session_name",
    "source_identity",
    "tags",
]

SUBJECT, ISSUER, ALTERNATIVE = FIELDS = ("x509Subject", "x509Issuer", "x509SAN")
DEFAULT_MAPPINGS: Mapping[str, tuple[str, ...]] = {
    ISSUER: ("*",),
    ALTERNATIVE: ("DNS", "URI", "Name/*"),
    SUBJECT: ("*",),
}
"""The rules of each field of a new profile."""

_PARTS: Mapping[str, x509.ObjectIdentifier] = {
    "C": NameOID.COUNTRY_NAME,
    "CN": NameOID.COMMON_NAME,
    "DC": NameOID.DOMAIN_COMPONENT,
    "E": NameOID.EMAIL_ADDRESS,
    "GENERATION": NameOID.GENERATION_QUALIFIER,
    "GN": NameOID.GIVEN_NAME,
    "INITIALS": NameOID.INITIALS,
    "L": NameOID.LOCALITY_NAME,
    "O": NameOID.ORGANIZATION_NAME,
    "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "PSEUDONYM": NameOID.PSEUDONYM,
    "SERIALNUMBER": NameOID.SERIAL_NUMBER,
    "SN": NameOID.SURNAME,
    "ST": NameOID.STATE_OR_PROVINCE_NAME,
    "STREET": NameOID.STREET_ADDRESS,
    "T": NameOID.TITLE,
    "UID": NameOID.USER_ID,
}
"""The parts of a name that can become tags."""

_SOURCE_IDENTITY = re.compile(r"(?!aws:)[\w+=,.@-]{2,64}", re.ASCII | re.IGNORECASE)


class Unmappable(Exception):
    """A part of the certificate cannot become what the session needs; the text says which."""


def check_specifier(field: str, specifier: str) -> None:
    """Return where a rule of a field can have this specifier; ValueError."""
    part = specifier
    if field == ALTERNATIVE:
        if specifier in ("DNS", "URI"):
            return
        prefix, _, part = specifier.partition("/")
        if prefix != "Name":
            raise ValueError(f"{field} has no specifier {specifier!r}")
    if part != "*" and part not in _PARTS:
        raise ValueError(f"{field} has no specifier {specifier!r}")


def tags(certificate: x509.Certificate, mappings: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """The session tags that a certificate gives by those rules; Unmappable where a value can be none."""
    found: dict[str, str] = {}
    for field, specifiers in mappings.items():
        for specifier in specifiers:
            found |= _mapped(certificate, field, specifier)
    wrong = [key for key, value in found.items() if not tagging.is_session_tag(key, value)]
    if wrong:
        raise Unmappable(f"some attributes fail to be mapped into session tags: {', '.join(sorted(wrong))}")
    return found


def source_identity(certificate: x509.Certificate) -> str | None:
    """The common name of the subject; None where it has none. Unmappable where it is of another form."""
    name = _values(certificate.subject).get("CN")
    if name is not None and not _SOURCE_IDENTITY.fullmatch(name):
        raise Unmappable("the common name cannot be a source identity: 2 to 64 characters of [\\w+=,.@-]")
    return name


def session_name(certificate: x509.Certificate) -> str:
    """The serial number in hexadecimal digits, a byte being two."""
    number = f"{certificate.serial_number:x}"
    return number.zfill(len(number) + len(number) % 2)


def _mapped(certificate: x509.Certificate, field: str, specifier: str) -> dict[str, str]:
    if field == SUBJECT:
        return _parts(field, certificate.subject, specifier)
    if field == ISSUER:
        return _parts(field, certificate.issuer, specifier)
    names = _alternative_names(certificate)
    if names is None:
        return {}
    if specifier in ("DNS", "URI"):
        kind = x509.DNSName if specifier == "DNS" else x509.UniformResourceIdentifier
        values = [str(value) for value in names.get_values_for_type(kind)]
        return {f"{field}/{specifier}": values[0]} if values else {}
    directory = names.get_values_for_type(x509.DirectoryName)
    return _parts(f"{field}/Name", directory[0], specifier.removeprefix("Name/")) if directory else {}


def _parts(prefix: str, name: x509.Name, specifier: str) -> dict[str, str]:
    values = _values(name)
    return {f"{prefix}/{part}": value for part, value in values.items() if specifier in ("*", part)}


def _values(name: x509.Name) -> dict[str, str]:
    """The values of a name by the names of its parts."""
    found: dict[str, str] = {}
    for part, identifier in _PARTS.items():
        values = [str(each.value) for each in name.get_attributes_for_oid(identifier)]
        if values:
            found[part] = "/".join(values)
    return found


def _alternative_names(certificate: x509.Certificate) -> x509.SubjectAlternativeName | None:
    for extension in certificate.extensions:
        if isinstance(extension.value, x509.SubjectAlternativeName):
            return extension.value
    return None
