from __future__ import annotations

import pytest

ROW = """
tests:
  - {name: n, action: s3:GetObject, resource: "arn:aws:s3:::b/k", expect: deny}
"""
ANA = "principal: arn:aws:iam::123456789012:user/ana"


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        ("account: 1234", "1:10: `account` is 12 digits, not '1234'"),
        ("account: '12345678901x'", "1:10: `account` is 12 digits"),
        ("resource_account: [1]", "1:19: `resource_account` must be a text, not a list"),
        ("principal: [a, b]", "1:12: `principal` must be a text, not a list"),
        ("principal: role/app", "3:5: `role/app` needs an `account`, or write the whole ARN"),
        (
            "principal: reader",
            "3:5: not a principal: 'reader' (nor a name among the `principals` of the file)",
        ),
        ("context: [a]", "1:10: `context` must be a mapping"),
        ("context: {a:B: {c: d}}", "1:16: the value of `a:B` is a text or a list of texts"),
        ("context: {a:B: [[c]]}", "1:17: the value of `a:B` is a text or a list of texts"),
        ("context: {a:B: 1, A:b: 2}", "1:19: `A:b` stands twice: the names of condition keys ignore case"),
        ("", "3:5: no `principal` here, and none at the top of the file"),
    ],
)
def test_wrong_settings_are_refused_at_their_place(files, head, reason):
    assert files.refused(head + ROW).startswith(reason)


def test_an_account_keeps_its_zeros(files):
    head = "account: 012345670123\nresource_account: 000000000007\nprincipal: role/app"
    request = files.cases(head + ROW)[0].request
    assert request.principal.arn == "arn:aws:iam::012345670123:role/app"
    assert request.resource_account == "000000000007"


@pytest.mark.parametrize("written", ["root", "user/x/ana", "role/app"])
def test_short_principals_are_of_the_account(files, written):
    request = files.cases(f"account: 123456789012\nprincipal: {written}{ROW}")[0].request
    assert request.principal.arn == f"arn:aws:iam::123456789012:{written}"


def test_context_values_are_texts_and_lists(files):
    request = files.cases(f"{ANA}\ncontext: {{a:One: yes, a:Many: [1, ''], a:Empty: '', a:None: }}{ROW}")[
        0
    ].request
    assert request.keys == {"a:one": "yes", "a:many": ("1", ""), "a:empty": ""}


def test_rows_override_single_keys_and_whole_kinds_of_policies(files):
    case = files.cases(
        """
        principal: arn:aws:iam::123456789012:user/ana
        context: {aws:SourceIp: 10.0.0.1, s3:prefix: home}
        policies:
          identity: &allow {Statement: {Effect: Allow, Action: "*", Resource: "*"}}
          boundary: []
        tests:
          - name: n
            principal: arn:aws:iam::123456789012:user/bob
            context: {AWS:sourceip: null, aws:username: bob}
            action: s3:GetObject
            resource: arn:aws:s3:::b/k
            policies: {boundary: null, session: *allow}
            expect: allow
        """
    )[0]
    assert case.request.principal.arn.endswith("user/bob")
    assert case.request.keys == {"s3:prefix": "home", "aws:username": "bob"}
    assert case.layers.boundary is None
    assert len(case.layers.identity) == len(case.layers.session) == 1


def test_names_come_between_the_defaults_and_the_row(files):
    first, second = files.cases(
        """
        account: 111122223333
        context: {a:K: default}
        principals:
          ana: user/ana
          bob: {principal: user/bob, account: 444455556666, context: {a:K: bobs}}
        resources:
          key: {resource: "arn:aws:s3:::b/k", resource_account: 444455556666}
        tests:
          - {name: first, principal: ana, action: s3:GetObject, resource: key, expect: deny}
          - {name: b, principal: bob, action: s3:GetObject, resource: key, expect: deny, context: {a:K: row}}
        """
    )
    assert (first.request.principal.arn, first.request.keys) == (
        "arn:aws:iam::111122223333:user/ana",
        {"a:k": "default"},
    )
    assert (second.request.principal.arn, second.request.keys) == (
        "arn:aws:iam::444455556666:user/bob",
        {"a:k": "row"},
    )
    assert first.request.resource_account == second.request.resource_account == "444455556666"


def test_a_default_may_be_a_name(files):
    case = files.cases(
        """
        principals: {ana: {principal: "arn:aws:iam::123456789012:user/ana", context: {a:K: 1}}}
        resources: {all: "*"}
        principal: ana
        resource: all
        tests: [{name: n, action: s3:ListAllMyBuckets, expect: deny}]
        """
    )[0]
    assert (case.request.resource, case.request.keys) == ("*", {"a:k": "1"})
