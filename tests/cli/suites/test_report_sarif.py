from __future__ import annotations

import json
from urllib.parse import unquote

from rolekeeper.cli.suites.report_sarif import RULES, SCHEMA, document

LEVELS = {"none", "note", "warning", "error"}


def check_location(location):
    """`location` of the specification, 3.28, and what stands in it."""
    assert location.keys() <= {"id", "physicalLocation", "message"}
    physical = location["physicalLocation"]
    assert physical.keys() <= {"artifactLocation", "region"}
    uri = physical["artifactLocation"]["uri"]
    assert uri.isascii() and " " not in uri
    if "region" in physical:
        assert physical["region"].keys() <= {"startLine", "startColumn"}
        assert all(isinstance(number, int) and number >= 1 for number in physical["region"].values())
        assert "startLine" in physical["region"]


def check_message(message):
    assert message.keys() == {"text"}
    assert message["text"]


def test_the_log_has_the_structure_of_the_specification(everything):
    log = json.loads(json.dumps(document(everything)))
    assert log.keys() == {"$schema", "version", "runs"}
    assert (log["$schema"], log["version"]) == (SCHEMA, "2.1.0")
    [run] = log["runs"]
    assert run.keys() == {"tool", "columnKind", "invocations", "results"}
    assert run["columnKind"] in {"utf16CodeUnits", "unicodeCodePoints"}
    driver = run["tool"]["driver"]
    assert driver["name"] == "rolekeeper"
    for rule in driver["rules"]:
        assert rule.keys() == {"id", "shortDescription"}
        check_message(rule["shortDescription"])
    [invocation] = run["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 2)
    for notification in invocation["toolExecutionNotifications"]:
        assert notification["level"] in LEVELS
        check_message(notification["message"])
        for location in notification["locations"]:
            check_location(location)
    for result in run["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in LEVELS
        check_message(result["message"])
        for location in [*result["locations"], *result.get("relatedLocations", [])]:
            check_location(location)
        ids = [location["id"] for location in result.get("relatedLocations", [])]
        assert len(ids) == len(set(ids))
        assert all(isinstance(value, str) for value in result["partialFingerprints"].values())


def test_each_failure_is_a_result_at_its_place(everything):
    results = document(everything)["runs"][0]["results"]
    rules = ["unexpected-decision", "unexpected-decision", "unexpected-kind", "unexpected-statement"]
    assert [result["ruleId"] for result in results] == rules
    physical = results[1]["locations"][0]["physicalLocation"]
    assert unquote(physical["artifactLocation"]["uri"]) == "a b/å.rk.yaml"
    assert physical["region"] == {"startLine": 8, "startColumn": 5}
    [related] = results[1]["relatedLocations"]
    assert related["physicalLocation"]["artifactLocation"]["uri"] == "reader.json"
    assert related["message"]["text"] == "identity[0].Statement[0] (Reads) came nearest"
    assert len({str(result["partialFingerprints"]) for result in results}) == 4


def test_every_fault_has_a_rule():
    assert RULES.keys() == {"decision", "by", "determining"}
    assert len({name for name, _ in RULES.values()}) == 3


def test_a_file_elsewhere_has_a_whole_uri(files, monkeypatch, fine):
    from rolekeeper.cli.suites.run import run
    from tests.cli.suites.conftest import NoRoles

    path = files.write("a/b.rk.yaml", "tests: 1")
    (files.folder / "other").mkdir()
    monkeypatch.chdir(files.folder / "other")
    [notification] = document(run([path], NoRoles()))["runs"][0]["invocations"][0][
        "toolExecutionNotifications"
    ]
    assert notification["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == path.as_uri()


def test_what_passes_is_no_result(fine):
    [run] = document(fine)["runs"]
    assert run["results"] == []
    assert run["invocations"][0]["executionSuccessful"] is True
