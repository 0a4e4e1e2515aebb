"""`rolekeeper explain`: an outline for a person, JSON for a program, and what would allow it."""

from __future__ import annotations

import io
import json
import sys

import pytest

A = "123456789012"
REQUEST = {
    "principal": f"arn:aws:iam::{A}:user/ana",
    "action": "s3:GetObject",
    "resource": "arn:aws:s3:::reports/x",
}


def policy(effect="Allow", **more):
    return {"Version": "2012-10-17", "Statement": {"Effect": effect, "Action": "*", "Resource": "*", **more}}


TEAM = policy(Sid="Team", Condition={"StringEquals": {"aws:PrincipalTag/team": "blue"}})
QUESTION = {
    "request": {**REQUEST, "context": {"aws:PrincipalTag/team": "red"}},
    "policies": {"identity": [TEAM]},
}
TEXT = "Condition StringEquals aws:PrincipalTag/team: request has 'red', statement wants 'blue'"


@pytest.fixture
def explained(command, home, tmp_path):
    def run(question, *arguments, **variables):
        file = tmp_path / "question.json"
        file.write_text(json.dumps(question))
        return command("explain", file, *arguments, home=home, **variables)

    return run


def test_a_denial_is_a_no_and_tells_both_sides_and_the_change(explained) -> None:
    result = explained(QUESTION)
    assert result.status == 1
    assert result.out.splitlines() == [
        "IMPLICIT_DENY",
        "nothing in the identity-based policies allows it",
        "Identity-based policies: does not allow",
        "  identity[0].Statement[0] (Team) Allow: does not apply",
        "    holds  Action: request asks for 's3:GetObject', statement has '*'",
        "    holds  Resource: request is for 'arn:aws:s3:::reports/x', statement has '*'",
        f"    fails  {TEXT}",
        "What would allow it:",
        (
            "  put into an identity-based policy of the caller: "
            '{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/x"}'
        ),
        f"    or change identity[0].Statement[0] (Team), which fails by one element: {TEXT}",
    ]


def test_an_allowed_request_is_a_yes_and_needs_no_change(explained) -> None:
    result = explained({"request": REQUEST, "policies": {"identity": [policy()]}})
    assert result.status == 0
    assert "identity[0].Statement[0] Allow: applies, and decided" in result.out
    assert "What would allow it" not in result.out


def test_a_deny_tells_what_it_spares(explained) -> None:
    stop = policy("Deny", Condition={"Bool": {"aws:SecureTransport": "false"}})
    request = {**REQUEST, "context": {"aws:SecureTransport": "false"}}
    result = explained({"request": request, "policies": {"identity": [policy(), stop], "boundary": []}})
    assert "Identity-based policies: denies" in result.out
    assert "Permissions boundary: does not allow\n  no statements: it allows nothing" in result.out
    assert "What would allow it, all of it:" in result.out
    assert (
        "take out the Deny identity[1].Statement[0], or narrow it\n    it spares requests of which this"
        in result.out
    )


def test_json_is_whole(explained) -> None:
    result = explained(QUESTION, "--json")
    whole = json.loads(result.out)
    assert result.status == 1
    assert set(whole) == {"decision", "layer", "rule", "determining", "layers", "remedy"}
    (layer,) = whole["layers"]
    (statement,) = layer["statements"]
    assert (layer["layer"], statement["sid"], statement["applies"]) == ("identity", "Team", False)
    assert statement["elements"][-1] == {
        "element": "Condition",
        "operator": "StringEquals",
        "key": "aws:PrincipalTag/team",
        "holds": False,
        "found": "red",
        "wanted": ["blue"],
        "notes": [],
        "text": TEXT,
    }
    (change,) = whole["remedy"]["changes"]
    assert (change["change"], change["layer"], change["level"]) == ("put", "identity", None)
    assert [near["sid"] for near in change["near"]] == ["Team"]


def test_json_names_the_denying_statement(explained) -> None:
    question = {
        "request": REQUEST,
        "policies": {"identity": [policy()], "scp": [[policy(), policy("Deny", Sid="No")]]},
    }
    whole = json.loads(explained(question, "--json").out)
    place = {"layer": "scp", "level": 0, "document": 1, "statement": 0, "sid": "No"}
    assert whole["determining"] == [place]
    assert [(change["change"], change["at"]) for change in whole["remedy"]["changes"]] == [
        ("take_out", place)
    ]


def test_many_statements_are_cut_to_those_that_speak_of_the_action(explained) -> None:
    many = policy()
    many["Statement"] = [
        {"Effect": "Allow", "Action": f"ec2:Act{number}", "Resource": "*"} for number in range(20)
    ] + [{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::other"}]
    question = {"request": REQUEST, "policies": {"identity": [many]}}
    short, long = explained(question).out, explained(question, "--all").out
    assert "20 more do not speak of the action; --all shows them" in short
    assert short.count("Allow: does not apply") == 1 and long.count("Allow: does not apply") == 21


def test_flags_ask_the_same_and_name_the_file(command, home, tmp_path) -> None:
    file = tmp_path / "team.json"
    file.write_text(json.dumps(TEAM))
    flags = [f"--{name}={value}" for name, value in REQUEST.items()]
    result = command(
        "explain", *flags, "--context", "aws:PrincipalTag/team=red", "--identity", file, home=home
    )
    assert (result.status, TEXT in result.out) == (1, True)
    assert f"identity[0].Statement[0] (Team) Allow: does not apply  {file}" in result.out


def test_a_question_comes_from_standard_input(command, home, monkeypatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(QUESTION).encode())))
    assert TEXT in command("explain", "-", home=home).out


def test_nothing_steers_the_terminal(explained) -> None:
    evil = policy(Sid="\x1b[31m", Condition={"StringEquals": {"a:\x1b[2J": "x"}})
    assert "\x1b" not in explained({"request": REQUEST, "policies": {"identity": [evil]}}).out


def test_a_terminal_gets_a_tree_in_colours(explained) -> None:
    out = explained(QUESTION, FORCE_COLOR="1", TERM="xterm-256color").out
    assert "\x1b[1;31mIMPLICIT_DENY" in out and "└── " in out
    assert "\x1b[1;31m" not in explained(QUESTION, FORCE_COLOR="1", NO_COLOR="1").out


def test_a_narrow_terminal_cuts_nothing(explained) -> None:
    out = explained(QUESTION, FORCE_COLOR="1", NO_COLOR="1", TERM="xterm", COLUMNS="60").out
    assert '"arn:aws:s3:::reports/x"}' in "".join(out.replace("│", " ").split()).replace(",", ", ")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "say what is asked: --principal, --action, --resource"),
        (["/nowhere.json"], "cannot read /nowhere.json"),
        (["q.json", "--action", "a:B"], "in a FILE or by flags, not both"),
    ],
)
def test_a_wrong_use_is_told(command, home, arguments, complaint) -> None:
    result = command("explain", *arguments, home=home)
    assert result.status == 2 and complaint in result.err


def test_a_wrong_question_is_told(explained) -> None:
    result = explained({"request": REQUEST})
    assert result.status == 2 and "question.json: Object missing required field `policies`" in result.err
