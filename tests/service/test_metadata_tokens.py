"""Tokens of the metadata service: an instance's own, until they end."""

from __future__ import annotations

from rolekeeper.service.metadata_tokens import MetadataTokens
from tests.service.workers import instance

KEY = b"k" * 32


def test_a_token_is_good_until_it_ends() -> None:
    tokens = MetadataTokens(KEY)
    token = tokens.make(instance(), 60, 1000.0)
    assert len(token) == 56
    assert tokens.left(instance(), token, 1000.0) == 60
    assert tokens.left(instance(), token, 1059.5) == 0
    assert tokens.left(instance(), token, 1060.0) is None
    assert tokens.left(instance(), token, 1000.0) == 60


def test_a_token_is_of_one_instance_and_one_key() -> None:
    token = MetadataTokens(KEY).make(instance(), 60, 1000.0)
    assert MetadataTokens(KEY).left(instance(), token, 1000.0) == 60  # another process
    assert MetadataTokens(b"l" * 32).left(instance(), token, 1000.0) is None
    tokens = MetadataTokens(KEY)
    assert tokens.left(instance(), token, 1000.0) == 60
    assert tokens.left(instance("i-00000000000000000"), token, 1000.0) is None


def test_no_letter_of_a_token_can_be_another() -> None:
    tokens = MetadataTokens(KEY)
    token = tokens.make(instance(), 60, 1000.0)
    for place, letter in enumerate(token):
        other = "A" if letter != "A" else "B"
        assert tokens.left(instance(), token[:place] + other + token[place + 1 :], 1000.0) is None


def test_two_tokens_are_never_alike() -> None:
    tokens = MetadataTokens(KEY)
    assert tokens.make(instance(), 60, 1000.0) != tokens.make(instance(), 60, 1000.0)
