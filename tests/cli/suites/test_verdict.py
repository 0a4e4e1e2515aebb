from __future__ import annotations

from rolekeeper.cli.suites.verdict import judge

HEAD = """
principal: arn:aws:iam::123456789012:user/ana
resource: arn:aws:s3:::b/k
policies:
  identity:
    - Statement:
        - {Sid: Writes, Effect: Allow, Action: "s3:Put*", Resource: "arn:aws:s3:::other/*"}
        - {Sid: Reads, Effect: Allow, Action: "s3:Get*", Resource: "arn:aws:s3:::b/*"}
    - Statement: {Effect: Deny, Action: s3:GetObjectAcl, Resource: "*"}
tests:
  - {name: n, action: %s, expect: %s}
"""


def judged(files, action, expect):
    return judge(files.cases(HEAD % (action, expect))[0])


def test_an_unexpected_allow_names_the_statement_that_decided(files):
    verdict = judged(files, "s3:GetObject", "deny")
    assert (verdict.passed, verdict.faults) == (False, ("decision",))
    [pointer] = verdict.pointers
    assert pointer.decided
    assert str(pointer) == "a.rk.yaml:8:11  identity[0].Statement[1] (Reads)"
    assert verdict.why == "an identity-based policy allows it"


def test_an_unexpected_deny_names_the_statement_that_decided(files):
    [pointer] = judged(files, "s3:GetObjectAcl", "implicit_deny").pointers
    assert str(pointer) == "a.rk.yaml:9:18  identity[1].Statement[0]"


def test_an_implicit_deny_names_the_statement_that_fails_by_fewest_elements(files):
    verdict = judged(files, "s3:DeleteObject", "allow")
    [pointer] = verdict.pointers
    assert not pointer.decided
    assert pointer.name == "identity[0].Statement[1] (Reads)"
    assert len(pointer.failures) == 1
    assert pointer.failures[0].startswith("Action: ")
    assert verdict.why == "nothing in the identity-based policies allows it"


def test_the_nearest_statement_is_one_of_the_layer_that_is_blamed(files):
    source = HEAD % ("s3:GetObject", "allow")
    verdict = judge(files.cases(source.replace("policies:", "policies:\n  boundary: []"))[0])
    assert verdict.decision.layer == "boundary"
    assert verdict.pointers == ()


def test_what_passes_is_not_explained(files):
    verdict = judged(files, "s3:GetObject", "allow")
    assert (verdict.passed, verdict.why, verdict.pointers) == (True, "", ())
