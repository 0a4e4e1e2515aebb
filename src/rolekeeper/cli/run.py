"""`rolekeeper run`: any program as a role or a workload, with credentials that stay fresh."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from rolekeeper.cli.launch.flags import Data, Port, Region, RoleFlags
from rolekeeper.cli.launch.workload_flags import WorkloadFlags
from rolekeeper.cli.spread import spread
from rolekeeper.cli.terminal import NO, say

if TYPE_CHECKING:
    from rolekeeper.cli.running import Running

EXAMPLE = (
    "Example: rolekeeper run --role reader -- aws sts get-caller-identity   or: "
    "rolekeeper run --instance i-0123456789abcdef0 -- python app.py   or: "
    "rolekeeper run --function app.zip --handler app.main --role worker --event event.json"
)

SETTINGS = {"allow_interspersed_args": False}
"""Flags behind the program are the program's."""


@spread(RoleFlags, "role")
@spread(WorkloadFlags, "workload")
def run(
    role: RoleFlags,
    workload: WorkloadFlags,
    program: Annotated[
        list[str] | None,
        typer.Argument(metavar="PROGRAM", help="What to run, and its arguments.", show_default=False),
    ] = None,
    static: Annotated[
        bool, typer.Option("--static", help="Give it keys, which end, and not where to get fresh ones.")
    ] = False,
    region: Region = None,
    port: Port = None,
    data: Data = None,
) -> None:
    """Run a program as a role, with nothing else of AWS's in its environment; its exit status is ours.

    The keys in the environment, or those of a profile, assume the role. The program finds the credentials
    at a container credentials endpoint on this machine, which renews them and ends with the program.

    Or run it as a workload: where its AWS client looks on an instance, in a task or in a pod, or for the
    machine of a certificate; or invoke a Lambda function.
    """
    from rolekeeper.cli.running import the_running

    given = program or []
    workload.check(role, given, static=static)
    server = the_running(os.environ, port=port, data=data)
    if workload.kind is None:
        status = _as_role(server, role, given, region, static=static)
    elif workload.kind == "function":
        status = _function(server, workload, role.role or "", region)
    else:
        status = _as_workload(server, workload, role, given, region)
    raise typer.Exit(status)


def _as_role(
    server: Running, role: RoleFlags, program: list[str], region: str | None, *, static: bool
) -> int:
    from rolekeeper.cli.launch.becoming import kept_session, one_session
    from rolekeeper.cli.launch.environment import bare
    from rolekeeper.cli.launch.programs import run_as_role, run_child, static_keys

    environment = bare(os.environ, server, region)
    if static:
        return run_child(program, environment | static_keys(one_session(server, role, region)))
    return run_as_role(program, environment, kept_session(server, role, region))


def _as_workload(
    server: Running, flags: WorkloadFlags, role: RoleFlags, program: list[str], region: str | None
) -> int:
    from rolekeeper.cli.credentials import operators_key
    from rolekeeper.cli.launch import workloads
    from rolekeeper.cli.launch.environment import bare
    from rolekeeper.cli.workload.calls import WorkloadCalls

    environment = bare(os.environ, server, region)
    if flags.x509 is not None:
        from rolekeeper.cli.launch.machines import kept_session
        from rolekeeper.cli.launch.programs import run_as_role

        return run_as_role(program, environment, kept_session(server, flags, role, region))
    calls = WorkloadCalls(server, operators_key(server, os.environ), region or server.region)
    if flags.instance is not None:
        return workloads.run_as_instance(program, environment, server, calls, flags.instance)
    if flags.task is not None:
        return workloads.run_as_task(program, environment, server, calls, flags.task)
    if role.role is not None:
        arn = calls.role_arn(role.role) or ""
        return workloads.run_as_web_identity(
            program, environment, server, calls, flags.pod or "", flags.cluster, arn
        )
    return workloads.run_as_pod(program, environment, server, calls, flags.pod or "", flags.cluster)


def _function(server: Running, flags: WorkloadFlags, role: str, region: str | None) -> int:
    from rolekeeper.cli.credentials import operators_key
    from rolekeeper.cli.launch import functions
    from rolekeeper.cli.workload.calls import WorkloadCalls

    assert flags.function and flags.handler
    wanted = functions.Invocation(
        code=flags.function,
        handler=flags.handler,
        role=role,
        event=functions.event(flags.event),
        name=flags.function_name or functions.name_of(flags.function),
        seconds=functions.timeout(flags.timeout),
        python=flags.python or sys.executable,
        variables=functions.variables(flags.env),
    )
    calls = WorkloadCalls(server, operators_key(server, os.environ), region or server.region)
    outcome = functions.invoke(wanted, server, calls, region)
    say(outcome.result)
    return NO if outcome.failed else 0
