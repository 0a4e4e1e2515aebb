from __future__ import annotations

import pytest

from rolekeeper.cli.suites.run import run
from tests.cli.suites.conftest import NoRoles

ROW = "{name: %s, principal: anonymous, action: s3:GetObject, resource: '*', expect: %s}"
CONTENTS = {
    "good": f"tests: [{ROW % ('Good', 'deny')}]",
    "bad": f"tests: [{ROW % ('bad', 'allow')}, {ROW % ('good too', 'deny')}]",
    "wrong": "tests: 1",
    "absent": "role: app\ntests: []",
}


def ran(files, *names, selected=""):
    return run([files.write(f"{name}.rk.yaml", CONTENTS[name]) for name in names], NoRoles(), selected)


@pytest.mark.parametrize(
    ("names", "status"),
    [
        (("wrong", "absent", "bad", "good"), 2),
        (("bad", "wrong"), 2),
        (("absent", "bad", "good"), 3),
        (("good", "bad"), 1),
        (("good",), 0),
    ],
)
def test_the_status_is_the_worst(files, names, status):
    assert ran(files, *names).status == status


def test_a_problem_keeps_no_other_file_from_being_tested(files):
    tested = ran(files, "wrong", "bad", "absent", "good")
    assert [problem.status for problem in tested.problems] == [2, 3]
    assert [str(problem.place) for problem in tested.problems] == ["wrong.rk.yaml:1:8", "absent.rk.yaml"]
    assert (tested.passed, tested.failed) == (2, 1)


def test_names_select_in_any_case(files):
    tested = ran(files, "bad", "good", selected="GOOD")
    assert [verdict.case.name for verdict in tested.verdicts] == ["good too", "Good"]
    assert tested.status == 0
