"""`rolekeeper test`: unit tests of policies that people keep beside their code."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rolekeeper.cli.terminal import say, say_json

if TYPE_CHECKING:
    from rolekeeper.cli.iam_calls import IamCalls
    from rolekeeper.cli.suites.run import Run

EXAMPLE = "Example: rolekeeper test policies/ --format junit > policies.xml"


class Format(StrEnum):
    """A form of the report."""

    TEXT = "text"
    JSON = "json"
    JUNIT = "junit"
    SARIF = "sarif"
    GITHUB = "github"


def test(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="PATH...", help="Files, or folders with *.rk.yaml in them; else this folder."),
    ] = None,
    form: Annotated[Format | None, typer.Option("--format", help="The form of the report.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    select: Annotated[
        str, typer.Option("-k", metavar="TEXT", help="Only tests with this in their name.")
    ] = "",
    port: Annotated[int | None, typer.Option(help="The port of the server that has the live roles.")] = None,
    data: Annotated[Path | None, typer.Option(help="The data folder of that server.")] = None,
) -> None:
    """Test policies: run the tests in *.rk.yaml files, and tell which decisions are not the expected ones.

    Exit status 1 where a test fails, 2 where a file is no test file, 3 where there is nothing to test or a
    live role cannot be read.
    """
    from rolekeeper.cli.suites.folders import test_files
    from rolekeeper.cli.suites.live_role import LiveRoles
    from rolekeeper.cli.suites.run import run
    from rolekeeper.errors import ConfigurationError, UsageError

    if as_json and form not in (None, Format.JSON):
        raise UsageError(f"--json and --format {form} are two forms of the report; take one")
    tested = run(test_files(paths or ()), LiveRoles(lambda: _iam(port, data)), select)
    _report(tested, Format.JSON if as_json else form or Format.TEXT)
    if not tested.verdicts and not tested.problems:
        raise ConfigurationError(f"no test has {select!r} in its name; try less of it with -k")
    raise typer.Exit(tested.status)


def _iam(port: int | None, data: Path | None) -> IamCalls:
    from rolekeeper.cli.credentials import root_key
    from rolekeeper.cli.iam_calls import IamCalls
    from rolekeeper.cli.running import the_running

    server = the_running(os.environ, port=port, data=data)
    return IamCalls(server, root_key(server, os.environ))


def _report(run: Run, form: Format) -> None:
    from rolekeeper.cli.suites import report_github, report_json, report_junit, report_sarif, report_text

    match form:
        case Format.TEXT:
            report_text.show(run)
        case Format.JSON:
            say_json(report_json.document(run))
        case Format.JUNIT:
            say(report_junit.document(run))
        case Format.SARIF:
            say_json(report_sarif.document(run))
        case Format.GITHUB:
            for line in report_github.lines(run):
                say(line)
