"""An event says who used what; nothing that a caller writes into a request says anything."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from rolekeeper.audit.event import AuditRecord
from rolekeeper.audit.usage import Uses
from tests.store.samples import NOW, ONE, by_role, by_user, use

USED = (NOW, "us-east-1")
ACCOUNT_USED = {ONE: {("iam", ""): USED}}
FORGED = '","eventTime":"2026-11-22T10:00:00Z","eventSource":"s3.amazonaws.com"'


def _summed(*records: AuditRecord) -> Uses:
    uses = Uses()
    uses.add(records)
    return uses


@pytest.mark.parametrize(
    "identity",
    [
        {"type": "Unknown", "principalId": "", "accessKeyId": "AKIAused"},
        {"type": "AWSService", "invokedBy": "ec2.amazonaws.com"},
        {"type": "WebIdentityUser", "principalId": "somebody"},
        {"type": "AssumedRole", "principalId": "AROAR:s", "sessionContext": {"sessionIssuer": {"type": "?"}}},
        {"type": "IAMUser", "principalId": 5},
        {},
    ],
)
def test_who_is_not_known_has_used_nothing(identity: dict[str, Any]) -> None:
    assert _summed(use(identity)) == {}


@pytest.mark.parametrize("document", [b"", b"{}", b"[]", b"\xff", b'{"userIdentity":{"type":"IAMUser"}}'])
def test_what_is_no_event_says_nothing(document: bytes) -> None:
    assert _summed(msgspec.structs.replace(use({}), document=document)) == {}


def test_a_session_is_no_use_of_a_long_lived_key() -> None:
    session = by_user("AIDAann", "ASIAsession", sessionContext={"attributes": {}})
    assert _summed(use(session)) == {"AIDAann": {("iam", "GetRole"): USED}, **ACCOUNT_USED}


def test_the_root_user_uses_its_key() -> None:
    root = {"type": "Root", "principalId": "111111111111", "accessKeyId": "AKIAroot"}
    assert _summed(use(root)) == {"AKIAroot": {("iam", ""): USED}}


def test_what_needs_no_key_is_no_use_of_one() -> None:
    signed_in = {"type": "IAMUser", "principalId": "AIDAann"}
    found = _summed(use(signed_in, "ConsoleLogin", service="signin"))
    assert found == {"AIDAann": {("signin", "ConsoleLogin"): USED}}


def test_a_call_with_a_users_key_counts_for_both() -> None:
    found = _summed(use(by_user("AIDAann")))
    assert found == {
        "AIDAann": {("iam", "GetRole"): USED},
        "AKIAused": {("iam", ""): USED},
        **ACCOUNT_USED,
    }


def test_a_call_of_a_session_counts_for_its_role() -> None:
    assert _summed(use(by_role("AROAR"))) == {"AROAR": {("iam", "GetRole"): USED}}


def test_a_federated_users_call_counts_for_the_user_who_made_it() -> None:
    issuer = {"type": "IAMUser", "principalId": "AIDAann"}
    federated = {"type": "FederatedUser", "sessionContext": {"sessionIssuer": issuer}}
    assert _summed(use(federated)) == {"AIDAann": {("iam", "GetRole"): USED}}


@pytest.mark.parametrize("kind", ["Root", "IAMUser", "AssumedRole", "FederatedUser"])
def test_a_call_counts_for_the_account_of_who_made_it(kind: str) -> None:
    assert _summed(use({"type": kind, "accountId": ONE, "principalId": "ID"}))[ONE] == {("iam", ""): USED}


@pytest.mark.parametrize("kind", ["AWSAccount", "AWSService", "WebIdentityUser", "SAMLUser", "Unknown"])
def test_a_strangers_call_counts_for_no_account(kind: str) -> None:
    assert _summed(use({"type": kind, "accountId": ONE})) == {}


def test_a_refused_call_counts() -> None:
    assert _summed(use(by_role("AROAR"), error=("AccessDenied", "no"))) == {
        "AROAR": {("iam", "GetRole"): USED}
    }


@pytest.mark.parametrize("text", [FORGED, FORGED.replace('"', '\\"'), '\\",' + FORGED])
def test_a_callers_text_says_nothing(text: str) -> None:
    named = {**by_user("AIDAann"), "userName": text, "arn": text}
    parameters = json.dumps({"userIdentity": by_role("AROAR"), "eventSource": "s3.amazonaws.com", text: text})
    found = _summed(use(named, text, parameters=parameters))
    assert found == {"AIDAann": {("iam", text): USED}, "AKIAused": {("iam", ""): USED}, **ACCOUNT_USED}


def test_an_event_of_another_form_says_the_same() -> None:
    record = use(by_user("AIDAann"))
    other = json.dumps(json.loads(record.document), indent=1).encode()
    assert _summed(msgspec.structs.replace(record, document=other)) == _summed(record)


def test_the_latest_time_stays_whatever_the_order() -> None:
    records = [use(by_role("AROAR"), seconds=seconds, region=f"r{seconds}") for seconds in (1, 3, 2)]
    latest = {"AROAR": {("iam", "GetRole"): (NOW + timedelta(seconds=3), "r3")}}
    assert _summed(*records) == _summed(*records, *records) == latest
    merged = _summed(records[0])
    merged.merge(_summed(records[1]))
    merged.merge(_summed(records[2]))
    assert merged == latest


def test_events_say_the_same_alone_and_one_after_the_other() -> None:
    callers = [by_role("AROAR"), by_role("AROAR"), by_role("AROAS"), by_user("AIDAann"), {}, {}]
    calls = [(caller, name) for name in ("GetRole", "GetRoles", "GetRole") for caller in callers]
    records = [use(caller, name, seconds=number) for number, (caller, name) in enumerate(calls)]
    broken = msgspec.structs.replace(records[0], document=b"{")
    alone = _summed()
    for record in records:
        alone.merge(_summed(record))
    assert _summed(*records, broken, broken, *records) == alone
    assert len(alone) == 5
