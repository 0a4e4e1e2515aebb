"""`rolekeeper workload task`: ECS tasks with their two roles."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from rolekeeper.cli.workload.calls import asked
from rolekeeper.cli.workload.flags import AsJson, Data, Port, Region, Tag, tags
from rolekeeper.cli.workload.show import done, listed
from rolekeeper.cli.workload.show import registered as say_registered

REGISTER_EXAMPLE = "Example: rolekeeper workload task register web --task-role app --execution-role agent"
LIST_EXAMPLE = "Example: rolekeeper workload task list --cluster blue --json"
DEREGISTER_EXAMPLE = "Example: rolekeeper workload task deregister 0123456789abcdef0123456789abcdef"


def register(
    family: Annotated[
        str, typer.Argument(metavar="FAMILY", help="The task definition's family.", show_default=False)
    ],
    cluster: Annotated[str | None, typer.Option("--cluster", help="Its cluster [default].")] = None,
    task_role: Annotated[
        str | None, typer.Option("--task-role", metavar="ROLE", help="The application's: its name or ARN.")
    ] = None,
    execution_role: Annotated[
        str | None, typer.Option("--execution-role", metavar="ROLE", help="The agent's: its name or ARN.")
    ] = None,
    tag: Tag = None,
    as_json: AsJson = False,
    region: Region = None,
    port: Port = None,
    data: Data = None,
) -> None:
    """Say that an ECS task runs, with a role for the application and one for its agent."""
    calls = asked(port, data, region)
    answer = calls.call(
        "RegisterTask",
        Family=family,
        Cluster=cluster,
        TaskRoleArn=calls.role_arn(task_role),
        ExecutionRoleArn=calls.role_arn(execution_role),
        Tags=tags(tag),
    )
    say_registered(answer, f"task {answer['Task']['TaskId']}", as_json=as_json)


def list_(
    cluster: Annotated[str | None, typer.Option("--cluster", help="Of this cluster only.")] = None,
    as_json: AsJson = False,
    region: Region = None,
    port: Port = None,
    data: Data = None,
) -> None:
    """Tell the tasks."""
    found = asked(port, data, region).every("ListTasks", "Tasks", Cluster=cluster)
    listed(found, _line, as_json=as_json)


def deregister(
    id: Annotated[str, typer.Argument(metavar="ID", help="The task's ID, or its ARN.", show_default=False)],
    as_json: AsJson = False,
    region: Region = None,
    port: Port = None,
    data: Data = None,
) -> None:
    """Say that a task has stopped: its secrets open nothing any more."""
    answer = asked(port, data, region).call("DeregisterTask", TaskId=id)
    done(answer, f"task {id} is gone", as_json=as_json)


def _line(found: dict[str, Any]) -> str:
    roles = [found.get("TaskRoleArn", "no task role"), found.get("ExecutionRoleArn", "no execution role")]
    return f"{found['TaskId']}  {found['Cluster']}/{found['Family']}:{found['Revision']}  {'  '.join(roles)}"
