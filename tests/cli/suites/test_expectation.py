from __future__ import annotations

import pytest

from rolekeeper.cli.suites.expectation import Expectation, came, cell, layer, word
from rolekeeper.cli.suites.nodes import Place, SuiteError
from rolekeeper.policy.decision import Decision, Outcome, StatementReference

HERE = Place(file="f", line=1, column=1)
STATEMENT = StatementReference(layer="scp", level=1, document=0, statement=2, sid="NoDeletes")
DENY = Decision(outcome=Outcome.EXPLICIT_DENY, layer="scp", determining=(STATEMENT,))
SILENT = Decision(outcome=Outcome.IMPLICIT_DENY, layer="identity")
ROOT = Decision(outcome=Outcome.ALLOW)


@pytest.mark.parametrize(
    ("expectation", "decision", "faults"),
    [
        (Expectation(word="allow"), DENY, ("decision",)),
        (Expectation(word="allow"), SILENT, ("decision",)),
        (Expectation(word="implicit_deny"), DENY, ("decision",)),
        (Expectation(word="explicit_deny"), SILENT, ("decision",)),
        (Expectation(word="deny"), ROOT, ("decision",)),
        (Expectation(word="deny", by="identity"), DENY, ("by",)),
        (Expectation(word="allow", by="identity"), ROOT, ("by",)),
        (Expectation(word="deny", determining=("Other",)), DENY, ("determining",)),
        (Expectation(word="deny", by="rcp", determining=("NoDeletes", "Other")), DENY, ("by", "determining")),
        (Expectation(word="deny"), DENY, ()),
        (Expectation(word="deny"), SILENT, ()),
        (Expectation(word="allow"), ROOT, ()),
        (Expectation(word="explicit_deny", by="scp", determining=("NoDeletes",)), DENY, ()),
        (Expectation(word="deny", determining=("scp[1][0].Statement[2]",)), DENY, ()),
    ],
)
def test_the_faults_of_a_decision(expectation, decision, faults):
    assert expectation.faults(decision) == faults


@pytest.mark.parametrize(
    ("read", "written", "reason"),
    [
        (word, "allowed", "no such decision: `allowed`; did you mean `allow`?"),
        (word, "Allow", "no such decision: `Allow`; did you mean `allow`?"),
        (word, "yes", "no such decision: `yes`; did you mean `allow`?"),
        (layer, "SCP", "no such kind of policy: `SCP`; did you mean `scp`?"),
        (layer, "permissions_boundary", "did you mean `boundary`?"),
        (cell, "allow by", "no such decision: `allow by`; did you mean `allow`?"),
        (cell, "deny by ", "no such decision"),
        (cell, "deny by trust", "no such kind of policy: `trust`; did you mean `resource`?"),
    ],
)
def test_other_words_are_refused_with_the_nearest(read, written, reason):
    with pytest.raises(SuiteError) as caught:
        read(written.strip(), HERE)
    assert reason in caught.value.reason


def test_cells():
    assert cell("", HERE) is cell("-", HERE) is None
    assert cell("allow", HERE) == Expectation(word="allow")
    assert cell("explicit_deny  by  scp", HERE) == Expectation(word="explicit_deny", by="scp")


def test_they_are_told_in_the_same_words():
    assert (
        str(Expectation(word="deny", by="scp", determining=("A", "B"))) == "deny by scp, determined by A, B"
    )
    assert came(DENY) == "explicit_deny by scp, determined by NoDeletes"
    assert came(SILENT) == "implicit_deny by identity"
    assert came(ROOT) == "allow"
