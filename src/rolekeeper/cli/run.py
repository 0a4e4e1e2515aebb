"""`rolekeeper run`: any program as a role, with credentials that are fresh for as long as it runs."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from rolekeeper.cli.launch.flags import Data, Port, Region, RoleFlags
from rolekeeper.cli.spread import spread

EXAMPLE = "Example: rolekeeper run --role reader -- aws sts get-caller-identity"

SETTINGS = {"allow_interspersed_args": False}
"""Flags behind the program are the program's."""


@spread(RoleFlags, "role")
def run(
    program: Annotated[
        list[str],
        typer.Argument(metavar="PROGRAM", help="What to run, and its arguments.", show_default=False),
    ],
    role: RoleFlags,
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
    """
    from rolekeeper.cli.launch.becoming import kept_session, one_session
    from rolekeeper.cli.launch.environment import bare
    from rolekeeper.cli.launch.programs import run_as_role, run_child, static_keys
    from rolekeeper.cli.running import the_running

    server = the_running(os.environ, port=port, data=data)
    environment = bare(os.environ, server, region)
    if static:
        keys = static_keys(one_session(server, role, region))
        raise typer.Exit(run_child(program, environment | keys))
    raise typer.Exit(run_as_role(program, environment, kept_session(server, role, region)))
