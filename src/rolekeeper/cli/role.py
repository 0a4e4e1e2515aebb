"""`rolekeeper role trust`: who can assume a role of a running server, through what, and what they need.

The role is read by IAM's own GetRole: with the keys in the environment, or else with those of the root user
of the role's account. IAM shows a role to its own account only.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rolekeeper.cli.terminal import NO, printable, say_json, screen

if TYPE_CHECKING:
    from rolekeeper.cli.iam_calls import IamCalls
    from rolekeeper.cli.running import Running
    from rolekeeper.policy.document import PolicyDocument
    from rolekeeper.policy.entrances import Entrance, Refusal

EXAMPLE = (
    "Example: rolekeeper role trust deploy   or: "
    "rolekeeper role trust arn:aws:iam::222222222222:role/deploy --json"
)


def trust(
    role: Annotated[
        str, typer.Argument(metavar="ROLE", help="The role's name, or the ARN of one in any account.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="The answer as one line of JSON.")] = False,
    data: Annotated[Path | None, typer.Option(help="The data folder of the server that is meant.")] = None,
    port: Annotated[int | None, typer.Option(help="The port of the server, where several run.")] = None,
) -> None:
    """Show who can assume a role, through what, and what they need: a permission of their own, an external
    ID, MFA, tags, a token. Exit status 1 where nobody can.

    The keys in the environment must be allowed iam:GetRole on it. Where there are none, those of the root
    user of the role's account are taken.
    """
    from rolekeeper.cli.running import the_running
    from rolekeeper.policy.entrances import entrances, refusals

    server = the_running(os.environ, port=port, data=data)
    arn, document = _trust(_reader(server, role), role)
    opened, closed = entrances(document, arn.split(":")[4]), refusals(document)
    if as_json:
        say_json(_fields(arn, opened, closed))
    else:
        _show(arn, opened, closed)
    raise typer.Exit(0 if opened else NO)


def _reader(server: Running, role: str) -> IamCalls:
    """IAM as somebody of the role's account, in its partition. UsageError, ConfigurationError."""
    from rolekeeper.arn import Arn
    from rolekeeper.cli.credentials import environments_key, root_key
    from rolekeeper.cli.iam_calls import CallRefused, IamCalls
    from rolekeeper.errors import ConfigurationError, UsageError

    key = environments_key(os.environ)
    if not role.startswith("arn:"):
        return IamCalls(server, key or root_key(server, os.environ))
    try:
        arn = Arn.parse(role)
    except ValueError:
        arn = None
    if arn is None or arn.service != "iam" or arn.resource_type != "role":
        raise UsageError(f"ROLE is a role's name or ARN, and not {role!r}")
    if key is None:
        return IamCalls(server, root_key(server, os.environ, arn.account), partition=arn.partition)
    try:
        account = IamCalls(server, key, "sts").call("GetCallerIdentity").findtext(".//Account", "")
    except CallRefused as error:
        raise ConfigurationError(f"the keys in the environment are none of the server's: {error}") from None
    if account != arn.account:
        raise ConfigurationError(
            f"{role} cannot be read with the keys in the environment: they are of account {account}, and IAM "
            "shows a role to its own account only"
        )
    return IamCalls(server, key, partition=arn.partition)


def _trust(iam: IamCalls, role: str) -> tuple[str, PolicyDocument]:
    """The ARN and the trust policy of a role; ConfigurationError where there is none."""
    from urllib.parse import unquote

    from rolekeeper.cli.iam_calls import CallRefused
    from rolekeeper.errors import ConfigurationError
    from rolekeeper.policy.document import parse_document

    name = role.rpartition("/")[2]
    try:
        answer = iam.call("GetRole", RoleName=name)
    except CallRefused as error:
        raise ConfigurationError(f"the role {role} cannot be read from the server: {error}") from None
    arn = answer.findtext(".//Arn", "")
    if role.startswith("arn:") and role != arn:
        raise ConfigurationError(f"the server has no role {role}; its role {name} is {arn}")
    return arn, parse_document(unquote(answer.findtext(".//AssumeRolePolicyDocument", "")))


def _fields(arn: str, opened: list[Entrance], closed: list[Refusal]) -> dict[str, Any]:
    return {
        "role": arn,
        "entrances": [
            {
                "who": each.who,
                "kind": each.kind,
                "through": f"sts:{each.through}",
                "needs": list(each.needs),
                "may_bring": list(each.brings),
                "conditions": [
                    {"operator": one.operator, "key": one.key, "values": list(one.values)}
                    for one in each.conditions
                ],
                "statement": each.statement,
            }
            for each in opened
        ],
        "refusals": [
            {
                "who": each.who,
                "kind": each.kind,
                "actions": list(each.actions),
                "when": list(each.when),
                "statement": each.statement,
            }
            for each in closed
        ],
    }


# -- for a person -----------------------------------------------------------------------------------


def _show(arn: str, opened: list[Entrance], closed: list[Refusal]) -> None:
    console = screen()
    console.print(printable(arn), style="bold")
    if not opened:
        console.print("nobody can assume it")
    rows = [*map(_row, opened), *map(_refused_row, closed)]
    if console.is_terminal:
        _show_table(rows)
        return
    for who, through, lines in rows:
        console.print(printable(f"  {who}  {through}"))
        for line in lines:
            console.print(printable(f"    {line}"))


Row = tuple[str, str, list[str]]


def _row(each: Entrance) -> Row:
    lines = [f"needs {need}" for need in each.needs] or ["needs nothing else"]
    if each.brings:
        lines.append(f"may bring {', '.join(each.brings)}")
    return f"{each.kind} {each.who}", f"through {each.through}", lines


def _refused_row(each: Refusal) -> Row:
    when = [f"when {condition}" for condition in each.when] or ["always"]
    return f"{each.kind} {each.who}", f"is refused {', '.join(each.actions)}", when


def _show_table(rows: list[Row]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in ("who", "how", "what they need"):
        table.add_column(title, overflow="fold")
    for cells in _cells(rows):
        table.add_row(*(Text(printable(cell)) for cell in cells))
    screen().print(table, soft_wrap=False)


def _cells(rows: list[Row]) -> Iterator[tuple[str, str, str]]:
    """A line of the table for each thing that somebody needs."""
    for who, through, lines in rows:
        for number, line in enumerate(lines):
            yield (who, through, line) if number == 0 else ("", "", line)
