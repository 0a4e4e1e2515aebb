"""`rolekeeper status`: what runs, what it enforces, and what stands behind it."""

from __future__ import annotations

import os
from typing import Annotated, Any

import typer

from rolekeeper.cli.terminal import COULD_NOT, NO, say_json, screen

EXAMPLE = "Example: rolekeeper status --json"


def status(
    port: Annotated[int | None, typer.Option(help="Only the server on this port.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON for each server.")] = False,
) -> None:
    """Tell which servers of this user run. Exit status 1 where none does, 3 where one does not answer."""
    from rolekeeper.cli.running import running

    reports = [_report(server) for server in running(os.environ) if port in (None, server.port)]
    for report in reports:
        if as_json:
            say_json(report)
        else:
            _show(report)
    if not reports:
        if not as_json:
            screen().print("no server is running; start one with: rolekeeper up")
        raise typer.Exit(NO)
    if any("problem" in report for report in reports):
        raise typer.Exit(COULD_NOT)


def _report(server: Any) -> dict[str, Any]:
    from rolekeeper.cli.client import ask
    from rolekeeper.errors import ConfigurationError

    report: dict[str, Any] = {"endpoint": server.endpoint, "port": server.port, "pid": server.pid}
    report["data"] = server.data
    try:
        return report | ask(server, "health")
    except ConfigurationError as error:
        return report | {"problem": str(error)}


def _show(report: dict[str, Any]) -> None:
    from rolekeeper.cli.standing import behind, warnings
    from rolekeeper.cli.terminal import printable

    console = screen()
    console.print(printable(report["endpoint"]), style="bold")
    shown = [
        ("problem", report.get("problem")),
        ("account", report.get("account")),
        ("authorization", report.get("authorization")),
        ("enforced", ", ".join(report.get("enforced", ()))),
        *behind(report.get("behind", {})),
        ("state", report["data"] or "in memory, gone when the server stops"),
        ("process", f"{report['pid']}, version {report.get('version', 'unknown')}"),
    ]
    for name, value in shown:
        if value:
            console.print(f"  {name:<14} {printable(value)}")
    for warning in warnings(report.get("unclassified", "deny"), report.get("observed", ())):
        console.print(f"  {printable(warning)}", style="bold red")
