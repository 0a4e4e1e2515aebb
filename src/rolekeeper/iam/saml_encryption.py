"""Encrypted assertions: opened with the provider's private keys, and no more believed than others.

A key is wrapped by RSA-OAEP and opens AES in GCM or CBC mode. PKCS #1 version 1.5 is refused, for it tells
too much to who asks often; CBC has no proof of being unchanged, so that all failures here and those of the
signature inside are answered alike.
Sources: XML Encryption Syntax and Processing 1.1 (W3C), sections 5.2, 5.5; saml-core-2.0-os, section 6;
"How to Break XML Encryption" (Jager, Somorovsky, 2011); "AddPrivateKey" in the IAM API Reference.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from typing import Final
from xml.sax.saxutils import quoteattr

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from rolekeeper.iam import saml_xml
from rolekeeper.iam.saml_xml import DS, SAML, XENC, XENC11, Element

_DIGESTS: Final = {
    f"{DS[1:-1]}sha1": hashes.SHA1,  # what OAEP has by default; there it is as good as any
    f"{XENC[1:-1]}sha256": hashes.SHA256,
    "http://www.w3.org/2001/04/xmldsig-more#sha384": hashes.SHA384,
    f"{XENC[1:-1]}sha512": hashes.SHA512,
}
_MASKS: Final = {
    f"{XENC11[1:-1]}mgf1sha1": hashes.SHA1,
    f"{XENC11[1:-1]}mgf1sha256": hashes.SHA256,
    f"{XENC11[1:-1]}mgf1sha384": hashes.SHA384,
    f"{XENC11[1:-1]}mgf1sha512": hashes.SHA512,
}
_OAEP = (f"{XENC[1:-1]}rsa-oaep-mgf1p", f"{XENC11[1:-1]}rsa-oaep")
_GCM = {f"{XENC11[1:-1]}aes{bits}-gcm": bits // 8 for bits in (128, 192, 256)}
_CBC = {f"{XENC[1:-1]}aes{bits}-cbc": bits // 8 for bits in (128, 192, 256)}
_DECLARATION = re.compile(r"^\ufeff?\s*<\?xml[^>]*\?>")


class Undecryptable(Exception):
    """None of the keys opens it."""


def decrypted(encrypted: Element, keys: Iterable[RSAPrivateKey]) -> Element:
    """The assertion in an EncryptedAssertion, as a document of its own; Undecryptable."""
    try:
        data = saml_xml.only(encrypted, f"{XENC}EncryptedData")
        wrapped = list(encrypted.iter(f"{XENC}EncryptedKey"))
        if len(wrapped) != 1:
            raise ValueError("it must have one EncryptedKey")
        box = _value(data)
        for key in keys:
            opened = _open(data, box, _unwrap(wrapped[0], key))
            if opened is not None:
                return _assertion(opened.decode(), encrypted)
    except ValueError:
        pass
    raise Undecryptable


def _value(element: Element) -> bytes:
    data = saml_xml.only(element, f"{XENC}CipherData")
    text = saml_xml.text_of(saml_xml.only(data, f"{XENC}CipherValue"))
    return base64.b64decode("".join(text.split()), validate=True)


def _unwrap(wrapped: Element, key: RSAPrivateKey) -> bytes | None:
    """The content's key; None where another private key would unwrap it."""
    method = saml_xml.only(wrapped, f"{XENC}EncryptionMethod")
    if method.get("Algorithm") not in _OAEP or method.find(f"{XENC}OAEPparams") is not None:
        raise ValueError("the key is wrapped in a way that is not taken")
    digest = _algorithm(method.find(f"{DS}DigestMethod"), _DIGESTS)
    mask = _algorithm(method.find(f"{XENC11}MGF"), _MASKS)
    try:
        return key.decrypt(_value(wrapped), padding.OAEP(padding.MGF1(mask()), digest(), None))
    except ValueError:
        return None


def _algorithm(
    element: Element | None, known: dict[str, type[hashes.HashAlgorithm]]
) -> type[hashes.HashAlgorithm]:
    if element is None:
        return hashes.SHA1
    found = known.get(element.get("Algorithm") or "")
    if found is None:
        raise ValueError("the key is wrapped in a way that is not taken")
    return found


def _open(data: Element, box: bytes, key: bytes | None) -> bytes | None:
    """The content, where the key is that of its algorithm."""
    algorithm = saml_xml.only(data, f"{XENC}EncryptionMethod").get("Algorithm") or ""
    if key is None or len(key) != {**_GCM, **_CBC}.get(algorithm):
        return None
    if algorithm in _GCM:
        try:
            return AESGCM(key).decrypt(box[:12], box[12:], None)
        except InvalidTag:
            return None
    decryptor = Cipher(AES(key), CBC(box[:16])).decryptor()
    plain = decryptor.update(box[16:]) + decryptor.finalize()
    if not plain or not 1 <= plain[-1] <= 16:
        return None
    return plain[: -plain[-1]]


def _assertion(text: str, encrypted: Element) -> Element:
    """The content as XML. It may use prefixes that are declared around it."""
    declared = "".join(
        f" xmlns{':' + prefix if prefix else ''}={quoteattr(uri)}" for prefix, uri in encrypted.nsmap.items()
    )
    around = saml_xml.parse_small(f"<content{declared}>{_DECLARATION.sub('', text)}</content>")
    if len(around) != 1 or around[0].tag != f"{SAML}Assertion":
        raise ValueError("it is not one assertion")
    return around[0]
