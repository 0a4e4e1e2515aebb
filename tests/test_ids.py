"""IDs: their form, the account in them, and that none comes twice."""

from __future__ import annotations

import base64
import os
import re
import subprocess
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolekeeper import ids

ACCOUNTS = st.integers(0, 10**12 - 1).map(lambda number: f"{number:012d}")


@pytest.mark.parametrize(
    "text", ["", "AKIA", "AKIAshort", "AKIA" + "1" * 16, "AKIA" + "é" * 16, "AKIA" + "a" * 16]
)
def test_an_id_that_nobody_made_has_no_account(text: str) -> None:
    assert ids.account_of(text) is None


def test_an_id_of_a_number_that_no_account_has() -> None:
    body = base64.b32encode(b"\xff" * 10).decode()
    assert ids.account_of("AKIA" + body) is None


@given(ACCOUNTS)
def test_every_id_tells_its_account(account: str) -> None:
    assert ids.account_of(ids.access_key_id("ASIA", account)) == account
    assert ids.account_of(ids.unique_id("AROA", account)) == account


def test_a_key_id_of_aws_tells_its_account() -> None:
    """An expired key that was published to show how the account is read from an ID."""
    assert ids.account_of("ASIAQNZGKIQY56JQ7WML") == "029608264753"


@pytest.mark.parametrize("prefix", [ids.ROLE, ids.USER, ids.GROUP, ids.POLICY, ids.INSTANCE_PROFILE])
def test_a_unique_id_has_its_prefix_and_21_characters(prefix: str) -> None:
    assert re.fullmatch(rf"{prefix}[A-Z2-7]{{17}}", ids.unique_id(prefix, "123456789012"))


@pytest.mark.parametrize("prefix", [ids.LONG_LIVED_KEY, ids.TEMPORARY_KEY])
def test_an_access_key_id_has_its_prefix_and_20_characters(prefix: str) -> None:
    assert re.fullmatch(rf"{prefix}[A-Z2-7]{{16}}", ids.access_key_id(prefix, "123456789012"))


def test_a_secret_has_40_characters() -> None:
    assert re.fullmatch(r"[A-Za-z0-9+/]{40}", ids.secret_access_key())


def test_a_request_id_is_a_version_4_uuid() -> None:
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}", ids.request_id())


def test_no_id_comes_twice() -> None:
    many = 2000
    assert len({ids.unique_id("AROA", "123456789012") for _ in range(many)}) == many
    assert len({ids.access_key_id("AKIA", "123456789012") for _ in range(many)}) == many
    assert len({ids.secret_access_key() for _ in range(many)}) == many
    assert len({ids.request_id() for _ in range(many)}) == many


def test_ids_of_organizations_are_small_letters_and_digits_and_all_different() -> None:
    made = {ids.organizations_id("p-", 8) for _ in range(1000)}
    assert len(made) == 1000
    assert all(re.fullmatch("p-[a-z0-9]{8}", one) for one in made)


def test_a_new_account_number_has_twelve_digits_and_is_not_the_next_one() -> None:
    made = [ids.account_number() for _ in range(1000)]
    assert len(set(made)) == 1000
    assert all(re.fullmatch(r"[1-9]\d{11}", one) for one in made)
    assert made != sorted(made)


def test_an_event_has_the_last_part_of_its_request_and_another_first_one() -> None:
    request = ids.request_id()
    event = ids.event_id(request)
    assert uuid.UUID(event).version == 4
    assert event != request
    assert event[-12:] == request[-12:]
    assert ids.event_id(ids.request_id()) != event


def test_random_bytes_are_had_once() -> None:
    sizes = (1, 30, 12, 5000, 4096, 7)
    drawn = [ids.draw(size) for size in sizes for _ in range(50)]
    assert [len(each) for each in drawn] == [size for size in sizes for _ in range(50)]
    long = [each for each in drawn if len(each) >= 12]
    assert len(set(long)) == len(long)


def test_threads_never_have_the_same_random_bytes() -> None:
    with ThreadPoolExecutor(8) as threads:
        found = [
            each
            for part in threads.map(lambda _: [ids.draw(16) for _ in range(2000)], range(8))
            for each in part
        ]
    assert {len(each) for each in found} == {16}
    assert len(set(found)) == len(found)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process_draws_others() -> None:
    code = (
        "import os; from rolekeeper import ids; ids.draw(8); child = os.fork();"
        "os.write(1, ids.draw(16).hex().encode() + b'\\n'); child and os.waitpid(child, 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert len(set(done.stdout.split())) == 2
