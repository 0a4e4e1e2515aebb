"""Revocation lists: what they name is refused, and what is no list of the authority is not taken."""

from __future__ import annotations

import pytest

from rolekeeper.iam import revocation_lists
from tests.anywhere import Machine, authority, rsa_key

ROOT, OTHER = authority(), authority("root", key=rsa_key())
GOOD, BAD = Machine("good", ROOT), Machine("bad", ROOT)
ANCHORS = [ROOT.certificate]


def test_a_certificate_that_a_list_names_is_revoked() -> None:
    lists = [ROOT.revoking(BAD)]
    assert revocation_lists.is_revoked([BAD.certificate, ROOT.certificate], lists, ANCHORS)
    assert not revocation_lists.is_revoked([GOOD.certificate, ROOT.certificate], lists, ANCHORS)


def test_a_list_counts_after_its_next_update_too() -> None:
    assert revocation_lists.is_revoked(
        [BAD.certificate, ROOT.certificate], [ROOT.revoking(BAD, days=30)], ANCHORS
    )


def test_an_authority_in_the_chain_is_revoked_with_all_that_it_has_issued() -> None:
    middle = authority("middle", ROOT)
    chain = [Machine("leaf", middle).certificate, middle.certificate, ROOT.certificate]
    assert revocation_lists.is_revoked(chain, [ROOT.revoking(middle)], ANCHORS)


def test_a_list_of_somebody_elses_says_nothing() -> None:
    lists = [OTHER.revoking(BAD), authority("elsewhere").revoking(BAD)]
    assert not revocation_lists.is_revoked([BAD.certificate], lists, ANCHORS)
    assert revocation_lists.is_revoked([BAD.certificate], [*lists, ROOT.revoking(BAD)], ANCHORS)


def test_a_list_must_be_signed_by_the_anchor() -> None:
    revocation_lists.require_signed(ROOT.revoking(), ANCHORS)
    with pytest.raises(ValueError, match="not signed by"):
        revocation_lists.require_signed(OTHER.revoking(), ANCHORS)


@pytest.mark.parametrize("pem", [b"", b"text", ROOT.pem.encode(), ROOT.revoking() * 2, ROOT.revoking()[:200]])
def test_what_is_no_list_is_refused(pem: bytes) -> None:
    with pytest.raises(ValueError):
        revocation_lists.require_signed(pem, ANCHORS)
