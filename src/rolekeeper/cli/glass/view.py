"""What is told of a break-glass role: to a person, to a program, and to a webhook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rolekeeper.cli.glass.role import GlassRole
from rolekeeper.cli.terminal import printable, screen
from rolekeeper.iam.break_glass import CLOSED, instant

if TYPE_CHECKING:
    from rolekeeper.cli.glass.sessions import Session
    from rolekeeper.cli.running import Running


def sessions(server: Running, role: GlassRole, now: datetime) -> list[Session]:
    """Who is in the role. When it is closed nobody is: its sessions may do nothing."""
    from rolekeeper.cli.audit import trail
    from rolekeeper.cli.glass.sessions import running

    if not role.is_open(now) or role.opened_at is None:
        return []
    with trail(None, server.port) as source:
        return running(source, role.arn, since=role.opened_at, now=now)


def report(role: GlassRole, now: datetime, found: Iterable[Session]) -> dict[str, Any]:
    """The state of a role as JSON. Who opened it last, and why, stays to be read when it is closed."""
    state = "changed by hand" if role.window is None else "open" if role.is_open(now) else "closed"
    return {"state": state, **_fields(role), "sessions": [asdict(session) for session in found]}


def message(role: GlassRole, what: str) -> dict[str, Any]:
    """What is said of an opening, an extension or a closing; `text` is what a chat shows."""
    told = _fields(role)
    text = f"break glass: {role.arn} is {what}"
    if what in ("opened", "extended"):
        text += f" until {told['until']} by {told[f'{what}_by']}: {told['reason']}"
    return {"event": what, **told, "text": text}


def way_in(role: GlassRole) -> str:
    """How somebody becomes the role that was just opened or extended."""
    identity = role.window.source_identity if role.window is not None else ""
    lines = (
        f"{role.arn} is open until {_fields(role)['until']}, and then closes itself. To become it:",
        f"  aws sts assume-role --role-arn {role.arn} --role-session-name USER \\",
        f"    --source-identity {identity} --serial-number MFA-DEVICE --token-code CODE",
    )
    return "\n".join(map(printable, lines))


def show(reports: Iterable[Mapping[str, Any]]) -> None:
    """The states as a list."""
    console, some = screen(), False
    for told in reports:
        some = True
        style = None if told["state"] == "closed" else "bold red"
        console.print(printable(f"{told['role']}: {told['state']}"), style=style)
        for name in _SHOWN:
            if told[name]:
                console.print(f"  {name.replace('_', ' '):<16} {printable(told[name])}")
        for session in told["sessions"]:
            line = f"{session['caller']} from {session['address']}, since {session['since']}"
            console.print(f"  {'session':<16} {printable(line)}")
    if not some:
        console.print("there is no break-glass role; make one with: rolekeeper break-glass create")


_SHOWN = ("until", "opened_at", "opened_by", "extended_at", "extended_by", "reason", "source_identity")


def _fields(role: GlassRole) -> dict[str, Any]:
    window = role.window
    ended = window is None or window.ends == CLOSED
    return {
        "role": role.arn,
        "until": None if window is None or ended else instant(window.ends),
        "opened_at": None if role.opened_at is None else instant(role.opened_at),
        "opened_by": role.opened_by,
        "extended_at": None if role.extended_at is None else instant(role.extended_at),
        "extended_by": role.extended_by,
        "reason": role.reason,
        "source_identity": None if window is None or ended else window.source_identity,
        "people": list(role.people),
    }
