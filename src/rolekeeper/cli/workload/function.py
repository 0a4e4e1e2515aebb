"""`rolekeeper workload function`: Lambda functions with their execution roles."""

from __future__ import annotations

from typing import Annotated

import typer

from rolekeeper.cli.workload.calls import asked
from rolekeeper.cli.workload.flags import AsJson, Data, Port, Region, Tag, tags
from rolekeeper.cli.workload.show import done, listed
from rolekeeper.cli.workload.show import registered as say_registered

REGISTER_EXAMPLE = "Example: rolekeeper workload function register thumbnails --role worker"
LIST_EXAMPLE = "Example: rolekeeper workload function list --json"
SET_ROLE_EXAMPLE = "Example: rolekeeper workload function set-role thumbnails --role writer"
DEREGISTER_EXAMPLE = "Example: rolekeeper workload function deregister thumbnails"

Name = Annotated[str, typer.Argument(metavar="NAME", help="The function's name.", show_default=False)]
Role = Annotated[str, typer.Option("--role", metavar="ROLE", help="The execution role: its name or ARN.")]


def register(
    name: Name,
    role: Role,
    tag: Tag = None,
    as_json: AsJson = False,
    region: Region = None,
    port: Port = None,
    data: Data = None,
) -> None:
    """Say that there is a Lambda function with an execution role, which Lambda must be able to assume."""
    calls = asked(port, data, region)
    answer = calls.call("RegisterFunction", FunctionName=name, Role=calls.role_arn(role), Tags=tags(tag))
    say_registered(answer, f"function {name}", as_json=as_json)


def list_(as_json: AsJson = False, region: Region = None, port: Port = None, data: Data = None) -> None:
    """Tell the functions."""
    found = asked(port, data, region).every("ListFunctions", "Functions")
    listed(found, lambda each: f"{each['FunctionName']}  {each['Role']}", as_json=as_json)


def set_role(
    name: Name,
    role: Role,
    as_json: AsJson = False,
    region: Region = None,
    port: Port = None,
    data: Data = None,
) -> None:
    """Give a function another execution role."""
    calls = asked(port, data, region)
    answer = calls.call("UpdateFunctionRole", FunctionName=name, Role=calls.role_arn(role))
    done(answer, f"function {name} has the role {answer['Function']['Role']}", as_json=as_json)


def deregister(
    name: Name, as_json: AsJson = False, region: Region = None, port: Port = None, data: Data = None
) -> None:
    """Say that a function is deleted: its secrets open nothing any more."""
    answer = asked(port, data, region).call("DeregisterFunction", FunctionName=name)
    done(answer, f"function {name} is gone", as_json=as_json)
