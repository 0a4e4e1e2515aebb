from __future__ import annotations

from rolekeeper import Outcome, authorize
from rolekeeper.cli.suites.sources import layers_of, source_of
from tests.cli.suites.conftest import ALLOW_READS

ROW = """
tests:
  - name: n
    principal: arn:aws:iam::123456789012:user/ana
    action: s3:GetObject
    resource: arn:aws:s3:::b/k
    expect: allow
"""


def test_no_policies_are_no_layers():
    layers = layers_of({})
    assert layers.identity == ()
    assert layers.boundary is layers.session is layers.scp is layers.rcp is layers.vpc_endpoint is None
    assert layers.resource is None


def test_the_source_of_a_statement_is_found_in_its_level(files):
    files.write("reader.json", ALLOW_READS)
    deny = "{Statement: {Effect: Deny, Action: '*', Resource: '*'}}"
    case = files.cases(f"policies: {{scp: [[{{file: reader.json}}], [{{file: reader.json}}, {deny}]]}}{ROW}")[
        0
    ]
    decision = authorize(case.request, case.layers)
    assert decision.outcome is Outcome.EXPLICIT_DENY
    source = source_of(case.policies, decision.determining[0])
    assert (source.title, str(source.place(0))) == ("a.rk.yaml", "a.rk.yaml:1:75")


def test_the_source_of_a_statement_is_found_in_its_file(files):
    files.write("reader.json", ALLOW_READS)
    case = files.cases(f"policies: {{identity: {{file: reader.json}}}}{ROW}")[0]
    [reference] = authorize(case.request, case.layers).determining
    source = source_of(case.policies, reference)
    assert (source.title, str(source.place(reference.statement))) == ("reader.json", "reader.json:4:5")
    assert source.place(1) is None
