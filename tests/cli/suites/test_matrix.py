from __future__ import annotations

import pytest

HEAD = """
account: 123456789012
principal: user/ana
resources: {key: "arn:aws:s3:::b/k", other: "arn:aws:s3:::b/o"}
matrix:
"""


def matrix(table, more=""):
    lines = "".join(f"      {line}\n" for line in table.splitlines())
    return f"{HEAD}  - name: m\n    table: |\n{lines}{more}"


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ("resource | s3:GetObject", "7:12: a table has a head and at least one line below it"),
        ("resource\nkey", "8:7: the table has no column for an action"),
        ("resorce | s3:GetObject\nkey | deny", "8:7: no such column: `resorce`; did you mean `resource`?"),
        ("resource | GetObject\nkey | deny", "8:18: no such column: `GetObject`"),
        ("s3:GetObject | resource\ndeny | key", "8:22: no such column: `resource`"),
        ("resource | resource | s3:GetObject\nkey | key | deny", "8:18: no such column: `resource`"),
        ("resource | s3:Get*\nkey | deny", "9:13: `s3:Get*` is no action"),
        ("resource | s3:GetObject\nkey | deny | deny", "9:7: the line has 3 cells, and the head 2"),
        ("resource | s3:GetObject\nkey", "9:7: the line has 1 cells, and the head 2"),
        ("resource | s3:GetObject\nkey | alow", "9:13: no such decision: `alow`; did you mean `allow`?"),
        (
            "resource | s3:GetObject\nkey | deny\nkey | allow",
            "10:13: the name 'm [key s3:GetObject]' stands twice",
        ),
        ("| resource | s3:GetObject |\n| | deny |", "9:8: the line names no resource"),
        ("resource | s3:GetObject\nkye | deny", "9:13: `kye` is no ARN, nor a name"),
        ("principal | resource | s3:GetObject\nbob | key | deny", "9:19: not a principal: 'bob'"),
        ("principal | s3:GetObject\nroot | deny", "9:14: no `resource` here"),
    ],
)
def test_wrong_tables_are_refused_at_the_cell(files, table, reason):
    assert files.refused(matrix(table)).startswith(reason)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("  {name: m}", "`matrix` must be a list, each item behind a dash, not a mapping"),
        ("  - {table: x}", "a matrix has no `name`"),
        ("  - {name: m}", "a matrix has no `table`"),
        ("  - {name: m, table: [x]}", "`table` must be a text, not a list"),
        ("  - {name: m, table: x}", "a table stands in the lines below `table: |`"),
        ("  - {name: m, tabel: x}", "a matrix has no `tabel`; did you mean `table`?"),
        ("  - {name: m, no_new_access: x}", "`no_new_access` is reserved"),
    ],
)
def test_what_is_no_table_is_refused(files, written, reason):
    assert reason in files.refused(HEAD + written)


def test_a_cell_is_a_case_at_its_place(files):
    cases = files.cases(
        matrix("resource | s3:GetObject | s3:PutObject\nkey | allow | deny by scp\nother | - |")
    )
    assert [(case.name, case.place.line, case.place.column) for case in cases] == [
        ("m [key s3:GetObject]", 9, 13),
        ("m [key s3:PutObject]", 9, 21),
    ]
    assert [str(case.expectation) for case in cases] == ["allow", "deny by scp"]
    assert cases[0].request.resource == "arn:aws:s3:::b/k"


def test_both_labels_may_stand_and_in_any_order(files):
    cases = files.cases(matrix("resource | principal | s3:GetObject\nkey | root | allow"))
    assert cases[0].request.principal.arn == "arn:aws:iam::123456789012:root"


def test_bars_rules_comments_and_empty_lines_are_decoration(files):
    bare = files.cases(matrix("resource | s3:GetObject\nkey | deny"))
    decorated = files.cases(
        matrix("| resource | s3:GetObject |\n|----------|:------------:|\n\n# of the key\n| key | deny |")
    )
    assert [case.name for case in decorated] == [case.name for case in bare]
    assert (decorated[0].place.line, decorated[0].place.column) == (12, 15)


def test_a_table_without_labels_asks_of_the_defaults(files):
    cases = files.cases(matrix("s3:GetObject | s3:PutObject\ndeny | allow", "    resource: key\n"))
    assert [case.name for case in cases] == ["m [s3:GetObject]", "m [s3:PutObject]"]
