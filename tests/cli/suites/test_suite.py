from __future__ import annotations

import pytest

from rolekeeper.cli.suites import suite
from rolekeeper.cli.suites.nodes import SuiteError
from rolekeeper.cli.suites.suite import read_suite
from rolekeeper.errors import ConfigurationError
from tests.cli.suites.conftest import NoRoles

ROW = "{name: n, principal: anonymous, action: s3:GetObject, resource: '*', expect: deny}"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("[a]", "1:1: a test file must be a mapping of names to values, not a list"),
        ("account: 123456789012", "1:1: the file tests nothing; write rows in `tests` or tables in `matrix`"),
        ("tests: []", "1:1: the file tests nothing"),
        ("test: []", "1:1: a test file has no `test`; did you mean `tests`?"),
        ("who_can: x", "1:1: `who_can` is reserved for a kind of test that is not there yet"),
        ("no_new_access: x", "1:1: `no_new_access` is reserved for a kind of test that is not there yet"),
        ("principals: [a]", "1:13: `principals` must be a mapping"),
        ("principals: {a: [b]}", "1:17: a named principal must be a text, not a list"),
        ("principals: {a: {resource: '*'}}", "1:18: a named principal has no `resource`"),
        (
            "principals: {a: {account: 123456789012}}",
            "1:17: a named principal has `principal: ARN` or `role: NAME`",
        ),
        ("resources: {a: {principal: root}}", "1:17: a named resource has no `principal`"),
        ("resources: {a: {context: {a:b: c}}}", "1:16: a named resource has `resource: ARN` or `role: NAME`"),
    ],
)
def test_what_is_no_test_file_is_refused(files, source, reason):
    assert files.refused(source).startswith(reason)


def test_a_file_that_cannot_be_read_is_refused(files):
    (files.folder / "bytes.rk.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(SuiteError, match=r"bytes\.rk\.yaml: is not UTF-8 text"):
        read_suite(files.folder / "bytes.rk.yaml", NoRoles())
    with pytest.raises(SuiteError, match="cannot be read: Is a directory"):
        read_suite(files.folder, NoRoles())


def test_a_role_that_cannot_be_had_is_not_the_files_fault(files):
    with pytest.raises(ConfigurationError, match="nobody knows the role app") as caught:
        files.cases("role: app\ntests: []")
    assert not isinstance(caught.value, SuiteError)


def test_the_number_of_cases_is_bounded(files, monkeypatch):
    monkeypatch.setattr(suite, "MAX_CASES", 1)
    assert "more than 1 cases in one file" in files.refused(f"tests: [{ROW}, {ROW.replace('n,', 'm,', 1)}]")


def test_rows_come_before_tables(files):
    cases = files.cases(
        """
        principal: anonymous
        resource: "*"
        matrix:
          - name: m
            table: |
              s3:GetObject
              deny
        tests:
          - {name: n, action: s3:GetObject, expect: deny}
        """
    )
    assert [case.name for case in cases] == ["n", "m [s3:GetObject]"]


def test_a_byte_order_mark_is_no_part_of_it(files):
    assert len(files.cases("\ufefftests: [" + ROW + "]")) == 1
