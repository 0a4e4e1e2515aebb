"""The report as JUnit XML, which most servers that build software show.

There is no standard; this is the form that they share: testsuites, testsuite, testcase, failure, error.
"""

from __future__ import annotations

import re
from typing import Final
from xml.etree import ElementTree

from rolekeeper.cli.suites.expectation import came
from rolekeeper.cli.suites.report_text import details
from rolekeeper.cli.suites.run import Run, Tested
from rolekeeper.cli.suites.verdict import Verdict

_NO_CHARACTER: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, not even as a reference."""


def document(run: Run) -> str:
    """The whole document, one suite a file."""
    root = ElementTree.Element(
        "testsuites",
        name="rolekeeper",
        tests=str(len(run.verdicts) + len(run.problems)),
        failures=str(run.failed),
        errors=str(len(run.problems)),
    )
    for tested in run.files:
        _suite(root, tested)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode")


def _suite(root: ElementTree.Element, tested: Tested) -> None:
    problem = tested.problem
    suite = ElementTree.SubElement(
        root,
        "testsuite",
        name=_text(tested.file),
        tests=str(len(tested.verdicts) + (problem is not None)),
        failures=str(len(tested.failed)),
        errors=str(int(problem is not None)),
        skipped="0",
    )
    for verdict in tested.verdicts:
        _case(suite, tested.file, verdict)
    if problem is not None:
        case = ElementTree.SubElement(suite, "testcase", name="(the file)", classname=_text(tested.file))
        error = ElementTree.SubElement(case, "error", message=_text(problem.reason), type="problem")
        error.text = _text(f"{problem.place}: {problem.reason}")


def _case(suite: ElementTree.Element, file: str, verdict: Verdict) -> None:
    place = verdict.case.place
    case = ElementTree.SubElement(
        suite,
        "testcase",
        name=_text(verdict.case.name),
        classname=_text(file),
        file=_text(place.file),
        line=str(place.line),
    )
    if not verdict.passed:
        message = f"expected {verdict.case.expectation}, came {came(verdict.decision)}"
        kind = verdict.faults[0]
        failure = ElementTree.SubElement(case, "failure", message=_text(message), type=kind)
        lines = (f"{word:<9} {value}".rstrip() for word, value in details(verdict))
        failure.text = _text("\n".join([str(place), *lines]))


def _text(text: str) -> str:
    return _NO_CHARACTER.sub("\ufffd", text)
