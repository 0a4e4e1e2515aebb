"""Sealed boxes open in their place, with their key, whole, and nowhere else."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from rolekeeper.errors import StoreError
from rolekeeper.store import keyring
from rolekeeper.store.keyring import Keyring, make_key_file, read_key_file

MASTER = b"m" * 32


@pytest.fixture
def ring() -> Keyring:
    return Keyring(MASTER, {1: keyring.new_data_key(MASTER, 1)})


def test_a_box_opens_with_its_context(ring: Keyring) -> None:
    assert ring.open(ring.seal(b"secret", b"here"), b"here") == b"secret"


def test_a_box_does_not_open_with_another_context(ring: Keyring) -> None:
    with pytest.raises(StoreError, match="moved from its place"):
        ring.open(ring.seal(b"secret", b"here"), b"there")


@pytest.mark.parametrize("position", [0, 4, 5, 16, 17, 22, -1])
def test_a_changed_box_does_not_open(ring: Keyring, position: int) -> None:
    box = bytearray(ring.seal(b"secret", b"here"))
    box[position] ^= 1
    with pytest.raises(StoreError):
        ring.open(bytes(box), b"here")


@pytest.mark.parametrize("length", [0, 1, 5, 17, 32, -1])
def test_a_box_that_is_cut_short_does_not_open(ring: Keyring, length: int) -> None:
    with pytest.raises(StoreError):
        ring.open(ring.seal(b"secret", b"here")[:length], b"here")


def test_the_same_secret_is_sealed_differently_each_time(ring: Keyring) -> None:
    assert ring.seal(b"secret", b"here") != ring.seal(b"secret", b"here")


def test_a_box_does_not_show_the_secret(ring: Keyring) -> None:
    assert b"secret" not in ring.seal(b"secret", b"here")


def test_another_master_key_opens_no_data_key() -> None:
    with pytest.raises(StoreError, match="not the one that this store was made with"):
        Keyring(b"n" * 32, {1: keyring.new_data_key(MASTER, 1)})


def test_a_data_key_under_another_id_is_refused() -> None:
    with pytest.raises(StoreError):
        Keyring(MASTER, {2: keyring.new_data_key(MASTER, 1)})


def test_an_older_data_key_still_opens_what_it_sealed() -> None:
    first, second = keyring.new_data_key(MASTER, 1), keyring.new_data_key(MASTER, 2)
    box = Keyring(MASTER, {1: first}).seal(b"secret", b"here")
    assert Keyring(MASTER, {1: first, 2: second}).open(box, b"here") == b"secret"
    with pytest.raises(StoreError):
        Keyring(MASTER, {2: second}).open(box, b"here")


def test_derived_keys_follow_from_the_master_key_and_the_purpose(ring: Keyring) -> None:
    again = Keyring(MASTER, {1: keyring.new_data_key(MASTER, 1)})
    other = Keyring(b"n" * 32, {1: keyring.new_data_key(b"n" * 32, 1)})
    assert ring.derive("tokens") == again.derive("tokens")
    assert len({ring.derive("tokens"), ring.derive("other"), other.derive("tokens"), MASTER}) == 4


def test_a_keyring_does_not_show_its_keys(ring: Keyring) -> None:
    assert repr(ring) == "Keyring(***)"


def test_a_key_file_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "key"
    master = make_key_file(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_key_file(path) == master
    assert [child.name for child in tmp_path.iterdir()] == ["key"]


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "key"
    make_key_file(path)
    path.chmod(mode)
    with pytest.raises(StoreError, match="can be read by others"):
        read_key_file(path)


@pytest.mark.parametrize("text", ["", "x", "\u00ff", base64.b64encode(b"k" * 31).decode(), "A" * 4000])
def test_a_key_file_with_something_else_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "key"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(StoreError, match="32 bytes") as refused:
        read_key_file(path)
    assert "AAAA" not in str(refused.value)


def test_a_missing_key_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be read from"):
        read_key_file(tmp_path / "key")


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_master_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(StoreError):
        Keyring(b"m" * length, {1: keyring.new_data_key(MASTER, 1)})
