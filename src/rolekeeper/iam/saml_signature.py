"""XML signatures: the one way from an element that claims to be signed to what was signed.

An element is verified by itself: it is taken out of its document first, so that no signature can point at
something else in it, and what comes back is not the element but the bytes that were signed, read anew.
Whoever reads nothing else cannot be deceived by what was wrapped around it. Which algorithms there are is
said here, keys come from the provider's metadata only, and transforms are those that SAML allows.
Sources: saml-core-2.0-os, section 5.4; "On Breaking SAML: Be Whoever You Want to Be" (Somorovsky and others,
2012); XML Signature Best Practices (W3C).
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.exceptions import SignXMLException
from signxml.verifier import SignatureConfiguration, XMLVerifier

from rolekeeper.iam import saml_xml
from rolekeeper.iam.saml_xml import DS, Element

MAX_KEYS: Final = 5
"""Certificates of one provider that a signature is tried with."""

_MIN_RSA = 2048
_EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
_ENVELOPED = f"{DS[1:-1]}enveloped-signature"
_TRANSFORMS = ([_ENVELOPED, _EXCLUSIVE], [_ENVELOPED, f"{_EXCLUSIVE}WithComments"])
_PREFIXES = "{" + _EXCLUSIVE + "}InclusiveNamespaces"
_MAX_PREFIXES = 20
_IDS = frozenset({"ID", "Id", "id", "{http://www.w3.org/XML/1998/namespace}id"})

_METHODS = frozenset(
    {
        SignatureMethod.RSA_SHA256,
        SignatureMethod.RSA_SHA384,
        SignatureMethod.RSA_SHA512,
        SignatureMethod.SHA256_RSA_MGF1,
        SignatureMethod.SHA384_RSA_MGF1,
        SignatureMethod.SHA512_RSA_MGF1,
        SignatureMethod.ECDSA_SHA256,
        SignatureMethod.ECDSA_SHA384,
        SignatureMethod.ECDSA_SHA512,
    }
)
_DIGESTS = frozenset({DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512})


class BadSignature(Exception):
    """Nobody whom the provider names has signed this."""


def refuse_double_ids(roots: Iterable[Element]) -> None:
    """ValueError where one ID stands twice: which of the two was meant, and which was signed?"""
    seen: set[object] = set()
    for root in roots:
        for element in root.iter():
            for name in _IDS.intersection(element.keys()):
                if element.get(name) in seen:
                    raise ValueError("an ID stands twice in it")
                seen.add(element.get(name))


def is_signed(element: Element) -> bool:
    """Whether an element claims a signature of its own."""
    return element.find(f"{DS}Signature") is not None


def verified(element: Element, certificates: Sequence[x509.Certificate]) -> Element:
    """What a key of the provider has signed: the element, without its signature. Else BadSignature."""
    try:
        signature = saml_xml.only(element, f"{DS}Signature")
        _check_form(signature, saml_xml.attribute(element, "ID"))
    except ValueError:
        raise BadSignature from None
    alone = etree.tostring(element, with_tail=False)
    for certificate in _fitting(signature, certificates):
        found = _try(alone, certificate)
        if found is not None:
            if found.tag != element.tag or found.get("ID") != element.get("ID"):
                raise BadSignature
            return found
    raise BadSignature


def _check_form(signature: Element, own_id: str | None) -> None:
    """ValueError unless it is SAML's one form: a signature of the element around it, and of nothing else."""
    info, _, *_ = _parts(signature, ["SignedInfo", "SignatureValue"], may_end="KeyInfo")
    method, _, reference = _parts(info, ["CanonicalizationMethod", "SignatureMethod", "Reference"])
    listed, *_ = _parts(reference, ["Transforms", "DigestMethod", "DigestValue"])
    transforms = [one.get("Algorithm") for one in _parts(listed, ["Transform", "Transform"])]
    if not own_id or reference.get("URI") != f"#{own_id}" or transforms not in _TRANSFORMS:
        raise ValueError("it is not signed as SAML has it")
    if method.get("Algorithm") not in (_EXCLUSIVE, f"{_EXCLUSIVE}WithComments"):
        raise ValueError("its canonical form is not one of SAML's")
    for prefixes in signature.iter(_PREFIXES):
        if len((prefixes.get("PrefixList") or "").split()) > _MAX_PREFIXES:
            raise ValueError("it names too many prefixes")


def _parts(element: Element, names: list[str], *, may_end: str | None = None) -> list[Element]:
    """The elements in an element; ValueError unless they are just these."""
    found = list(element)
    tags = [one.tag for one in found]
    wanted: list[object] = [f"{DS}{name}" for name in names]
    if tags != wanted and tags != [*wanted, f"{DS}{may_end}"]:
        raise ValueError("the signature has another form")
    return found


def _fitting(signature: Element, certificates: Sequence[x509.Certificate]) -> list[x509.Certificate]:
    """Those of the certificates that may have signed: the one that is shown, else the first few."""
    strong = [one for one in certificates if _is_strong(one)]
    path = f"{DS}KeyInfo/{DS}X509Data/{DS}X509Certificate"
    shown = {"".join((one.text or "").split()) for one in signature.iterfind(path)}
    known = [one for one in strong if base64.b64encode(one.public_bytes(Encoding.DER)).decode() in shown]
    return (known or strong)[:MAX_KEYS]


def _is_strong(certificate: x509.Certificate) -> bool:
    key = certificate.public_key()
    return isinstance(key, ec.EllipticCurvePublicKey) or (
        isinstance(key, rsa.RSAPublicKey) and key.key_size >= _MIN_RSA
    )


def _try(alone: bytes, certificate: x509.Certificate) -> Element | None:
    expected = SignatureConfiguration(
        location="./",
        signature_methods=_METHODS,
        digest_algorithms=_DIGESTS,
        ignore_ambiguous_key_info=True,  # what a signature says of keys does not count
        verification_time=certificate.not_valid_before_utc,  # neither do the dates of certificates
    )
    try:
        result = XMLVerifier().verify(
            alone,
            x509_cert=certificate,
            # The form has been checked; the schema does not take the prefixes that a canonical form names.
            validate_schema=False,
            parser=saml_xml.parser(),
            id_attribute="ID",
            expect_config=expected,
        )
    except (SignXMLException, etree.LxmlError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return None if isinstance(result, list) else result.signed_xml
