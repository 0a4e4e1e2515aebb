"""A function invoked once, as Lambda does it: its code, its environment, its execution role, its answer.

The function is registered meanwhile: who runs it must be allowed to create it and to pass its role, and the
role must trust Lambda. Its keys are in its environment, which is how Lambda gives them.
Sources: "Defined runtime environment variables" and "Lambda quotas" in the Lambda Developer Guide.
"""

from __future__ import annotations

import json
import os
import re
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import typer

from rolekeeper.cli.launch import lambda_runtime
from rolekeeper.cli.launch.assuming import Session
from rolekeeper.cli.launch.child import TimedOut, follow, held_signals, start
from rolekeeper.cli.launch.environment import bare
from rolekeeper.cli.launch.lambda_package import unpacked
from rolekeeper.cli.launch.opening import opened, secret_of
from rolekeeper.cli.launch.programs import static_keys
from rolekeeper.cli.running import Running
from rolekeeper.cli.workload.calls import WorkloadCalls
from rolekeeper.errors import ConfigurationError, UsageError
from rolekeeper.iam.secret import Secret

LARGEST_EVENT: Final = 6 << 20
_MEMORY: Final = "128"
_RESERVED: Final = re.compile(r"AWS_|LAMBDA_|_HANDLER$|_X_AMZN_TRACE_ID$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """What is to be run, and how."""

    code: Path
    handler: str
    role: str
    event: Any
    name: str
    seconds: int
    python: str
    variables: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the function answered: its result as JSON, or its error as Lambda shows it."""

    result: str
    failed: bool


def invoke(wanted: Invocation, server: Running, calls: WorkloadCalls, region: str | None) -> Outcome:
    """Invoke it once. UsageError, ConfigurationError; CallRefused where it gets no credentials."""
    with TemporaryDirectory(prefix="rolekeeper-") as folder:
        place = Path(folder)
        (place / "code").mkdir()
        root = unpacked(wanted.code, place / "code")
        with _registered(wanted, calls) as (arn, secret):
            session = opened(server, secret)
            return _invoke(wanted, arn, root, place, _environment(wanted, root, session, server, region))


@contextmanager
def _registered(wanted: Invocation, calls: WorkloadCalls) -> Iterator[tuple[str, Secret]]:
    """The function's ARN and a secret of it; one that was not there before is gone at the end."""
    role = calls.role_arn(wanted.role)
    for known in calls.every("ListFunctions", "Functions"):
        if known["FunctionName"] == wanted.name:
            if known["Role"] != role:
                raise ConfigurationError(
                    f"the function {wanted.name} is there, with the role {known['Role']}"
                )
            with secret_of(calls, "function", wanted.name) as secret:
                yield known["FunctionArn"], secret
            return
    made = calls.call("RegisterFunction", FunctionName=wanted.name, Role=role)
    try:
        yield made["Function"]["FunctionArn"], Secret(made["Secret"])
    finally:
        with suppress(ConfigurationError, typer.Exit):
            calls.call("DeregisterFunction", FunctionName=wanted.name)


def _environment(
    wanted: Invocation, root: Path, session: Session, server: Running, region: str | None
) -> dict[str, str]:
    """What Lambda's runtime sets, and the function's own variables; of the user's the path alone."""
    keys = static_keys(session)
    del keys["AWS_CREDENTIAL_EXPIRATION"]
    return {
        **bare({}, server, region),
        **keys,
        **wanted.variables,
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "PYTHONPATH": str(root),
        "PYTHONDONTWRITEBYTECODE": "1",
        "_HANDLER": wanted.handler,
        "AWS_EXECUTION_ENV": "AWS_Lambda_python",
        "AWS_LAMBDA_FUNCTION_NAME": wanted.name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": _MEMORY,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{wanted.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": f"{datetime.now(UTC):%Y/%m/%d}/[$LATEST]{uuid.uuid4().hex}",
        "LAMBDA_TASK_ROOT": str(root),
        "LAMBDA_RUNTIME_DIR": str(Path(lambda_runtime.__file__).parent),
    }


def _invoke(wanted: Invocation, arn: str, root: Path, place: Path, environment: dict[str, str]) -> Outcome:
    request_id = str(uuid.uuid4())
    told = {
        "handler": wanted.handler,
        "event": wanted.event,
        "function_name": wanted.name,
        "arn": arn,
        "memory": _MEMORY,
        "request_id": request_id,
        "log_group": environment["AWS_LAMBDA_LOG_GROUP_NAME"],
        "log_stream": environment["AWS_LAMBDA_LOG_STREAM_NAME"],
        "timeout": wanted.seconds,
    }
    (place / "invocation.json").write_text(json.dumps(told))
    command = [wanted.python, lambda_runtime.__file__, str(place)]
    try:
        with held_signals() as held:
            status = follow(start(command, environment, held, output_to_error=True), wanted.seconds)
    except TimedOut:
        message = f"RequestId: {request_id} Error: Task timed out after {wanted.seconds:.2f} seconds"
        return _failed("Sandbox.Timedout", message)
    answer = place / "result.json"
    if status != 0 or not answer.is_file():
        how = f"signal: {status - 128}" if status > 128 else f"exit status {status}"
        message = f"RequestId: {request_id} Error: Runtime exited with error: {how}"
        return _failed("Runtime.ExitError", message)
    found = json.loads(answer.read_text("utf-8"))
    return Outcome(result=found["result"], failed=found["failed"])


def _failed(kind: str, message: str) -> Outcome:
    return Outcome(result=json.dumps({"errorType": kind, "errorMessage": message}), failed=True)


# -- what the flags say -----------------------------------------------------------------------------


def event(file: Path | None) -> Any:
    """The event in a file; an empty one where none is given. UsageError."""
    if file is None:
        return {}
    try:
        with file.open("rb") as opened_file:
            text = opened_file.read(LARGEST_EVENT + 1)
        if len(text) > LARGEST_EVENT:
            raise UsageError(f"{file} has more than {LARGEST_EVENT >> 20} MB")
        return json.loads(text)
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{file} is not JSON: {error}") from None


def variables(given: list[str] | None) -> dict[str, str]:
    """The function's own variables, NAME=VALUE each; UsageError."""
    found = {}
    for text in given or ():
        name, equals, value = text.partition("=")
        if not equals or not re.fullmatch(r"[a-zA-Z]([a-zA-Z0-9_])+", name) or _RESERVED.match(name):
            raise UsageError(
                f"--env is NAME=VALUE, with a name that Lambda does not reserve, and not {text!r}"
            )
        found[name] = value
    return found


def timeout(seconds: int | None) -> int:
    """How long a function may take: Lambda's 3 seconds where nothing is said. UsageError."""
    if seconds is not None and not 1 <= seconds <= 900:
        raise UsageError(f"--timeout is from 1 to 900 seconds, and not {seconds}")
    return seconds or 3


def name_of(code: Path) -> str:
    """What a function is called that nobody has named."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", code.absolute().stem)[:64].strip("-") or "function"
