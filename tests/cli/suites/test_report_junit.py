from __future__ import annotations

from xml.etree import ElementTree

from rolekeeper.cli.suites.report_junit import document


def test_it_can_be_read_and_its_counts_are_right(everything):
    root = ElementTree.fromstring(document(everything))
    assert (root.tag, root.get("tests"), root.get("failures"), root.get("errors")) == (
        "testsuites",
        "7",
        "4",
        "2",
    )
    for suite in root:
        cases = suite.findall("testcase")
        assert suite.get("tests") == str(len(cases))
        assert suite.get("failures") == str(len(suite.findall("testcase/failure")))
        assert suite.get("errors") == str(len(suite.findall("testcase/error")))
        assert all(case.get("name") and case.get("classname") == suite.get("name") for case in cases)


def test_a_failure_has_a_message_and_the_rest_as_text(everything):
    case = ElementTree.fromstring(document(everything)).findall(".//testcase")[2]
    assert (case.get("name"), case.get("line")) == ("nearest", "8")
    failure = case.find("failure")
    assert failure.get("message") == "expected allow, came implicit_deny by identity"
    assert failure.get("type") == "decision"
    assert "nearest   reader.json:4:5" in failure.text


def test_a_hostile_name_is_text_and_loses_what_xml_cannot_hold(everything):
    case = ElementTree.fromstring(document(everything)).findall(".//testcase")[1]
    assert case.get("name") == 'a, b: 50%]]>\n::error::<x>&\ufffd\ufffd[31m"é'


def test_a_file_that_could_not_be_tested_is_an_error(everything):
    errors = ElementTree.fromstring(document(everything)).findall(".//error")
    assert [error.text.partition(": ")[0] for error in errors] == ["wrong.rk.yaml:1:8", "absent.rk.yaml"]


def test_what_passes_has_nothing_in_it(fine):
    [case] = ElementTree.fromstring(document(fine)).findall(".//testcase")
    assert len(case) == 0
