"""The recipe's policies: what they say is read again, and nothing else is taken for the recipe."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from rolekeeper.iam import break_glass
from rolekeeper.iam.break_glass import CLOSED, Window
from rolekeeper.policy.validate import PolicyKind, validate

ANA, BEN = "arn:aws:iam::123456789012:user/ana", "arn:aws:iam::123456789012:user/ben"
ENDS = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("reason", "fragment"),
    [
        ("", "two letters or digits"),
        ("x", "two letters or digits"),
        ("停電です", "two letters or digits"),
        ("down (again)", "and not '\\('"),
        ("two\nlines", "control characters"),
        ("x" * 257, "up to 256 characters"),
    ],
)
def test_what_cannot_be_a_reason(reason: str, fragment: str) -> None:
    refusal = break_glass.refusal_of_reason(reason)
    assert refusal is not None
    assert re.search(fragment, refusal)


@pytest.mark.parametrize(
    ("reason", "identity"),
    [
        ("INC-42: database down", "INC-42-database-down"),
        ("  ana@example.com said so ", "ana@example.com-said-so"),
        ("Störung 17", "St-rung-17"),
        ("long " * 40, ("long-" * 13)[:64]),
    ],
)
def test_a_reason_becomes_a_source_identity(reason: str, identity: str) -> None:
    assert break_glass.refusal_of_reason(reason) is None
    assert break_glass.source_identity(reason) == identity.strip("-")


def test_the_trust_policy_is_read_again() -> None:
    trust = break_glass.trust_policy([ANA, BEN], ends=ENDS, identity="INC-42")
    assert break_glass.window(trust) == Window(ends=ENDS, source_identity="INC-42")
    assert break_glass.people(trust) == (ANA, BEN)
    assert break_glass.window(break_glass.trust_policy([ANA])) == Window(ends=CLOSED, source_identity="*")


def test_one_person_is_read_as_aws_writes_it() -> None:
    document = json.loads(break_glass.trust_policy([ANA], ends=ENDS, identity="INC-42"))
    for statement in document["Statement"]:
        statement["Principal"]["AWS"] = ANA
    assert break_glass.window(json.dumps(document)) == Window(ends=ENDS, source_identity="INC-42")
    assert break_glass.people(json.dumps(document)) == (ANA,)


def test_who_is_gone_is_nobody_and_nobody_may_enter() -> None:
    document = break_glass.trust_policy(["AIDAEXAMPLE", BEN])
    assert break_glass.people(document) == (BEN,)
    assert break_glass.window(break_glass.trust_policy(())) == Window(ends=CLOSED, source_identity="*")
    assert break_glass.people(break_glass.trust_policy(())) == ()


def _with(change):
    document = json.loads(break_glass.trust_policy([ANA]))
    change(document["Statement"])
    return json.dumps(document)


@pytest.mark.parametrize(
    "trust",
    [
        "no policy",
        "[]",
        '{"Statement": []}',
        _with(lambda statements: statements.append({**statements[0], "Condition": {}})),
        _with(lambda statements: statements[0]["Condition"].pop("Bool")),
        _with(lambda statements: statements[0]["Condition"].pop("DateLessThan")),
        _with(lambda statements: statements[0]["Condition"]["NumericLessThan"].clear()),
        _with(lambda statements: [each.update(Principal={"AWS": "*"}) for each in statements]),
        _with(lambda statements: statements[1].update(Action="sts:*")),
    ],
)
def test_nothing_else_is_taken_for_the_recipe(trust: str) -> None:
    assert break_glass.window(trust) is None


def test_all_documents_are_policies() -> None:
    validate(break_glass.trust_policy([ANA], ends=ENDS, identity="INC-42"), PolicyKind.TRUST)
    validate(break_glass.trust_policy(()), PolicyKind.TRUST)
    role = "arn:aws:iam::123456789012:role/break-glass/fire"
    validate(break_glass.window_policy(role, ends=ENDS + timedelta(hours=1)), PolicyKind.IDENTITY)
    validate(break_glass.revoking_policy(ENDS), PolicyKind.IDENTITY)
