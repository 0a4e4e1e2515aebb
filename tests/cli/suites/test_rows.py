from __future__ import annotations

import pytest

HEAD = "{principal: 'arn:aws:iam::123456789012:user/ana', resource: 'arn:aws:s3:::b/k', tests: "
FULL = "name: n, action: s3:GetObject, expect: deny"


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ("{a: b}", "`tests` must be a list, each item behind a dash, not a mapping"),
        ("[a]", "a test must be a mapping of names to values, not a text"),
        ("[{action: s3:GetObject, expect: deny}]", "a test has no `name`"),
        ("[{name: n, expect: deny}]", "the test 'n' has no `action`"),
        ("[{name: n, action: s3:GetObject}]", "a test has no `expect`"),
        ("[{name: n, action: s3:GetObject, expect: no}]", "no such decision: `no`; did you mean `deny`?"),
        (f"[{{{FULL}, by: idenity}}]", "no such kind of policy: `idenity`; did you mean `identity`?"),
        (f"[{{{FULL}, sid: x}}]", "a test has no `sid`; did you mean `determining`?"),
        (f"[{{{FULL}, resorce: x}}]", "a test has no `resorce`; did you mean `resource`?"),
        (f"[{{{FULL}, who_can: x}}]", "`who_can` is reserved"),
        (f"[{{{FULL}, actions: [s3:GetObject]}}]", "a test has `action` or `actions`, not both"),
        ("[{name: n, action: [], expect: deny}]", "`action` must not be an empty list"),
        ("[{name: n, action: GetObject, expect: deny}]", "`GetObject` is no action; write one in full"),
        ("[{name: n, action: 's3:Get*', expect: deny}]", "`s3:Get*` is no action; write one in full"),
        (
            f"[{{{FULL}, resource: bucket}}]",
            "`bucket` is no ARN, nor a name among the `resources` of the file",
        ),
        (f"[{{{FULL}, principal: ana}}]", "not a principal: 'ana' (nor a name among the `principals`"),
        (f"[{{{FULL}}}, {{{FULL}}}]", "the name 'n' stands twice, first in line 1"),
    ],
)
def test_wrong_rows_are_refused(files, rows, reason):
    assert reason in files.refused(HEAD + rows + "}")


def test_a_row_is_one_case_at_its_place(files):
    [case] = files.cases(HEAD + f"[{{{FULL}}}]}}")
    assert (case.name, str(case.place)) == ("n", "a.rk.yaml:1:89")
    assert case.request.action == "s3:GetObject"
    assert str(case.expectation) == "deny"


def test_lists_multiply_and_the_names_tell_which(files):
    cases = files.cases(
        HEAD + "[{name: n, actions: [s3:GetObject, s3:PutObject],"
        " resource: ['*', 'arn:aws:s3:::b/j'], expect: deny}]}"
    )
    assert [case.name for case in cases] == [
        "n [s3:GetObject *]",
        "n [s3:PutObject *]",
        "n [s3:GetObject arn:aws:s3:::b/j]",
        "n [s3:PutObject arn:aws:s3:::b/j]",
    ]


def test_principals_multiply_too(files):
    cases = files.cases(
        "{account: 123456789012, resource: '*', tests: [{name: n, principals: [root, user/ana], "
        "action: s3:GetObject, expect: deny, by: scp, determining: [A, B]}]}"
    )
    assert [case.name for case in cases] == ["n [root]", "n [user/ana]"]
    assert str(cases[0].expectation) == "deny by scp, determined by A, B"
