"""Session tokens: only we make them, only we open them, and they hold the whole session."""

from __future__ import annotations

import base64
import os
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolekeeper.iam.credentials import (
    FederationSession,
    InvalidToken,
    RoleSession,
    Session,
    TokenSealer,
    TradeIn,
    UserSession,
)

KEY_ID, KEY = b"key1", bytes(range(32))


def sealer(key: bytes = KEY, key_id: bytes = KEY_ID) -> TokenSealer:
    return TokenSealer({key_id: key}, key_id)


def session(**more: Any) -> RoleSession:
    return RoleSession(
        access_key_id="ASIA2222222222222222",
        account="111111111111",
        issued=1_700_000_000,
        expires=1_700_003_600,
        role_id="AROA22222222222222222",
        name="session",
        **more,
    )


SESSIONS: list[Session] = [
    session(),
    session(
        chained=True,
        policy="{}",
        policy_arns=("arn:aws:iam::aws:policy/ReadOnlyAccess",),
        source_identity="alice",
        tags={"Team": "web", "é": "ü"},
        transitive=("Team",),
        mfa_at=1_699_999_999,
    ),
    UserSession(access_key_id="ASIA1", account="111111111111", issued=1, expires=2, user_id="AIDA1"),
    UserSession(access_key_id="ASIA1", account="111111111111", issued=1, expires=2, user_id=None, mfa_at=1),
    FederationSession(
        access_key_id="ASIA1", account="111111111111", issued=1, expires=2, user_id="AIDA1", name="jane"
    ),
    FederationSession(
        access_key_id="ASIA1",
        account="111111111111",
        issued=1,
        expires=2,
        user_id=None,
        name="jane",
        policy="{}",
        policy_arns=("arn:aws:iam::aws:policy/ReadOnlyAccess",),
        tags={"Team": "web"},
    ),
]


@pytest.mark.parametrize("one", SESSIONS)
def test_a_session_comes_out_as_it_went_in(one: Session) -> None:
    credentials = sealer().seal(one)
    opened, secret = sealer().open(credentials.token.reveal())
    assert opened == one
    assert secret == credentials.secret
    assert credentials.access_key_id == one.access_key_id


def test_no_changed_byte_is_accepted() -> None:
    token = bytearray(base64.b64decode(sealer().seal(session()).token.reveal()))
    for place in range(len(token)):
        token[place] ^= 1
        with pytest.raises(InvalidToken):
            sealer().open(base64.b64encode(token).decode())
        token[place] ^= 1
    sealer().open(base64.b64encode(token).decode())


def test_no_shortened_token_is_accepted() -> None:
    token = base64.b64decode(sealer().seal(session()).token.reveal())
    for length in range(len(token)):
        with pytest.raises(InvalidToken):
            sealer().open(base64.b64encode(token[:length]).decode())


@given(
    st.one_of(st.text(max_size=200), st.binary(max_size=200).map(lambda raw: base64.b64encode(raw).decode()))
)
def test_no_text_of_others_is_accepted(text: str) -> None:
    with pytest.raises(InvalidToken):
        sealer().open(text)


def test_a_very_long_token_is_refused() -> None:
    with pytest.raises(InvalidToken):
        sealer().open("A" * 100_000)


def test_another_servers_token_is_refused() -> None:
    token = sealer(os.urandom(32)).seal(session()).token.reveal()
    with pytest.raises(InvalidToken):
        sealer().open(token)
    other_id = sealer(os.urandom(32), b"key2").seal(session()).token.reveal()
    with pytest.raises(InvalidToken):
        sealer().open(other_id)


def test_an_older_key_still_opens_what_it_sealed() -> None:
    old = sealer().seal(session()).token.reveal()
    both = TokenSealer({KEY_ID: KEY, b"key2": os.urandom(32)}, b"key2")
    assert both.open(old)[0] == session()
    with pytest.raises(InvalidToken):
        sealer().open(both.seal(session()).token.reveal())


@pytest.mark.parametrize("size", [0, 1, 500, 501, 502, 503, 4096])
def test_a_token_has_the_size_that_was_asked_for(size: int) -> None:
    token = sealer().seal(session(), minimum_size=size).token.reveal()
    assert size <= len(token) <= max(size + 8, 400)
    assert sealer().open(token)[0] == session()


def test_two_seals_of_one_session_differ() -> None:
    first, second = sealer().seal(session()), sealer().seal(session())
    assert first.token != second.token
    assert first.secret != second.secret


def test_nothing_of_the_session_can_be_read_in_the_token() -> None:
    credentials = sealer().seal(session(source_identity="alice"))
    raw = base64.b64decode(credentials.token.reveal())
    for word in (b"alice", b"AROA", b"111111111111", credentials.secret.reveal().encode()):
        assert word not in raw


def test_credentials_are_not_seen_by_accident() -> None:
    credentials = sealer().seal(session())
    shown = repr(credentials) + str(credentials) + repr(sealer())
    assert credentials.secret.reveal() not in shown
    assert credentials.token.reveal() not in shown
    assert KEY.hex() not in shown


def test_the_view_has_what_sts_answers() -> None:
    credentials = sealer().seal(session())
    view = credentials.view()
    assert set(view) == {"AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"}
    assert view["Expiration"] == datetime(2023, 11, 14, 23, 13, 20, tzinfo=UTC)


TRADE_IN = TradeIn(request="e4bdcdae-4f66-11ed-0000-000000000000", requestor="1" * 12, issued=1, expires=2)


def test_a_trade_in_is_no_session_and_a_session_is_no_trade_in() -> None:
    with pytest.raises(InvalidToken):
        sealer().open(sealer().seal_trade_in(TRADE_IN).reveal())
    with pytest.raises(InvalidToken):
        sealer().open_trade_in(sealer().seal(session()).token.reveal())
    raw = bytearray(base64.b64decode(sealer().seal_trade_in(TRADE_IN).reveal()))
    raw[0] = 1
    with pytest.raises(InvalidToken):
        sealer().open(base64.b64encode(raw).decode())


def test_a_trade_in_comes_out_as_it_went_in() -> None:
    token = sealer().seal_trade_in(TRADE_IN)
    assert sealer().open_trade_in(token.reveal()) == TRADE_IN
    assert repr(token) == "***"
    with pytest.raises(InvalidToken):
        sealer(key=bytes(32)).open_trade_in(token.reveal())
