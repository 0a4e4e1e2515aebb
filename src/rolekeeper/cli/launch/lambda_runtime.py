"""What calls a function's handler: a script, run by whichever Python, with nothing of ours.

It is given a folder with `invocation.json`, and leaves `result.json` there: what the handler returned, or
what Lambda shows of an error.
Sources: "Define Lambda function handler in Python" and "Using the Lambda context object to retrieve Python
function information" in the Lambda Developer Guide.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
import traceback
from pathlib import Path
from typing import Any


class Fault(Exception):
    """An error of the function before or after its handler, by Lambda's name for it."""

    def __init__(self, kind: str, message: str, *trace: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.trace = list(trace)


class Identity:
    """Of a mobile app's user; there is none."""

    cognito_identity_id = None
    cognito_identity_pool_id = None


class Context:
    """The second argument of a handler."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.function_name = told["function_name"]
        self.function_version = "$LATEST"
        self.invoked_function_arn = told["arn"]
        self.memory_limit_in_mb = told["memory"]
        self.aws_request_id = told["request_id"]
        self.log_group_name = told["log_group"]
        self.log_stream_name = told["log_stream"]
        self.identity = Identity()
        self.client_context = None
        self._end = time.monotonic() + told["timeout"]

    def get_remaining_time_in_millis(self) -> int:
        """Until it is ended."""
        return max(0, int((self._end - time.monotonic()) * 1000))


def found(handler: str) -> Any:
    """The function that a handler's name means."""
    try:
        module_name, name = handler.rsplit(".", 1)
    except ValueError as error:
        raise Fault("Runtime.MalformedHandlerName", f"Bad handler '{handler}': {error}") from None
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        message = f"Unable to import module '{module_name}': {error}"
        raise Fault("Runtime.ImportModuleError", message) from None
    except SyntaxError as error:
        place = f'  File "{error.filename}" Line {error.lineno}\n    {(error.text or "").strip()}\n'
        message = f"Syntax error in module '{module_name}': {error}"
        raise Fault("Runtime.UserCodeSyntaxError", message, place) from None
    try:
        return getattr(module, name)
    except AttributeError:
        message = f"Handler '{name}' missing on module '{module_name}'"
        raise Fault("Runtime.HandlerNotFound", message) from None


def invoked(told: dict[str, Any]) -> str:
    """What the handler returns, as JSON."""
    value = found(told["handler"])(told["event"], Context(told))
    try:
        return json.dumps(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise Fault("Runtime.MarshalError", f"Unable to marshal response: {error}") from None


def shown(error: Exception, request_id: str) -> dict[str, Any]:
    """An error as Lambda shows it to who invoked the function."""
    if isinstance(error, Fault):
        kind, trace = error.kind, error.trace
    else:
        frames = [each for each in traceback.extract_tb(error.__traceback__) if each.filename != __file__]
        kind, trace = type(error).__name__, traceback.format_list(frames)
    return {"errorMessage": str(error), "errorType": kind, "requestId": request_id, "stackTrace": trace}


def main() -> None:
    """Invoke the handler once."""
    folder = Path(sys.argv[1])
    told = json.loads((folder / "invocation.json").read_text("utf-8"))
    root = os.environ["LAMBDA_TASK_ROOT"]
    sys.path[0] = root
    sys.argv = [root]
    os.chdir(root)
    try:
        result, failed = invoked(told), False
    except Exception as error:
        failure = shown(error, told["request_id"])
        lines = "".join(failure["stackTrace"])
        traced = f"\nTraceback (most recent call last):\n{lines}" if lines else ""
        sys.stderr.write(f"[ERROR] {failure['errorType']}: {failure['errorMessage']}{traced}\n")
        result, failed = json.dumps(failure), True
    (folder / "result.json").write_text(json.dumps({"failed": failed, "result": result}), "utf-8")


if __name__ == "__main__":
    main()
