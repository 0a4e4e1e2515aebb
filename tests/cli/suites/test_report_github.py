from __future__ import annotations

from rolekeeper.cli.suites.report_github import lines


def test_each_failure_and_problem_is_one_command(everything):
    printed = "\n".join(lines(everything)).split("\n")
    assert len(printed) == 7
    assert [line.startswith("::error file=") for line in printed] == [True] * 6 + [False]
    assert printed[-1] == "1 passed, 4 failed, 2 not tested in 3 files"


def test_properties_and_messages_are_escaped(everything):
    line = list(lines(everything))[2]
    command, properties, message = _parts(line)
    assert command == "error"
    assert properties["file"] == "a b/å.rk.yaml"
    assert (properties["line"], properties["col"]) == ("7", "5")
    assert properties["title"].startswith("a%2C b%3A 50%25]]>%0A%3A%3Aerror%3A%3A<x>&")
    assert message.startswith(
        "expected deny, came allow by identity, determined by Reads%0Aprincipal arn:aws:iam::"
    )


def test_a_problem_without_a_line_has_none(everything):
    problems = list(lines(everything))[:2]
    assert problems[0].startswith(
        "::error file=wrong.rk.yaml,line=1,col=8,title=not a test file::`tests` must be"
    )
    assert problems[1] == "::error file=absent.rk.yaml,title=not tested::nobody knows the role app"


def test_what_passes_is_counted(fine):
    assert list(lines(fine)) == ["1 passed in 1 file"]


def _parts(line):
    """The command as the runner takes it apart."""
    head, _, message = line.removeprefix("::").partition("::")
    command, _, properties = head.partition(" ")
    return command, dict(each.split("=", 1) for each in properties.split(",")), message
