"""A SAML assertion: what it says, and whether that is for AWS, for now, and from the right provider.

It is read only once it is verified (`saml_signature`). Times are held against the server's clock; an
assertion is good for five minutes after it was issued, however long it says to be valid.
Sources: saml-core-2.0-os, section 2; saml-profiles-2.0-os, section 4.1.4.2; "Configure SAML assertions for
the authentication response" and "Troubleshoot SAML federation with IAM" in the IAM User Guide.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from rolekeeper.errors import ExpiredIdentityToken, InvalidIdentityToken
from rolekeeper.iam import saml_xml
from rolekeeper.iam.saml_response import invalid
from rolekeeper.iam.saml_xml import SAML, Element

SKEW: Final = timedelta(seconds=60)
"""By how much a provider's clock may be ahead."""

LIFETIME: Final = timedelta(minutes=5)
"""How long after its issuance an assertion is taken."""

_BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
_FORMAT = "urn:oasis:names:tc:SAML:2.0:nameid-format:"
_UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
_CONDITIONS = frozenset(f"{SAML}{name}" for name in ("AudienceRestriction", "OneTimeUse", "ProxyRestriction"))
_ENDPOINT = re.compile(
    r"https://(?:[a-z]{2}(?:-[a-z]+)+-[0-9]+\.)?(signin\.[a-z.-]+)/saml(?:/acs/([A-Z0-9]+))?"
)
_SIGN_IN = {
    "aws": ("signin.aws.amazon.com", "urn:amazon:webservices"),
    "aws-cn": ("signin.amazonaws.cn", "urn:amazon:webservices:cn-north-1"),
    "aws-us-gov": ("signin.amazonaws-us-gov.com", "urn:amazon:webservices:govcloud"),
}
"""Of each partition the host at which it takes SAML responses, and its name as a service provider."""


class Assertion(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider has signed of somebody."""

    id: str
    issuer: str
    issued: datetime
    subject: str
    subject_type: str
    """`persistent`, `transient`, or the whole URI of another format."""
    recipient: str
    audiences: tuple[tuple[str, ...], ...]
    """Of each restriction its audiences, one of which must be ours."""
    begins: tuple[datetime, ...]
    ends: tuple[datetime, ...]
    session_ends: datetime | None
    attributes: Mapping[str, tuple[str, ...]]


def read(element: Element) -> Assertion:
    """What a verified assertion says; InvalidIdentityToken where something that AWS needs is missing."""
    try:
        return _read(element)
    except ValueError as error:
        raise invalid(str(error)) from None


def _read(element: Element) -> Assertion:
    if element.get("Version") != "2.0":
        raise ValueError("it is not a SAML 2.0 assertion")
    subject = saml_xml.only(element, f"{SAML}Subject")
    name = saml_xml.only(subject, f"{SAML}NameID")
    confirmed = _bearer(subject)
    conditions = saml_xml.only(element, f"{SAML}Conditions")
    if any(one.tag not in _CONDITIONS for one in conditions):
        raise ValueError("it has a condition that is not understood")
    if not saml_xml.text_of(name):
        raise ValueError("its NameID is empty")
    ends = saml_xml.attribute(conditions, "NotOnOrAfter")
    return Assertion(
        id=element.get("ID") or "",
        issuer=saml_xml.text_of(saml_xml.only(element, f"{SAML}Issuer")),
        issued=saml_xml.moment(saml_xml.attribute(element, "IssueInstant")),
        subject=saml_xml.text_of(name),
        subject_type=(name.get("Format") or _UNSPECIFIED).removeprefix(_FORMAT),
        recipient=saml_xml.attribute(confirmed, "Recipient") or "",
        audiences=tuple(
            tuple(saml_xml.text_of(one) for one in restriction.iterfind(f"{SAML}Audience"))
            for restriction in conditions.iterfind(f"{SAML}AudienceRestriction")
        ),
        begins=tuple(
            saml_xml.moment(one.get("NotBefore"))
            for one in (conditions, confirmed)
            if one.get("NotBefore") is not None
        ),
        ends=(
            saml_xml.moment(saml_xml.attribute(confirmed, "NotOnOrAfter")),
            *(() if ends is None else (saml_xml.moment(ends),)),
        ),
        session_ends=_session_ends(element),
        attributes=_attributes(element),
    )


def _bearer(subject: Element) -> Element:
    """The data of the one confirmation that there must be: whoever brings the assertion is its subject."""
    confirmation = saml_xml.only(subject, f"{SAML}SubjectConfirmation")
    if confirmation.get("Method") != _BEARER:
        raise ValueError("its subject is not confirmed by bearing it")
    return saml_xml.only(confirmation, f"{SAML}SubjectConfirmationData")


def _session_ends(element: Element) -> datetime | None:
    found = [one.get("SessionNotOnOrAfter") for one in element.iterfind(f"{SAML}AuthnStatement")]
    return min((saml_xml.moment(one) for one in found if one is not None), default=None)


def _attributes(element: Element) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for one in element.iterfind(f"{SAML}AttributeStatement/{SAML}Attribute"):
        name = one.get("Name") or ""
        values = (saml_xml.text_of(value) for value in one.iterfind(f"{SAML}AttributeValue"))
        found[name] = (*found.get(name, ()), *values)
    return found


def check(assertion: Assertion, *, issuer: str, provider_id: str, partition: str, now: datetime) -> None:
    """Whether it is the provider's, for AWS, and for now; InvalidIdentityToken, ExpiredTokenException."""
    host, entity = _SIGN_IN.get(partition, _SIGN_IN["aws"])
    if assertion.issuer != issuer:
        raise InvalidIdentityToken("Issuer not present in specified provider")
    if not _is_endpoint(assertion.recipient, host, provider_id):
        raise invalid("its Recipient is not the AWS sign-in endpoint")
    if not assertion.audiences or not all(
        any(one == entity or _is_endpoint(one, host, provider_id) for one in restriction)
        for restriction in assertion.audiences
    ):
        raise InvalidIdentityToken("Response does not contain the required audience.")
    _check_times(assertion, now)


def _check_times(assertion: Assertion, now: datetime) -> None:
    if max((assertion.issued, *assertion.begins)) > now + SKEW:
        raise invalid("it is not valid yet")
    if now >= assertion.issued + LIFETIME:
        raise ExpiredIdentityToken("Token must be redeemed within 5 minutes of issuance")
    ends = min(*assertion.ends, assertion.session_ends or datetime.max.replace(tzinfo=UTC))
    if now >= ends:
        shown = ends.isoformat().replace("+00:00", "Z")
        raise ExpiredIdentityToken(f"Token expired: the SAML response was valid until {shown}")


def _is_endpoint(url: str, host: str, provider_id: str) -> bool:
    """Whether it is the URL at which AWS takes SAML responses, in whatever region of the partition."""
    found = _ENDPOINT.fullmatch(url)
    return found is not None and found[1] == host and found[2] in (None, provider_id)
