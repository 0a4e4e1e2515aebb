"""`rolekeeper creds`: a role's credentials for those who want them in their hands."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from rolekeeper.cli.env import UNSET, Shell, lines
from rolekeeper.cli.launch.flags import Data, Port, Region, RoleFlags
from rolekeeper.cli.spread import spread
from rolekeeper.cli.terminal import say, say_json

PROCESS_EXAMPLE = (
    "Example, in ~/.aws/config: credential_process = rolekeeper creds process "
    "--role arn:aws:iam::123456789012:role/reader --source-profile bob"
)
EXPORT_EXAMPLE = 'Example: eval "$(rolekeeper creds export --role reader)"; aws sts get-caller-identity'
SHELL_EXAMPLE = "Example: rolekeeper creds shell --role reader"


@spread(RoleFlags, "role")
def process(role: RoleFlags, region: Region = None, port: Port = None, data: Data = None) -> None:
    """Print a role's credentials as AWS clients expect them from a credential_process.

    The keys in the environment assume the role, or those of a profile in the AWS configuration files.
    """
    from rolekeeper.cli.launch.becoming import one_session
    from rolekeeper.cli.running import the_running

    server = the_running(os.environ, port=port, data=data)
    say(one_session(server, role, region).process_output())


@spread(RoleFlags, "role")
def export(
    role: RoleFlags,
    shell: Annotated[Shell, typer.Option(help="The shell that reads the lines.")] = Shell.SH,
    as_json: Annotated[bool, typer.Option("--json", help="JSON; null is a variable to unset.")] = False,
    region: Region = None,
    port: Port = None,
    data: Data = None,
) -> None:
    """Print the lines that make this shell a role: the server, a region, and keys, which end."""
    from rolekeeper.cli.launch.becoming import one_session
    from rolekeeper.cli.launch.programs import static_keys
    from rolekeeper.cli.running import the_running

    server = the_running(os.environ, port=port, data=data)
    session = one_session(server, role, region)
    variables: dict[str, str | None] = {
        "AWS_ENDPOINT_URL": server.endpoint,
        "AWS_REGION": region or server.region,
        "AWS_DEFAULT_REGION": region or server.region,
        **dict.fromkeys(UNSET),
        **static_keys(session),
    }
    if as_json:
        say_json(variables)
    else:
        say(lines(variables, shell))


@spread(RoleFlags, "role")
def shell(
    role: RoleFlags,
    program: Annotated[
        str | None, typer.Option("--shell", metavar="SHELL", help="Which shell [yours].", show_default=False)
    ] = None,
    region: Region = None,
    port: Port = None,
    data: Data = None,
) -> None:
    """Start a shell that is the role until it ends; its prompt says so.

    As with `rolekeeper run`, nothing else of AWS's is in it, your shell's own start files notwithstanding.
    """
    from rolekeeper.cli.launch.becoming import kept_session
    from rolekeeper.cli.launch.environment import bare
    from rolekeeper.cli.launch.programs import run_as_role
    from rolekeeper.cli.launch.shells import started
    from rolekeeper.cli.running import the_running

    server = the_running(os.environ, port=port, data=data)
    kept = kept_session(server, role, region)
    name = kept.current().arn.split("/")[1]
    path = program or os.environ.get("SHELL") or "/bin/sh"
    with TemporaryDirectory(prefix="rolekeeper-") as folder:
        start = started(path, Path(folder), name, os.environ)
        told = {**bare(os.environ, server, region), **start.variables}
        status = run_as_role(start.command, told, kept, start.prepare)
    raise typer.Exit(status)
