from __future__ import annotations

import json

from rolekeeper.cli.suites.report_json import document


def test_everything_is_there(everything):
    report = json.loads(json.dumps(document(everything)))
    assert report["summary"] == {"files": 3, "passed": 1, "failed": 4, "problems": 2}
    assert [test["faults"] for test in report["tests"]] == [
        [],
        ["decision"],
        ["decision"],
        ["by"],
        ["determining"],
    ]
    assert [(problem["file"], problem["line"], problem["status"]) for problem in report["problems"]] == [
        ("wrong.rk.yaml", 1, 2),
        ("absent.rk.yaml", None, 3),
    ]


def test_a_failure_has_both_sides_and_its_statement(everything):
    test = document(everything)["tests"][2]
    assert (test["name"], test["file"], test["line"], test["column"]) == ("nearest", "a b/å.rk.yaml", 8, 5)
    assert test["expected"] == {"decision": "allow", "by": None, "determining": []}
    assert test["came"] == {"decision": "implicit_deny", "by": "identity", "determining": []}
    [statement] = test["statements"]
    assert (statement["role"], statement["file"], statement["line"]) == ("nearest", "reader.json", 4)
    assert len(statement["failures"]) == 1


def test_what_passes_is_there_too(fine):
    [test] = document(fine)["tests"]
    assert (test["passed"], test["statements"], test["why"]) == (True, [], None)
