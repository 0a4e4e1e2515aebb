"""`rolekeeper import authorization-details`: a real account's dump, brought into an account here."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from rolekeeper.cli.terminal import NO, printable, say_json, screen

if TYPE_CHECKING:
    from rolekeeper.cli.door import Door
    from rolekeeper.moving.dump import Dump
    from rolekeeper.moving.form import Page
    from rolekeeper.moving.report import Report

EXAMPLE = (
    "Example: aws iam get-account-authorization-details > account.json && "
    "rolekeeper import authorization-details account.json"
)
LARGEST: Final = 1 << 30
"""Bytes of one file: a hundred times those of the largest account that the quotas allow."""


def authorization_details(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE", help="What AWS's CLI wrote; - is standard input.")
    ],
    account: Annotated[
        str | None, typer.Option(metavar="NUMBER", help="The account to fill, in place of the dump's own.")
    ] = None,
    data: Annotated[Path | None, typer.Option(help="A data folder; its server need not run.")] = None,
    port: Annotated[int | None, typer.Option(help="The port of the server, where several run.")] = None,
    config: Annotated[
        Path | None, typer.Option(help="The configuration file with the quotas, where no server runs.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The report as JSON.")] = False,
) -> None:
    """Bring the users, groups, roles and policies of a real account into an account here.

    What is in the dump becomes as the dump says, what is not in it stays, and a second time nothing changes.
    Exit status 1 where something could not be brought; the report says what and why.
    """
    from rolekeeper.cli.door import door
    from rolekeeper.moving.dump import read_dump

    dump = read_dump((str(file), _content(file)) for file in files)
    with door(data, port, config, os.environ) as opened:
        target = _target(dump, account, opened)
        report = _bring(dump, target, opened)
    if as_json:
        say_json(_as_json(report, target, dump))
    else:
        _show(report, target, dump)
    if report.losses:
        raise typer.Exit(NO)


def _content(file: Path) -> bytes:
    from rolekeeper.errors import UsageError

    try:
        if str(file) == "-":
            content = sys.stdin.buffer.read(LARGEST + 1)
        else:
            with file.open("rb") as opened:
                content = opened.read(LARGEST + 1)
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror}") from error
    if len(content) > LARGEST:
        raise UsageError(f"{file} is larger than {LARGEST >> 20} MiB, and so is no account's")
    return content


def _target(dump: Dump, given: str | None, opened: Door) -> str:
    """The account to fill: the one that is named, else the dump's own, which must be here."""
    if given is not None or dump.account in (None, opened.account):
        return given or opened.account
    return str(dump.account)


def _bring(dump: Dump, target: str, opened: Door) -> Report:
    from rolekeeper.moving.parcels import only_roles, parcels
    from rolekeeper.moving.report import Report
    from rolekeeper.moving.rewriting import rewritten

    page = dump.page
    if dump.account is not None and dump.account != target:
        page = rewritten(page, dump.account, target)
    report = Report()
    for parcel in parcels(page):
        report.add(_sent(parcel, target, opened))
    if report.strangers:
        # Whoever was not here when the role came may be now.
        roles = only_roles(page, {stranger.role for stranger in report.strangers})
        report.settle([_sent(parcel, target, opened) for parcel in parcels(roles)])
    return report


def _sent(parcel: Page, target: str, opened: Door) -> Report:
    import msgspec

    from rolekeeper.moving.parcels import LARGEST as LARGEST_PARCEL
    from rolekeeper.moving.parcels import too_large

    body = msgspec.json.encode(parcel)
    return opened.bring(target, body) if len(body) <= LARGEST_PARCEL else too_large(parcel)


def _as_json(report: Report, target: str, dump: Dump) -> dict[str, Any]:
    import msgspec

    from rolekeeper.moving.report import NOT_IN_A_DUMP

    shown: dict[str, Any] = msgspec.to_builtins(report)
    return {
        "account": target,
        "account_of_the_dump": dump.account,
        "changes": report.changes,
        **shown,
        "not_in_a_dump": NOT_IN_A_DUMP,
    }


def _show(report: Report, target: str, dump: Dump) -> None:
    from rolekeeper.moving.report import NOT_IN_A_DUMP

    console = screen()
    rewritten = f", from the dump of {dump.account}" if dump.account not in (None, target) else ""
    console.print(f"account {target}{rewritten}", style="bold")
    console.print(_line("", "made", "changed", "unchanged", "left out"))
    for kind, counts in report.counts.items():
        numbers = (counts.made, counts.changed, counts.unchanged, counts.left_out)
        console.print(_line(kind, *numbers), style="yellow" if counts.left_out else None)
    if not report.changes:
        console.print("nothing to change")
    if report.losses:
        console.print("\nnot brought", style="bold")
        for loss in report.losses:
            what = f"{loss.kind} {loss.name}" + (f", {loss.part}" if loss.part else "")
            console.print(printable(f"  {what}: {loss.reason}"), style="yellow")
    if report.strangers:
        console.print("\ntrusted, and not here (kept as written)", style="bold")
        for stranger in report.strangers:
            console.print(printable(f"  role {stranger.role}: {stranger.principal}"))
    console.print("\nin no dump: " + "; ".join(NOT_IN_A_DUMP))


def _line(kind: str, *cells: object) -> str:
    return f"  {kind:<18}" + "".join(f"{cell!s:>11}" for cell in cells)
