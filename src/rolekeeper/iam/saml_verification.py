"""Verifying a response once: it takes milliseconds, which the rims spend where nobody else waits for them.

What is remembered is what the provider signed or why it is refused, for a response together with all that it
was held against; so a change of the provider asks anew. Times, roles and trust are looked at in every call.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from rolekeeper.errors import AwsError
from rolekeeper.iam import saml_assertion, saml_metadata, saml_response
from rolekeeper.iam.saml_assertion import Assertion
from rolekeeper.iam.saml_metadata import SamlMetadata
from rolekeeper.iam.secret import Secret

_REMEMBERED: Final = 256


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A response, and what it is held against."""

    response: str
    metadata: str
    keys: tuple[tuple[str, Secret], ...] = ()
    """The private keys that may decrypt it, each with its ID."""
    must_be_encrypted: bool = False

    def __repr__(self) -> str:
        return "Question(***)"

    @property
    def digest(self) -> bytes:
        """What stands for the question."""
        parts = (self.response, self.metadata, [id for id, _ in self.keys], self.must_be_encrypted)
        return hashlib.sha256(msgspec.msgpack.encode(parts)).digest()

    def answer(self) -> Assertion:
        """What the provider has signed; an AwsError where it has not."""
        element = saml_response.signed_assertion(
            saml_response.read(self.response),
            metadata(self.metadata).certificates,
            (_loaded(key) for _, key in self.keys),
            must_be_encrypted=self.must_be_encrypted,
        )
        return saml_assertion.read(element)


class Verifications:
    """The answers to the last questions."""

    def __init__(self) -> None:
        self._known: dict[bytes, Assertion | AwsError] = {}

    def at_hand(self, question: Question) -> bool:
        """Whether the question has been answered."""
        return question.digest in self._known

    def settle(self, question: Question) -> Assertion | AwsError:
        """Answer a question, and remember it."""
        try:
            answer: Assertion | AwsError = question.answer()
        except AwsError as error:
            answer = type(error)(error.message)
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[question.digest] = answer
        return answer

    def get(self, question: Question) -> Assertion:
        """What the provider has signed; an AwsError where it has not."""
        answer = self._known.get(question.digest) or self.settle(question)
        if isinstance(answer, AwsError):
            raise type(answer)(answer.message)
        return answer


@lru_cache(maxsize=64)
def metadata(document: str) -> SamlMetadata:
    """A provider's metadata, read once."""
    return saml_metadata.read(document)


def _loaded(key: Secret) -> RSAPrivateKey:
    # That its numbers are primes has been looked at when it was uploaded.
    loaded = load_pem_private_key(key.reveal().encode(), password=None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(loaded, RSAPrivateKey):
        raise TypeError("not an RSA key")
    return loaded
