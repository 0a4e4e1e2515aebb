"""Sign-in tokens: sealed for a purpose, and opened for no other."""

from __future__ import annotations

import pytest

from rolekeeper.iam.credentials import RoleSession
from rolekeeper.iam.signin_tokens import MAX_TOKEN, InvalidSigninToken, SigninSealer, SigninToken

SESSION = RoleSession(
    access_key_id="ASIA", account="111111111111", issued=1, expires=2, role_id="AROA", name="ana"
)
TOKEN = SigninToken(session=SESSION, expires=3, duration=900)


@pytest.fixture
def sealer() -> SigninSealer:
    return SigninSealer(bytes(32))


def test_what_was_sealed_is_opened(sealer: SigninSealer) -> None:
    sealed = sealer.seal("console:aws", TOKEN)
    assert sealer.open("console:aws", sealed.reveal()) == TOKEN
    assert "ana" not in repr(sealed)


def test_no_other_audience_and_no_other_key_opens_it(sealer: SigninSealer) -> None:
    text = sealer.seal("console:aws", TOKEN).reveal()
    for audience in ("console:aws-cn", "console", ""):
        with pytest.raises(InvalidSigninToken):
            sealer.open(audience, text)
    with pytest.raises(InvalidSigninToken):
        SigninSealer(bytes([1]) * 32).open("console:aws", text)


def test_no_changed_byte_opens(sealer: SigninSealer) -> None:
    text = sealer.seal("console:aws", TOKEN).reveal()
    for place in range(len(text) - 1):
        changed = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
        with pytest.raises(InvalidSigninToken):
            sealer.open("console:aws", changed)


@pytest.mark.parametrize("text", ["", "A", "AQ", "é", "====", "A" * 100, "A" * (MAX_TOKEN + 1)])
def test_what_is_no_token_does_not_open(sealer: SigninSealer, text: str) -> None:
    with pytest.raises(InvalidSigninToken):
        sealer.open("console:aws", text)


def test_the_largest_session_fits(sealer: SigninSealer) -> None:
    claims = {f"saml:{number}": "x" * 80 for number in range(100)}
    tags = {f"key{number}": "y" * 256 for number in range(50)}
    session = RoleSession(
        access_key_id="ASIA",
        account="1",
        issued=1,
        expires=2,
        role_id="AROA",
        name="ana",
        policy="z" * 2048,
        claims=claims,  # type: ignore[arg-type]
        tags=tags,
    )
    token = SigninToken(session=session, expires=3)
    assert sealer.open("a", sealer.seal("a", token).reveal()) == token
