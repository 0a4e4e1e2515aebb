from __future__ import annotations

import json

import pytest

from rolekeeper.cli.suites.nodes import Place
from rolekeeper.cli.suites.policy_reader import parsed
from rolekeeper.cli.suites.sources import LiveRole, SourcedDocument
from tests.cli.suites.conftest import ALLOW_READS

ROW = """
tests:
  - {name: n, principal: arn:aws:iam::123456789012:user/a, action: s3:GetObject, resource: "*", expect: deny}
"""
ARN = "arn:aws:iam::123456789012:role/app"


class OneRole:
    """Knows one role, with or without a boundary."""

    def __init__(self, boundary=None):
        self._boundary = boundary

    def role(self, name):
        assert name == "app"
        trust = {
            "Version": "2012-10-17",
            "Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"},
        }
        return LiveRole(
            arn=ARN,
            trust=SourcedDocument(document=parsed(trust, "resource"), title="its trust"),
            identity=(SourcedDocument(document=parsed(ALLOW_READS, "identity"), title="its policy"),),
            boundary=self._boundary,
            context={"aws:PrincipalTag/team": "red"},
        )


@pytest.mark.parametrize(
    ("policies", "reason"),
    [
        ("{identty: []}", "2:12: `policies` has no `identty`; did you mean `identity`?"),
        ("[]", "2:11: `policies` must be a mapping"),
        (
            "{identity: reader.json}",
            "2:22: a policy is written out (`Version`, `Statement`), or is `file: NAME.json`",
        ),
        ("{identity: [{file: a.json, Statement: []}]}", "2:38: a policy by file has no `Statement`"),
        ("{identity: [{Statment: []}]}", "2:24: a policy has no `Statment`; did you mean `Statement`?"),
        ("{identity: [{file: gone.json}]}", "2:30: gone.json cannot be read: No such file or directory"),
        ("{identity: [{file: .}]}", "2:30: . cannot be read: it is not a file"),
        (
            "{session: [{role: app}]}",
            "2:29: a role has no `session` policies, only identity, boundary, resource",
        ),
        ("{scp: {file: a.json}}", "2:17: `scp` is a list of levels, the root first"),
        ("{identity: [{Version: 2012-10-17}]}", "2:23: $: a policy has a Statement"),
        (
            "{identity: [{Statement: {Effect: Alow}}]}",
            "2:44: $.Statement[0].Effect: the effect must be Allow or Deny",
        ),
        (
            "{identity: {Statement: [{Effect: Deny, Action: x, Resource: x, Condition: {Bool: {a.b: {}}}}]}}",
            "2:98: $.Statement[0].Condition.Bool.a.b: a condition value is",
        ),
        (
            '{identity: [{Statement: [{Effect: Allow, Principal: "*", Action: "*", Resource: "*"}]}]}',
            "2:36: $.Statement[0]: must not have a Principal",
        ),
        (
            '{resource: {Statement: {Effect: Allow, Action: "*"}}}',
            "2:34: $.Statement[0]: must have a Principal",
        ),
        (
            '{scp: [[{Statement: {Effect: Allow, Action: "*"}}]]}',
            "2:31: $.Statement[0]: must have a Resource",
        ),
    ],
)
def test_what_is_no_policy_is_refused_at_its_place(files, policies, reason):
    assert files.refused(f"\npolicies: {policies}{ROW}").startswith(reason)


def test_a_file_that_is_no_policy_is_told_with_its_own_line(files):
    files.write("bad.json", {"Statement": [ALLOW_READS["Statement"][0], {"Effect": "Alow"}]})
    assert files.refused(f"policies: {{identity: [{{file: bad.json}}]}}{ROW}") == (
        "9:5: $.Statement[1].Effect: the effect must be Allow or Deny (named in a.rk.yaml:1:30)"
    )


def test_a_file_that_is_no_json_is_told_with_its_own_line(files):
    files.write("bad.json", '{\n  "Statement": [,]}')
    assert "at line 2, column 17 (named in a.rk.yaml:1:30)" in files.refused(
        f"policies: {{identity: [{{file: bad.json}}]}}{ROW}"
    )


def test_a_file_that_is_too_long_or_no_text_is_not_read(files):
    files.write("long.json", " " * 600_000)
    (files.folder / "bytes.json").write_bytes(b"\xff")
    assert "at most 262144 characters" in files.refused(f"policies: {{identity: [{{file: long.json}}]}}{ROW}")
    assert "it is not UTF-8 text" in files.refused(f"policies: {{identity: [{{file: bytes.json}}]}}{ROW}")


def test_a_policy_by_file_is_found_beside_the_test_file_and_knows_its_lines(files, monkeypatch):
    files.write("p/reader.json", ALLOW_READS)
    monkeypatch.chdir("/")
    case = files.cases(f"policies: {{identity: {{file: p/reader.json}}}}{ROW}")[0]
    [[document]] = case.policies["identity"]
    assert document.places == (
        Place(file=str(files.folder / "p/reader.json").removeprefix("/"), line=4, column=5),
    )
    assert document.document == parsed(json.dumps(ALLOW_READS, indent=2), "identity")


def test_an_inline_policy_knows_its_lines(files):
    case = files.cases(
        """
        policies:
          boundary:
            Version: 2012-10-17
            Statement:
              - {Effect: Allow, Action: "s3:*", Resource: "*"}
              - Effect: Deny
                Action: s3:PutObject
                Resource: "*"
                Condition: {Bool: {aws:SecureTransport: false}, NumericLessThan: {s3:max-keys: 010}}
        """,
        more=ROW,
    )[0]
    [[document]] = case.policies["boundary"]
    assert [str(place) for place in document.places] == ["a.rk.yaml:6:9", "a.rk.yaml:7:9"]
    assert [condition.values for condition in document.document.statements[1].conditions] == [
        ("false",),
        ("010",),
    ]
    assert document.place(2) is None


def test_the_layers_are_those_of_the_batch_contract(files):
    case = files.cases(
        """
        policies:
          identity: [&all {Version: 2012-10-17, Statement: {Effect: Allow, Action: "*", Resource: "*"}}]
          session: *all
          scp: [[*all], *all, []]
          boundary: []
          vpc_endpoint: null
        """,
        more=ROW,
    )[0]
    assert [len(level) for level in case.layers.scp] == [1, 1, 0]
    assert (len(case.layers.identity), len(case.layers.session)) == (1, 1)
    assert case.layers.boundary == ()
    assert case.layers.vpc_endpoint is case.layers.rcp is case.layers.resource is None


def test_a_role_gives_each_layer_what_it_has(files):
    source = f"policies: {{identity: [{{role: app}}], boundary: {{role: app}}, resource: {{role: app}}}}{ROW}"
    case = files.cases(source, OneRole())[0]
    assert case.layers.boundary is None
    assert [document.title for document in case.policies["identity"][0]] == ["its policy"]
    assert case.layers.resource.statements[0].actions == ("sts:AssumeRole",)
    bounded = SourcedDocument(document=parsed(ALLOW_READS, "boundary"), title="its boundary")
    assert len(files.cases(source, OneRole((bounded,)))[0].layers.boundary) == 1


def test_a_role_as_the_caller_brings_its_policies_and_tags(files):
    case = files.cases(
        "{role: app, tests: [{name: n, action: s3:GetObject, resource: 'arn:aws:s3:::b/k', expect: allow}]}",
        OneRole(),
    )[0]
    assert case.request.principal.arn == ARN
    assert case.request.keys == {"aws:principaltag/team": "red", "aws:principalarn": ARN}
    assert len(case.layers.identity) == 1


ASKED = "action: s3:GetObject, resource: 'arn:aws:s3:::b/k', expect: deny"
SESSION = "arn:aws:sts::123456789012:assumed-role/app/s"


def test_what_belongs_to_a_default_role_goes_when_another_asks(files):
    by_role, by_ana, by_session = files.cases(
        f"""
        role: app
        principals: {{ana: "arn:aws:iam::123456789012:user/ana"}}
        tests:
          - {{name: role, {ASKED}}}
          - {{name: ana, principal: ana, {ASKED}}}
          - {{name: session, role: app, principal: "{SESSION}", {ASKED}}}
        """,
        OneRole(),
    )
    assert (by_role.request.principal.arn, len(by_role.layers.identity)) == (ARN, 1)
    assert (by_ana.request.keys, by_ana.layers.identity) == ({}, ())
    assert (by_session.request.principal.arn, by_session.request.principal.role_arn) == (SESSION, ARN)
    assert len(by_session.layers.identity) == 1


def test_a_role_is_the_one_who_asks_in_tables_that_name_nobody(files):
    nobody, somebody = files.cases(
        """
        account: 123456789012
        resource: arn:aws:s3:::b/k
        principals: {app: {role: app, policies: {boundary: []}}}
        matrix:
          - name: nobody
            role: app
            table: |
              s3:GetObject
              allow
          - name: somebody
            role: app
            table: |
              principal | s3:GetObject
              root      | deny
              app       | deny
        """,
        OneRole(),
    )[:2]
    assert (nobody.request.principal.arn, len(nobody.layers.identity)) == (ARN, 1)
    assert (somebody.request.principal.arn, somebody.layers.identity) == (
        "arn:aws:iam::123456789012:root",
        (),
    )


def test_a_role_as_the_resource_brings_its_trust(files):
    case = files.cases(
        """
        resources: {app: {role: app}}
        tests:
          - {name: n, principal: ec2.amazonaws.com, action: sts:AssumeRole, resource: app, expect: allow}
        """,
        OneRole(),
    )[0]
    assert (case.request.resource, case.layers.identity) == (ARN, ())
    assert case.layers.resource is not None
