"""`rolekeeper run --function`: a handler as Lambda would call it."""

from __future__ import annotations

import json
import zipfile

import pytest

from tests.cli.places import ACCOUNT

APP = """
import os, sys, time

def main(event, context):
    import boto3
    print("a line of the log")
    return {
        "who": boto3.client("sts").get_caller_identity()["Arn"],
        "event": event,
        "arn": context.invoked_function_arn,
        "name": context.function_name,
        "left": 0 < context.get_remaining_time_in_millis() <= 300000,
        "environment": dict(os.environ),
        "here": os.getcwd() == os.environ["LAMBDA_TASK_ROOT"],
    }

def listing(event, context):
    import boto3
    return len(boto3.client("iam").list_roles()["Roles"])

def fails(event, context):
    raise ValueError("no such thing")

def odd(event, context):
    return {1, 2}

def slow(event, context):
    time.sleep(60)

def leaves(event, context):
    os._exit(4)
"""

requirement = pytest.mark.requirement


@pytest.fixture
def app(tmp_path):
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "app.py").write_text(APP)
    return tmp_path / "app"


@pytest.fixture(scope="module")
def worker(place):
    return place.role("worker", {"Service": "lambda.amazonaws.com"})


@pytest.fixture
def invoke(place, app, worker):
    def run(handler, *more, code=None, role="worker", **variables):
        given = ["--function", str(code or app), "--handler", handler, "--role", role]
        return place.rolekeeper("run", *given, *more, **variables)

    return run


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        (["--timeout", "0"], "--timeout"),
        (["--timeout", "901"], "--timeout"),
        (["--env", "AWS_PROFILE=x"], "--env"),
        (["--env", "X"], "--env"),
        (["--event", "/no/file"], "cannot be read"),
        (["--external-id", "x"], "--external-id does not go with --function"),
        (["--static"], "--static does not go"),
        (["--cluster", "c"], "--cluster does not go with --function"),
        (["--", "program"], "without a program"),
    ],
)
def test_a_wrong_use_runs_nothing(invoke, more, complaint):
    done = invoke("app.main", *more)
    assert (done.returncode, done.stdout) == (2, "")
    assert complaint in " ".join(done.stderr.split())


def test_a_handler_and_a_role_are_needed(place, app):
    for given in (["--handler", "app.main"], ["--role", "worker"]):
        assert place.rolekeeper("run", "--function", str(app), *given).returncode == 2


def test_an_event_that_is_not_json_is_said(invoke, tmp_path):
    (tmp_path / "event").write_text("{")
    assert "is not JSON" in " ".join(invoke("app.main", "--event", str(tmp_path / "event")).stderr.split())


def test_who_may_not_pass_the_role_runs_nothing(place, invoke, bob):
    done = invoke("app.main", **bob)
    assert (done.returncode, done.stdout) == (1, "")
    assert "not authorized to perform: lambda:ListFunctions" in done.stderr
    carol = place.user("carol", "lambda:*")
    done = invoke("app.main", **carol)
    assert (done.returncode, done.stdout) == (1, "")
    assert "not authorized to perform: iam:PassRole" in done.stderr


def test_a_role_that_lambda_cannot_assume_runs_nothing(place, invoke, reader):
    done = invoke("app.main", role=reader)
    assert (done.returncode, done.stdout) == (1, "")
    assert "cannot be assumed by Lambda" in done.stderr


@requirement("SR-027", "SR-133")
def test_a_function_is_its_role_and_has_lambdas_environment(invoke, tmp_path):
    (tmp_path / "event.json").write_text('{"key": ["value"]}')
    ambient = {"AWS_REGION": "eu-west-3", "AWS_PROFILE": "", "SECRET": "mine"}
    given = ["--event", str(tmp_path / "event.json"), "--env", "TABLE=t1", "--timeout", "300"]
    done = invoke("app.main", *given, "--function-name", "worker-1", **ambient)
    assert (done.returncode, "a line of the log" in done.stderr) == (0, True), done.stderr
    told = json.loads(done.stdout)
    environment = told.pop("environment")
    assert told == {
        "who": f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/worker-1",
        "event": {"key": ["value"]},
        "arn": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:worker-1",
        "name": "worker-1",
        "left": True,
        "here": True,
    }
    assert environment["_HANDLER"] == "app.main"
    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == "worker-1"
    assert environment["AWS_REGION"] == "us-east-1"
    assert environment["AWS_ACCESS_KEY_ID"].startswith("ASIA") and environment["AWS_SESSION_TOKEN"]
    assert environment["TABLE"] == "t1"
    assert "SECRET" not in environment and "AWS_PROFILE" not in environment


def test_a_function_may_what_its_role_may_and_no_more(invoke, place):
    done = invoke("app.listing", "--timeout", "300")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert told["errorType"] == "ClientError"
    assert "assumed-role/worker/app is not authorized to perform: iam:ListRoles" in told["errorMessage"]


@pytest.mark.parametrize(
    ("handler", "kind", "message"),
    [
        ("app.fails", "ValueError", "no such thing"),
        ("app.none", "Runtime.HandlerNotFound", "Handler 'none' missing on module 'app'"),
        (
            "other.main",
            "Runtime.ImportModuleError",
            "Unable to import module 'other': No module named 'other'",
        ),
        ("main", "Runtime.MalformedHandlerName", "Bad handler 'main': not enough values to unpack"),
        ("app.odd", "Runtime.MarshalError", "Unable to marshal response: Object of type set"),
        ("app.slow", "Sandbox.Timedout", "Error: Task timed out after 1.00 seconds"),
        ("app.leaves", "Runtime.ExitError", "Error: Runtime exited with error: exit status 4"),
    ],
)
def test_errors_are_lambdas(invoke, handler, kind, message):
    done = invoke(handler, *(["--timeout", "1"] if handler == "app.slow" else ["--timeout", "300"]))
    told = json.loads(done.stdout)
    assert (done.returncode, told["errorType"]) == (1, kind)
    assert message in told["errorMessage"]
    if kind == "ValueError":
        assert told["stackTrace"][0].startswith('  File "') and "in fails" in told["stackTrace"][0]
        assert "[ERROR] ValueError: no such thing" in done.stderr


def test_nothing_is_left_of_it(place, invoke):
    invoke("app.fails", "--function-name", "gone")
    listed = place.rolekeeper("workload", "function", "list")
    assert "gone" not in listed.stdout
    assert listed.returncode == 0


def test_a_function_that_is_there_is_used_and_stays(place, invoke, worker):
    made = place.rolekeeper("workload", "function", "register", "kept", "--role", worker)
    assert made.returncode == 0, made.stderr
    assert invoke("app.main", "--function-name", "kept", "--timeout", "300").returncode == 0
    assert "kept" in place.rolekeeper("workload", "function", "list").stdout
    other = place.role("other", {"Service": "lambda.amazonaws.com"})
    done = invoke("app.main", "--function-name", "kept", role=other)
    assert done.returncode == 3
    assert "is there, with the role" in " ".join(done.stderr.split())


def test_a_zip_file_is_as_good(invoke, app, tmp_path):
    with zipfile.ZipFile(tmp_path / "fn.zip", "w") as archive:
        archive.write(app / "app.py", "app.py")
    done = invoke("app.main", "--timeout", "300", code=tmp_path / "fn.zip")
    assert json.loads(done.stdout)["name"] == "fn"
    with zipfile.ZipFile(tmp_path / "fn.zip", "a") as archive:
        archive.writestr("../../out", "x")
    assert invoke("app.main", code=tmp_path / "fn.zip").returncode == 2
