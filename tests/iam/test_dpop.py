"""DPoP proofs: signed by the key that they name, for one request, for now, and once."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from rolekeeper.iam.dpop import InvalidProof, Proofs
from tests.endpoints import proving
from tests.endpoints.proving import URL, encoded

NOW = 1_800_000_000.0


class Prover(proving.Prover):
    """One whose clock stands still."""

    def proof(self, head: dict[str, Any] | None = None, **claims: Any) -> str:
        return super().proof(head, **({"iat": int(NOW)} | claims))


def check(proof: str, proofs: Proofs | None = None, now: float = NOW) -> str:
    return (proofs or Proofs()).thumbprint(proof, method="POST", url=URL, now=now)


def test_a_proof_tells_its_key() -> None:
    first, second = Prover(), Prover()
    assert check(first.proof()) == check(first.proof()) != check(second.proof())


def test_the_thumbprint_is_that_of_rfc_7638() -> None:
    prover = Prover()
    text = f'{{"crv":"P-256","kty":"EC","x":"{prover.jwk["x"]}","y":"{prover.jwk["y"]}"}}'
    digest = hashlib.sha256(text.encode()).digest()
    assert check(prover.proof()) == base64.urlsafe_b64encode(digest).decode().rstrip("=")


@pytest.mark.parametrize(
    "claims",
    [
        {"htm": "GET"},
        {"htm": "post"},
        {"htu": "http://127.0.0.1:4566/v1/authorize"},
        {"htu": "http://evil.example/v1/token"},
        {"htu": ""},
        {"iat": int(NOW) - 301},
        {"iat": int(NOW) + 310},
        {"iat": str(int(NOW))},
        {"jti": ""},
        {"jti": "x" * 257},
        {"jti": 1},
    ],
)
def test_a_proof_for_something_else_is_refused(claims: dict[str, Any]) -> None:
    with pytest.raises(InvalidProof):
        check(Prover().proof(**claims))


@pytest.mark.parametrize(
    "head",
    [
        {"typ": "JWT"},
        {"alg": "none"},
        {"alg": "HS256"},
        {"alg": "RS256"},
        {"jwk": {"kty": "RSA"}},
        {"jwk": None},
        {"jwk": {"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA"}},
        {"jwk": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}},
        {"jwk": {"kty": "EC", "crv": "P-256", "x": encoded(b"\1" * 32), "y": encoded(b"\1" * 32)}},
    ],
)
def test_a_key_or_an_algorithm_that_is_not_taken(head: dict[str, Any]) -> None:
    with pytest.raises(InvalidProof):
        check(Prover().proof(head))


def test_a_proof_that_another_key_has_signed_is_refused() -> None:
    with pytest.raises(InvalidProof):
        check(Prover().proof({"jwk": Prover().jwk}))


@pytest.mark.parametrize("proof", ["", ".", "..", "a.b.c", "a.b", "a.b.c.d", "é.é.é", "x" * 5000])
def test_what_is_no_proof_is_refused(proof: str) -> None:
    with pytest.raises(InvalidProof):
        check(proof)


def test_a_changed_proof_is_refused() -> None:
    head, claims, signature = Prover().proof().split(".")
    for changed in (
        f"{head}.{claims}.{encoded(bytes(64))}",
        f"{head}.{claims}x.{signature}",
        f"{head}.{claims}.",
    ):
        with pytest.raises(InvalidProof):
            check(changed)


def test_a_proof_is_good_once() -> None:
    proofs, prover = Proofs(), Prover()
    proof = prover.proof()
    check(proof, proofs)
    with pytest.raises(InvalidProof):
        check(proof, proofs)
    check(prover.proof(), proofs)
    with pytest.raises(InvalidProof):
        check(proof, proofs, now=NOW + 299)
