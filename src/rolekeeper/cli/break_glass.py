"""`rolekeeper break-glass`: roles for emergencies, made of AWS's own means (docs/break-glass.md).

The calls are made with the key in the environment, so that policies say who may open a role, and the audit
trail says who did. Times are the server's.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rolekeeper.cli.glass.arguments import duration, person
from rolekeeper.cli.glass.asking import Asked, ask_as_caller, permitted
from rolekeeper.cli.terminal import COULD_NOT, NO, complain, printable, say_json, screen
from rolekeeper.errors import ConfigurationError, UsageError

if TYPE_CHECKING:
    from urllib.parse import SplitResult

    from rolekeeper.cli.glass.role import GlassRole
    from rolekeeper.iam.break_glass import Window

CREATE_EXAMPLE = (
    "Example: rolekeeper break-glass create firefighter --allow ana --allow ben "
    "--policy arn:aws:iam::aws:policy/PowerUserAccess"
)
OPEN_EXAMPLE = "Example: rolekeeper break-glass open firefighter --reason 'INC-42 database down' --for 30m"
EXTEND_EXAMPLE = "Example: rolekeeper break-glass extend firefighter --for 1h"
CLOSE_EXAMPLE = "Example: rolekeeper break-glass close firefighter"
STATUS_EXAMPLE = "Example: rolekeeper break-glass status --json"

Name = Annotated[str, typer.Argument(metavar="ROLE", help="The name of the role.")]
Port = Annotated[int | None, typer.Option(help="The port of the server, where several run.")]
Data = Annotated[Path | None, typer.Option(help="The data folder of the server.")]
Webhook = Annotated[
    str | None, typer.Option(metavar="URL", help="Tell this URL, too: HTTPS, or HTTP to this machine.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One line of JSON.")]


def create(
    role: Name,
    allow: Annotated[
        list[str], typer.Option("--allow", metavar="USER", help="Who may use it: a user's name or ARN.")
    ],
    policy: Annotated[
        list[str], typer.Option("--policy", metavar="ARN", help="A managed policy: what may be done.")
    ],
    port: Port = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Make a role for emergencies. It is closed until somebody opens it."""
    from rolekeeper.cli.glass import role as glass

    asked = ask_as_caller(port, data)
    arn = permitted(
        lambda: glass.create(
            asked.iam, role, people=[person(who, asked.caller) for who in allow], policies=policy
        )
    )
    if as_json:
        say_json({"role": arn, "state": "closed"})
    else:
        screen().print(f"{printable(arn)} is there, and closed")


def open_(
    role: Name,
    reason: Annotated[
        str, typer.Option(help="Why: it goes into the trail, and into the sessions' identity.")
    ],
    window: Annotated[str, typer.Option("--for", metavar="TIME", help="How long: 30m, 1h30m; up to 12h.")],
    webhook: Webhook = None,
    port: Port = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Let the role be used for a while, with MFA and this reason. It and its sessions end by themselves.

    Exit status 1 where it is open already or you may not open it, 3 where the webhook could not be told: the
    role is open then.
    """
    from rolekeeper.cli.glass import role as glass
    from rolekeeper.cli.glass.webhook import checked
    from rolekeeper.iam.break_glass import refusal_of_reason, source_identity

    length, refusal = duration(window), refusal_of_reason(reason)
    if refusal is not None:
        raise UsageError(refusal)
    url = None if webhook is None else checked(webhook)
    asked = ask_as_caller(port, data)
    found = permitted(lambda: glass.look(asked.iam, role))
    now = asked.now()
    _refuse_unless_ready(found, now)
    started = _whole_second(now)
    ends, identity = started + length, source_identity(reason)

    def opening() -> None:
        glass.announce(asked.iam, role, reason=reason, by=asked.caller, at=started)
        glass.revoke(asked.iam, role, before=started)
        # Tokens have whole seconds: from this one on, none is of an earlier opening.
        time.sleep((started - now).total_seconds())
        glass.set_window(asked.iam, found, ends=ends, identity=identity)

    permitted(opening)
    opened = permitted(lambda: glass.look(asked.iam, role))
    _say(opened, "opened", as_json=as_json)
    _tell(url, opened, "opened", asked)


def extend(
    role: Name,
    window: Annotated[
        str,
        typer.Option(
            "--for", metavar="TIME", help="How long from now on: 30m, 1h30m; up to 12h after the opening."
        ),
    ],
    webhook: Webhook = None,
    port: Port = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Let an open role be open for longer, for the same reason. Its sessions go on.

    Exit status 1 where it is not open, is open that long already or would be for more than 12 hours, or you
    may not extend it; 3 where the webhook could not be told: the role is open for longer then.
    """
    from rolekeeper.cli.glass import role as glass
    from rolekeeper.cli.glass.webhook import checked

    length = duration(window)
    url = None if webhook is None else checked(webhook)
    asked = ask_as_caller(port, data)
    found = permitted(lambda: glass.look(asked.iam, role))
    now = asked.now()
    later = _extended(found, now, now + length)

    def extending() -> None:
        glass.announce_extension(asked.iam, role, by=asked.caller, at=now)
        glass.extend(asked.iam, found, later)

    permitted(extending)
    extended = permitted(lambda: glass.look(asked.iam, role))
    _say(extended, "extended", as_json=as_json)
    _tell(url, extended, "extended", asked)


def close(
    role: Name, webhook: Webhook = None, port: Port = None, data: Data = None, as_json: AsJson = False
) -> None:
    """Close a role, and end its sessions at once."""
    from rolekeeper.cli.glass import role as glass
    from rolekeeper.cli.glass.webhook import checked

    url = None if webhook is None else checked(webhook)
    asked = ask_as_caller(port, data)
    found = permitted(lambda: glass.look(asked.iam, role))
    permitted(lambda: glass.close(asked.iam, found, before=_whole_second(asked.now())))
    closed = permitted(lambda: glass.look(asked.iam, role))
    _say(closed, "closed", as_json=as_json)
    _tell(url, closed, "closed", asked)


def status(
    role: Annotated[str | None, typer.Argument(metavar="ROLE", help="Only this role.")] = None,
    port: Port = None,
    data: Data = None,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON for each role.")] = False,
) -> None:
    """Tell which roles are open, until when, by whom and why, and who is in them.

    Exit status 0 where one is open, 1 where none is. The sessions are those that the audit trail has.
    """
    from rolekeeper.cli.glass import role as glass
    from rolekeeper.cli.glass import view

    asked = ask_as_caller(port, data)
    names = permitted(lambda: [role] if role is not None else glass.names(asked.iam))
    roles = permitted(lambda: [glass.look(asked.iam, name) for name in names])
    now = asked.now()
    reports = [view.report(each, now, view.sessions(asked.server, each, now)) for each in roles]
    if as_json:
        for report in reports:
            say_json(report)
    else:
        view.show(reports)
    raise typer.Exit(0 if any(each.is_open(now) for each in roles) else NO)


# -- what they share ----------------------------------------------------------------------------------


def _refuse_unless_ready(found: GlassRole, now: datetime) -> None:
    if found.window is None:
        raise ConfigurationError(f"the trust policy of {found.name} is not the recipe's: close it first")
    if found.is_open(now):
        complain(f"{found.name} is open until {_until(found)}: extend it, or close it first")
        raise typer.Exit(NO)
    if not found.people:
        raise ConfigurationError(f"{found.name} names nobody who is still there: make it anew")


def _extended(found: GlassRole, now: datetime, ends: datetime) -> Window:
    """The window with a later end; the command ends where there cannot be one."""
    from rolekeeper.iam.break_glass import LONGEST, instant

    if found.window is None:
        raise ConfigurationError(f"the trust policy of {found.name} is not the recipe's: close it first")
    if not found.is_open(now):
        complain(f"{found.name} is closed: open it")
        raise typer.Exit(NO)
    if found.opened_at is None:
        raise ConfigurationError(f"nobody has written down since when {found.name} is open: close it first")
    last = found.opened_at + LONGEST
    if ends <= found.window.ends:
        refusal = f"{found.name} is open until {_until(found)} already"
    elif ends > last:
        refusal = f"{found.name} can be open until {instant(last)} at most: close it then, and open it anew"
    else:
        return replace(found.window, ends=ends)
    complain(refusal)
    raise typer.Exit(NO)


def _whole_second(now: datetime) -> datetime:
    """The next one: all tokens so far are of an earlier second."""
    return now.replace(microsecond=0) + timedelta(seconds=1)


def _until(role: GlassRole) -> str:
    from rolekeeper.iam.break_glass import instant

    return instant(role.window.ends) if role.window is not None else "somebody closes it"


def _say(role: GlassRole, what: str, *, as_json: bool) -> None:
    from rolekeeper.cli.glass import view

    if as_json:
        say_json(view.message(role, what))
    elif what == "closed":
        screen().print(f"{printable(role.arn)} is closed, and its sessions have ended")
    else:
        screen().print(view.way_in(role))


def _tell(url: SplitResult | None, role: GlassRole, what: str, asked: Asked) -> None:
    from rolekeeper.cli.glass import view
    from rolekeeper.cli.glass.webhook import post

    if url is None:
        return
    try:
        post(url, view.message(role, what) | {"caller": asked.caller})
    except ConfigurationError as error:
        complain(f"{role.name} is {what}, but {error}")
        raise typer.Exit(COULD_NOT) from None
