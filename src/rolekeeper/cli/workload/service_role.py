"""`rolekeeper workload service-role`: whatever else a service runs with a role."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from rolekeeper.cli.workload.calls import asked
from rolekeeper.cli.workload.flags import AsJson, Data, Port, Region, Tag, tags
from rolekeeper.cli.workload.show import done, listed
from rolekeeper.cli.workload.show import registered as say_registered

REGISTER_EXAMPLE = (
    "Example: rolekeeper workload service-role register cloudformation.amazonaws.com "
    "arn:aws:cloudformation:us-east-1:123456789012:stack/web/1 --role deployer"
)
LIST_EXAMPLE = "Example: rolekeeper workload service-role list --json"
DEREGISTER_EXAMPLE = "Example: rolekeeper workload service-role deregister sr-0123456789abcdef0"


def register(
    service: Annotated[
        str,
        typer.Argument(metavar="SERVICE", help="The service's principal.", show_default=False),
    ],
    resource: Annotated[
        str, typer.Argument(metavar="ARN", help="The ARN of what it runs.", show_default=False)
    ],
    role: Annotated[str, typer.Option("--role", metavar="ROLE", help="The role: its name or ARN.")],
    tag: Tag = None,
    as_json: AsJson = False,
    region: Region = None,
    port: Port = None,
    data: Data = None,
) -> None:
    """Say that a service runs something with a role: a stack, a job, a cluster."""
    calls = asked(port, data, region)
    answer = calls.call(
        "RegisterServiceRole",
        ServicePrincipal=service,
        ResourceArn=resource,
        RoleArn=calls.role_arn(role),
        Tags=tags(tag),
    )
    say_registered(answer, f"service role {answer['ServiceRole']['ServiceRoleId']}", as_json=as_json)


def list_(as_json: AsJson = False, region: Region = None, port: Port = None, data: Data = None) -> None:
    """Tell what services run with roles."""
    found = asked(port, data, region).every("ListServiceRoles", "ServiceRoles")
    listed(found, _line, as_json=as_json)


def deregister(
    id: Annotated[str, typer.Argument(metavar="ID", help="The ID: sr-...", show_default=False)],
    as_json: AsJson = False,
    region: Region = None,
    port: Port = None,
    data: Data = None,
) -> None:
    """Say that the service does not run it any more: its secrets open nothing."""
    answer = asked(port, data, region).call("DeregisterServiceRole", ServiceRoleId=id)
    done(answer, f"service role {id} is gone", as_json=as_json)


def _line(found: dict[str, Any]) -> str:
    return (
        f"{found['ServiceRoleId']}  {found['ServicePrincipal']}  {found['ResourceArn']}  {found['RoleArn']}"
    )
