"""Encoded authorization messages: whoever has no key makes none and reads none."""

from __future__ import annotations

import base64
import os

import pytest

from rolekeeper.iam.authorization_messages import MAX_MESSAGE, InvalidMessage, MessageSealer

HERE, THERE = "111111111111", "222222222222"


@pytest.fixture
def sealer() -> MessageSealer:
    return MessageSealer(bytes(32))


def test_what_is_sealed_is_opened_by_its_account_alone(sealer: MessageSealer) -> None:
    message = sealer.seal(HERE, b"told")
    assert sealer.open(HERE, message) == b"told"
    with pytest.raises(InvalidMessage):
        sealer.open(THERE, message)
    with pytest.raises(InvalidMessage):
        MessageSealer(os.urandom(32)).open(HERE, message)


def test_two_messages_of_the_same_are_different(sealer: MessageSealer) -> None:
    assert sealer.seal(HERE, b"told") != sealer.seal(HERE, b"told")


def test_every_changed_byte_is_noticed(sealer: MessageSealer) -> None:
    raw = base64.urlsafe_b64decode(sealer.seal(HERE, b"told"))
    for place in range(len(raw)):
        changed = bytes([*raw[:place], raw[place] ^ 1, *raw[place + 1 :]])
        with pytest.raises(InvalidMessage):
            sealer.open(HERE, base64.urlsafe_b64encode(changed).decode())


@pytest.mark.parametrize(
    "message", ["", "A", "AQ==", "AQAA", "not base64!", "\u00e9", "A" * MAX_MESSAGE, "A" * (MAX_MESSAGE + 1)]
)
def test_what_is_no_message_is_refused(sealer: MessageSealer, message: str) -> None:
    with pytest.raises(InvalidMessage):
        sealer.open(HERE, message)


def test_it_shows_no_key(sealer: MessageSealer) -> None:
    assert repr(sealer) == "MessageSealer()"
