"""`rolekeeper workload list` and `secret`: what is the same for workloads of every kind."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from rolekeeper.cli.terminal import say, say_json
from rolekeeper.cli.workload.calls import asked
from rolekeeper.cli.workload.flags import AsJson, Data, Port, Region
from rolekeeper.cli.workload.show import done, listed

LIST_EXAMPLE = "Example: rolekeeper workload list --json"
SECRET_EXAMPLE = "Example: rolekeeper workload secret instance i-0123456789abcdef0"  # noqa: S105
FORGET_EXAMPLE = "Example: rolekeeper workload forget-secret < secret.txt"


def list_(as_json: AsJson = False, port: Port = None, data: Data = None) -> None:
    """Tell all workloads of the account, of every region, with their roles."""
    listed(asked(port, data, None).every("ListWorkloads", "Workloads"), _line, as_json=as_json)


def secret(
    kind: Annotated[
        str,
        typer.Argument(metavar="KIND", help="instance, task, function or service-role.", show_default=False),
    ],
    id: Annotated[str, typer.Argument(metavar="ID", help="Its ID, or its name.", show_default=False)],
    agent: Annotated[bool, typer.Option("--agent", help="For a task's agent: the execution role.")] = False,
    as_json: AsJson = False,
    region: Region = None,
    port: Port = None,
    data: Data = None,
) -> None:
    """Make one more secret of a workload, which opens its credential endpoint, and show it this once."""
    answer = asked(port, data, region).call(
        "CreateWorkloadSecret", Kind=kind, Id=id, Part="agent" if agent else None
    )
    if as_json:
        say_json(answer)
    else:
        say(answer["Secret"])


def forget_secret(
    as_json: AsJson = False, region: Region = None, port: Port = None, data: Data = None
) -> None:
    """Let the secret that stands on standard input open nothing any more."""
    given = typer.get_text_stream("stdin").readline().strip()
    answer = asked(port, data, region).call("DeleteWorkloadSecret", Secret=given)
    done(answer, "the secret opens nothing", as_json=as_json)


def _line(found: dict[str, Any]) -> str:
    roles = ", ".join(found["RoleArns"]) or "no role"
    return f"{found['Kind']}  {found['Id']}  {found['Arn']}  {roles}"
