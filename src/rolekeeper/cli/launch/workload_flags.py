"""The flags of what a program runs as, if not as a role that somebody assumes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from rolekeeper.cli.launch.flags import RoleFlags
from rolekeeper.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadFlags:
    """The flags as they were given: of one workload at most, whose name is the first part of each group."""

    instance: Annotated[
        str | None, typer.Option("--instance", metavar="ID", help="Run as on this EC2 instance.")
    ] = None
    task: Annotated[
        str | None, typer.Option("--task", metavar="ID", help="Run as the application of this ECS task.")
    ] = None
    pod: Annotated[
        str | None,
        typer.Option(
            "--pod",
            metavar="NS/SA",
            help="Run as a pod of this namespace and service account; with --role by a web identity.",
        ),
    ] = None
    cluster: Annotated[
        str | None, typer.Option("--cluster", metavar="NAME", help="With --pod: the cluster [the only one].")
    ] = None
    x509: Annotated[
        Path | None,
        typer.Option("--x509", metavar="CERT", help="Run as the machine of this certificate, and as --role."),
    ] = None
    private_key: Annotated[
        Path | None, typer.Option("--private-key", metavar="FILE", help="With --x509: its key.")
    ] = None
    intermediates: Annotated[
        Path | None,
        typer.Option("--intermediates", metavar="FILE", help="With --x509: those up to the trust anchor."),
    ] = None
    trust_anchor_arn: Annotated[
        str | None, typer.Option("--trust-anchor-arn", metavar="ARN", help="With --x509: the trust anchor.")
    ] = None
    profile_arn: Annotated[
        str | None, typer.Option("--profile-arn", metavar="ARN", help="With --x509: the profile.")
    ] = None
    function: Annotated[
        Path | None,
        typer.Option("--function", metavar="ZIP|DIR", help="Invoke this Lambda function once, as --role."),
    ] = None
    handler: Annotated[
        str | None, typer.Option("--handler", metavar="MODULE.NAME", help="With --function: what to call.")
    ] = None
    event: Annotated[
        Path | None, typer.Option("--event", metavar="FILE", help="With --function: the event, JSON [{}].")
    ] = None
    function_name: Annotated[
        str | None, typer.Option("--function-name", metavar="NAME", help="With --function: its name.")
    ] = None
    timeout: Annotated[
        int | None,
        typer.Option("--timeout", metavar="SECONDS", help="With --function: how long it may take [3]."),
    ] = None
    env: Annotated[
        list[str] | None,
        typer.Option("--env", metavar="NAME=VALUE", help="With --function: a variable of its own."),
    ] = None
    python: Annotated[
        str | None, typer.Option("--python", metavar="PROGRAM", help="With --function: which Python runs it.")
    ] = None

    @property
    def kind(self) -> str | None:
        """Which workload is meant: `instance`, `task`, `pod`, `x509`, `function` or none."""
        given = [name for name in _GROUPS if getattr(self, name) is not None]
        return given[0] if given else None

    def check(self, role: RoleFlags, program: list[str], *, static: bool) -> None:
        """UsageError where flags do not go together."""
        kind = self.kind
        given = [name for name in self.__slots__ if getattr(self, name) is not None]
        for name in given:
            if name != kind and name not in _GROUPS.get(kind or "", ()):
                raise UsageError(f"--{_dashed(name)} does not go with " + (f"--{kind}" if kind else "--role"))
        if kind is not None:
            self._check_kind(kind, role, program, static=static)
        elif not program:
            raise UsageError("say what to run: rolekeeper run --role ROLE -- PROGRAM")

    def _check_kind(self, kind: str, role: RoleFlags, program: list[str], *, static: bool) -> None:
        fitting = _ROLE_FLAGS.get(kind, ())
        stray = [flag for flag in [*role.given, *(["--static"] if static else [])] if flag not in fitting]
        if stray:
            raise UsageError(f"{stray[0]} does not go with --{kind}")
        for name in _NEEDED.get(kind, ()):
            if getattr(self, name) is None:
                raise UsageError(f"--{kind} needs --{_dashed(name)}")
        if kind in ("x509", "function") and not role.role:
            raise UsageError(f"--{kind} needs --role")
        if (kind == "function") == bool(program):
            said = "a function is run without a program" if program else "say what to run: ... -- PROGRAM"
            raise UsageError(said)


_GROUPS = {
    "instance": (),
    "task": (),
    "pod": ("cluster",),
    "x509": ("private_key", "intermediates", "trust_anchor_arn", "profile_arn"),
    "function": ("handler", "event", "function_name", "timeout", "env", "python"),
}
_NEEDED = {
    "x509": ("private_key", "trust_anchor_arn", "profile_arn"),
    "function": ("handler",),
}
_ROLE_FLAGS = {
    "pod": ("--role",),
    "x509": ("--role", "--duration", "--session-name"),
    "function": ("--role",),
}


def _dashed(name: str) -> str:
    return name.replace("_", "-")
