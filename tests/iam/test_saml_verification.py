"""A response is verified once, and anew when what it is held against has changed."""

from __future__ import annotations

import msgspec
import pytest

from rolekeeper.errors import InvalidIdentityToken
from rolekeeper.iam import saml_verification
from rolekeeper.iam.saml_verification import Question, Verifications
from rolekeeper.iam.secret import Secret
from tests import saml, saml_idp
from tests.saml_idp import key, signed


def question(document: object) -> Question:
    return Question(response=saml_idp.encode(document), metadata=saml.metadata(keys=key().descriptor))


def test_a_good_answer_and_a_refusal_are_both_remembered() -> None:
    known = Verifications()
    good, bad = question(signed()), question(signed(sign="response"))
    assert not known.at_hand(good)
    known.settle(good)
    known.settle(bad)
    assert known.at_hand(good) and known.at_hand(bad)
    assert known.get(good).subject == "alice@example.com"
    for _ in range(2):
        with pytest.raises(InvalidIdentityToken, match="Response signature invalid") as caught:
            known.get(bad)
        assert len(caught.traceback) < 6


@pytest.mark.parametrize(
    "change",
    [
        {"metadata": saml.metadata(keys=key("second", "ec").descriptor)},
        {"must_be_encrypted": True},
        {"keys": (("A", Secret("b")),)},
    ],
)
def test_what_it_is_held_against_makes_another_question(change: dict[str, object]) -> None:
    known = Verifications()
    first = question(signed())
    known.settle(first)
    assert not known.at_hand(msgspec.structs.replace(first, **change))


def test_not_too_much_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saml_verification, "_REMEMBERED", 2)
    known = Verifications()
    asked = [question(f"<a{n}/>") for n in range(3)]
    for one in asked:
        known.settle(one)
    assert [known.at_hand(one) for one in asked] == [False, False, True]


def test_a_question_does_not_show_what_it_holds() -> None:
    assert repr(question("<a/>")) == "Question(***)"
