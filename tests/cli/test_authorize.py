"""`rolekeeper authorize`, for one question and for many."""

from __future__ import annotations

import json
import subprocess

import pytest

from rolekeeper.cli.batch import MAX_LINE
from tests.cli.conftest import BIN
from tests.policy.cases import VECTORS

A = "123456789012"
ANA = f"arn:aws:iam::{A}:user/ana"
READ = {
    "Version": "2012-10-17",
    "Statement": {"Sid": "Read", "Effect": "Allow", "Action": "s3:Get*", "Resource": "*"},
}
REQUEST = {"principal": ANA, "action": "s3:GetObject", "resource": "arn:aws:s3:::reports/x"}
QUESTION = {"request": REQUEST, "policies": {"identity": [READ]}}


@pytest.fixture
def policy(tmp_path):
    def write(name="read.json", **more):
        file = tmp_path / name
        file.write_text(json.dumps({**READ, "Statement": {**READ["Statement"], **more}}))
        return file

    return write


@pytest.fixture
def one(command, home):
    flags = [f"--{name}={value}" for name, value in REQUEST.items()]
    return lambda *arguments: command("authorize", *flags, *arguments, home=home)


@pytest.fixture
def batch(command, home, tmp_path):
    def run(*lines):
        file = tmp_path / "lines.jsonl"
        file.write_bytes(
            b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
        )
        result = command("authorize", "--batch", file, home=home)
        return result, [json.loads(line) for line in result.out.splitlines()]

    return run


# -- one question -----------------------------------------------------------------------------------


def test_a_denied_request_is_a_no(one, policy) -> None:
    result = one("--identity", policy(Action="s3:Put*"))
    assert result.status == 1
    assert (
        result.out
        == "IMPLICIT_DENY\nno identity-based policy allows it: no Allow there speaks of the action\n"
    )


def test_an_allowed_request_is_a_yes(one, policy) -> None:
    result = one("--identity", policy())
    assert (result.status, result.out) == (0, "ALLOW\nallowed by identity[0].Statement[0] (Read)\n")


def test_the_nearest_statement_is_named(one, policy) -> None:
    result = one("--identity", policy(Condition={"Bool": {"aws:SecureTransport": "true"}}))
    assert (
        "nearest is identity[0].Statement[0] (Read): Condition Bool aws:SecureTransport: request has no such"
        in result.out
    )


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (["--context", "aws:TagKeys=a"], 1),
        (["--context", 'aws:TagKeys=["a"]'], 0),
        (["--context", "aws:TagKeys=a", "--context", "aws:TagKeys=a"], 0),
        ([], 1),
    ],
)
def test_condition_keys_have_one_value_or_several(one, policy, given, status) -> None:
    file = policy(
        Condition={"ForAnyValue:StringEquals": {"aws:TagKeys": "a"}, "StringNotEquals": {"aws:TagKeys": "b"}}
    )
    wanted = policy("several.json", Condition={"ForAnyValue:StringEquals": {"aws:TagKeys": "a"}})
    assert one("--identity", file, *given).status == 1 or "aws:TagKeys=a" in given
    assert one("--identity", wanted, *given).status == (0 if given else status)


@pytest.mark.parametrize(
    ("flag", "layer"), [("--boundary", "boundary"), ("--session", "session"), ("--scp", "scp")]
)
def test_every_guard_has_its_flag(one, policy, flag, layer) -> None:
    result = one("--identity", policy(), flag, policy("put.json", Action="s3:Put*"), "--json")
    answer = json.loads(result.out)
    assert (result.status, answer["decision"]) == (1, "IMPLICIT_DENY")
    assert (
        one("--identity", policy(), flag, policy("deny.json", Effect="Deny"), "--json").out.count(
            f'"{layer}"'
        )
        == 1
    )


def test_each_scp_flag_is_a_level_of_files(one, policy) -> None:
    read, write = policy(), policy("put.json", Action="s3:Put*")
    assert one("--identity", read, "--scp", f"{read},{write}").status == 0
    assert one("--identity", read, "--scp", read, "--scp", write).status == 1


def test_a_resource_policy_grants(one, policy) -> None:
    result = one("--resource-policy", policy(Principal={"AWS": ANA}), "--json")
    assert result.status == 0
    (reference,) = json.loads(result.out)["determining"]
    assert reference == {"layer": "resource", "level": None, "document": 0, "statement": 0, "sid": "Read"}


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--identity", "/nowhere/policy.json"], "cannot read /nowhere/policy.json"),
        (["--context", "aws:TagKeys"], "--context is KEY=VALUE"),
        (["--context", "aws:TagKeys=[1"], "a list is written as in JSON"),
        (["--principal", "ana"], "not a principal: 'ana'"),
        (["--action", ""], "say what is asked: --action"),
        (["--batch"], "--batch takes requests and policies from its lines"),
        (["lines.jsonl"], "needs --batch"),
    ],
)
def test_a_wrong_use_is_told(one, arguments, complaint) -> None:
    result = one(*arguments)
    assert result.status == 2
    assert complaint in result.err


def test_a_wrong_policy_is_told_with_its_file(one, policy) -> None:
    file = policy(Effect="Perhaps")
    result = one("--identity", file)
    assert result.status == 2
    assert f"{file}: identity[0].Statement[0].Effect: the effect must be Allow or Deny" in result.err


# -- many -------------------------------------------------------------------------------------------


BAD = [
    (b"", None, "truncated"),
    (b"not json", None, "malformed"),
    (b'{"id": "cut", "request": {', "cut", "truncated"),
    (b'{"id": "\xff", "request": {}, "policies": {}}', None, "not UTF-8 text"),
    (b'{"id": "half", "request": {"principal": "\\ud800"}, "policies": {}}', "half", "surrogate"),
    (
        b'{"id": "deep", "request": {}, "policies": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
        "deep",
        "nested too deep",
    ),
    (b'{"id": "twice", "request": {}, "request": {}, "policies": {}}', "twice", "stands twice"),
    (
        b'{"id": "a", "request": '
        + json.dumps(REQUEST).encode()
        + b', "policies": {"identity": [], "identity": []}}',
        "a",
        "stands twice",
    ),
    ({"id": 1}, 1, "missing required field `request`"),
    ({"id": 1, "request": REQUEST}, 1, "missing required field `policies`"),
    ({"id": 1, **QUESTION, "more": 1}, 1, "unknown field `more`"),
    ({"id": 1, "request": [], "policies": {}}, 1, "request must be an object"),
    ({"id": 1, "request": {**REQUEST, "principal": 1}, "policies": {}}, 1, "principal must be a string"),
    ({"id": 1, "request": {**REQUEST, "resource_account": 0}, "policies": {}}, 1, "resource_account"),
    ({"id": 1, "request": {**REQUEST, "from": 1}, "policies": {}}, 1, "unknown field 'from'"),
    ({"id": 1, "request": REQUEST, "policies": []}, 1, "policies must be an object"),
    ({"id": 1, "request": REQUEST, "policies": {"identity": READ}}, 1, "identity must be a list"),
    ({"id": 1, "request": REQUEST, "policies": {"scp": [READ]}}, 1, "scp[0] must be a list"),
    ({"id": 1, "request": REQUEST, "policies": {"identiy": []}}, 1, "did you mean 'identity'?"),
    (
        {"id": 1, "request": REQUEST, "policies": {"identity": [{"Statement": {}}]}},
        1,
        "identity[0].Statement[0]",
    ),
    ({"id": 1, "request": REQUEST, "policies": {"identity": [7]}}, 1, "must be a policy document"),
]


@pytest.mark.parametrize(("line", "identifier", "error"), BAD, ids=[error for _, _, error in BAD])
def test_a_line_that_cannot_be_read_is_answered_and_the_rest_goes_on(batch, line, identifier, error) -> None:
    result, (first, second) = batch(line, {"id": "next", **QUESTION})
    assert result.status == 3
    assert set(first) == {"id", "error"} and first["id"] == identifier
    assert error in first["error"].lower() or error in first["error"]
    assert (second["id"], second["decision"]) == ("next", "ALLOW")


def test_all_answered_is_a_yes_whatever_the_decisions(batch) -> None:
    denied = {"request": {**REQUEST, "action": "s3:PutObject"}, "policies": {}}
    result, answers = batch({"id": 1, **denied}, {"id": 2, **QUESTION})
    assert result.status == 0
    assert [(answer["id"], answer["decision"]) for answer in answers] == [(1, "IMPLICIT_DENY"), (2, "ALLOW")]
    assert all(set(answer) == {"id", "decision", "determining", "why"} for answer in answers)


def test_an_id_is_given_back_as_it_is(batch) -> None:
    ids = ["x", 1, 1.5, None, {"a": [1]}, "é", True]
    _, answers = batch(*({"id": each, **QUESTION} for each in ids), QUESTION)
    assert [answer["id"] for answer in answers] == [*ids, None]


def test_a_number_in_a_policy_stays_as_it_is_written(batch) -> None:
    line = json.dumps({"id": 1, **QUESTION}).replace(
        '"Resource"', '"Condition": {"StringEquals": {"a:b": 1.50}}, "Resource"'
    )
    request = json.dumps(REQUEST)[:-1] + ', "context": {"a:b": "1.50"}}'
    _, (answer,) = batch(line.replace(json.dumps(REQUEST), request).encode())
    assert answer["decision"] == "ALLOW"


def test_a_document_may_be_its_own_text(batch) -> None:
    _, (answer,) = batch({"id": 1, "request": REQUEST, "policies": {"identity": [json.dumps(READ)]}})
    assert answer["decision"] == "ALLOW"


def test_a_line_that_is_too_long_is_let_go_by(batch) -> None:
    long = b'{"id": "long", "request": "' + b"x" * MAX_LINE + b'"}'
    result, (first, second) = batch(long, {"id": 2, **QUESTION})
    assert result.status == 3
    assert first == {"id": "long", "error": f"longer than {MAX_LINE} bytes"}
    assert second["decision"] == "ALLOW"


def test_a_mark_of_some_editors_and_their_line_ends_do_no_harm(batch) -> None:
    result, answers = batch(
        b"\xef\xbb\xbf" + json.dumps(QUESTION).encode() + b"\r", json.dumps(QUESTION).encode() + b"\r\n"
    )
    assert result.status == 0 and len(answers) == 2


def test_the_vectors_decide_as_they_expect(batch) -> None:
    lines = (VECTORS / "examples.jsonl").read_bytes().splitlines()
    _, answers = batch(*lines)
    assert [answer["decision"] for answer in answers] == [json.loads(line)["expect"] for line in lines]


def test_a_file_that_is_not_there_is_a_wrong_use(command, home) -> None:
    result = command("authorize", "--batch", "/nowhere.jsonl", home=home)
    assert result.status == 2 and "cannot read /nowhere.jsonl" in result.err


def test_an_answer_comes_before_the_next_question() -> None:
    command = [BIN / "rolekeeper", "authorize", "--batch"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        for number in range(3):
            process.stdin.write(json.dumps({"id": number, **QUESTION}).encode() + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == number
        process.stdin.close()
        assert process.wait() == 0


def test_nobody_who_reads_on_is_no_trace() -> None:
    lines = (json.dumps(QUESTION) + "\n").encode() * 20_000
    command = f"{BIN / 'rolekeeper'} authorize --batch | head -n 1"
    ended = subprocess.run(command, shell=True, input=lines, capture_output=True)
    assert json.loads(ended.stdout)["decision"] == "ALLOW"
    assert ended.stderr == b""
