"""Requests of an organization: when a question is over, and what became of an account."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from rolekeeper.iam.entities import Account
from rolekeeper.iam.organization_requests import AccountRequest, Handshake

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
ASKED = Handshake(
    account="111111111111",
    id="h-abcdefgh",
    organization="o-abcdefghij",
    action="INVITE",
    target="222222222222",
    requested=NOW,
    expires=NOW + timedelta(days=15),
)


@pytest.mark.parametrize("answered", ["OPEN", "REQUESTED"])
def test_what_nobody_answers_expires(answered: str) -> None:
    asked = msgspec.structs.replace(ASKED, answered=answered)
    assert asked.state(ASKED.expires - SECOND) == answered
    assert asked.state(ASKED.expires) == "EXPIRED"


@pytest.mark.parametrize("answered", ["ACCEPTED", "DECLINED", "CANCELED"])
def test_an_answer_stays(answered: str) -> None:
    asked = msgspec.structs.replace(ASKED, answered=answered)
    assert asked.state(ASKED.expires + timedelta(days=99)) == answered


def test_a_request_is_done_or_has_failed() -> None:
    done = AccountRequest(account="111111111111", id="car-abcdefgh", name="shop", requested=NOW)
    assert done.state == "SUCCEEDED"
    assert msgspec.structs.replace(done, failure="EMAIL_ALREADY_EXISTS").state == "FAILED"


def test_an_account_without_an_address_has_one_that_nobody_can_have() -> None:
    account = Account(account="111111111111", name="x", created=NOW, canonical_id="c")
    assert account.email == "root@111111111111.invalid"
    assert msgspec.structs.replace(account, address="a@b.example").email == "a@b.example"
