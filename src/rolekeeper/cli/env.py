"""`rolekeeper env`: the lines that point a shell, and all AWS clients in it, at a running server."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from rolekeeper.cli.terminal import say, say_json

EXAMPLE = 'Example: eval "$(rolekeeper env)"; aws sts get-caller-identity'

UNSET = (
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_ENDPOINT_URL_IAM",
    "AWS_ENDPOINT_URL_STS",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
)
"""What would lead a client elsewhere, or make it add a foreign token."""


class Shell(StrEnum):
    """A language of exports."""

    SH = "sh"
    FISH = "fish"
    POWERSHELL = "powershell"


def env(
    port: Annotated[int | None, typer.Option(help="The port of the server, where several run.")] = None,
    data: Annotated[Path | None, typer.Option(help="The data folder of the server.")] = None,
    shell: Annotated[Shell, typer.Option(help="The shell that reads the lines.")] = Shell.SH,
    as_json: Annotated[bool, typer.Option("--json", help="JSON; null is a variable to unset.")] = False,
) -> None:
    """Print the lines that point this shell at a running server, as its root user."""
    from rolekeeper.cli.credentials import root_key
    from rolekeeper.cli.running import the_running

    server = the_running(os.environ, port=port, data=data)
    key = root_key(server, os.environ)
    variables: dict[str, str | None] = {
        "AWS_ENDPOINT_URL": server.endpoint,
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",  # nothing is at `sync-127.0.0.1`
        "AWS_REGION": server.region,
        "AWS_DEFAULT_REGION": server.region,
        "AWS_ACCESS_KEY_ID": key.access_key_id,
        "AWS_SECRET_ACCESS_KEY": key.secret.reveal(),
        **dict.fromkeys(UNSET),
    }
    if as_json:
        say_json(variables)
    else:
        say(lines(variables, shell))


def lines(variables: Mapping[str, str | None], shell: Shell) -> str:
    """The lines of that shell which set the variables, and unset those that are None."""
    write = _WRITERS[shell]
    return "\n".join(write(name, value) for name, value in variables.items())


def _sh(name: str, value: str | None) -> str:
    return f"unset {name}" if value is None else f"export {name}={shlex.quote(value)}"


def _fish(name: str, value: str | None) -> str:
    if value is None:
        return f"set -e {name}"
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"set -gx {name} '{escaped}'"


def _powershell(name: str, value: str | None) -> str:
    if value is None:
        return f"Remove-Item Env:{name} -ErrorAction SilentlyContinue"
    escaped = value.replace("'", "''")
    return f"$Env:{name} = '{escaped}'"


_WRITERS: Mapping[Shell, Callable[[str, str | None], str]] = {
    Shell.SH: _sh,
    Shell.FISH: _fish,
    Shell.POWERSHELL: _powershell,
}
