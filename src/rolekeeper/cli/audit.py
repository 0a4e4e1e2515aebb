"""`rolekeeper audit tail`: the latest events, of a data folder or of a running server."""

from __future__ import annotations

import json
import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from rolekeeper.cli.terminal import printable, say, screen

EXAMPLE = "Example: rolekeeper audit tail --follow --json"
PAGE = 1000
PAUSE = 0.5
"""Seconds between two looks for new events."""

Numbered = tuple[int, bytes]
"""The sequence number of an event, and its record in JSON."""


class Source(NamedTuple):
    """Where events are read, oldest first."""

    after: Callable[[int], list[Numbered]]
    """The events behind a sequence number, up to a page of them."""
    latest: Callable[[int], list[Numbered]]
    """The last so many events."""


def tail(
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what happens next.")] = False,
    limit: Annotated[int, typer.Option("--limit", "-n", min=0, help="How many of the latest.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="CloudTrail records, one a line.")] = False,
    data: Annotated[Path | None, typer.Option(help="A data folder; its server need not run.")] = None,
    port: Annotated[int | None, typer.Option(help="The port of the server, where several run.")] = None,
) -> None:
    """Show the latest events, oldest first."""
    show = _show_json if as_json else _show_line
    with suppress(KeyboardInterrupt), trail(data, port) as source:
        latest = source.latest(max(limit, 1))  # one at least, to know where what happens next begins
        seen = latest[-1][0] if latest else 0
        if not as_json:
            screen().print(_line("time", "result", "event", "caller", "from"), style="bold")
        for _, record in latest[:limit]:
            show(record)
        while follow:
            time.sleep(PAUSE)
            for number, record in source.after(seen):
                show(record)
                seen = number


@contextmanager
def trail(data: Path | None, port: int | None) -> Iterator[Source]:
    """The audit trail of a data folder, or of the running server that is meant."""
    from rolekeeper.cli.running import the_running

    if data is None:
        server = the_running(os.environ, port=port)
        if server.data is None:
            yield Source(
                lambda after: _asked(server, f"after={after}"), lambda limit: _asked_latest(server, limit)
            )
            return
        data = Path(server.data)
    from rolekeeper.config import load
    from rolekeeper.store import open_reader

    reader = open_reader(data, load(flags={"data": data}, environment=os.environ).key)
    try:
        yield Source(
            lambda after: [(n, record.document) for n, record in reader.events(after=after, limit=PAGE)],
            lambda limit: [(n, record.document) for n, record in reader.latest(limit)],
        )
    finally:
        reader.close()


def _asked(server: Any, which: str) -> list[Numbered]:
    from rolekeeper.cli.client import ask

    events = ask(server, f"audit?{which}&limit={PAGE}")["events"]
    return [(event["sequence"], json.dumps(event["event"]).encode()) for event in events]


def _asked_latest(server: Any, limit: int) -> list[Numbered]:
    if limit <= PAGE:
        return _asked(server, f"latest={limit}")
    # The server gives no more than a page at a time, and pages go forward.
    latest: deque[Numbered] = deque(maxlen=limit)
    while page := _asked(server, f"after={latest[-1][0] if latest else 0}"):
        latest.extend(page)
    return list(latest)


def _show_json(record: bytes) -> None:
    say(record.decode())


def _show_line(record: bytes) -> None:
    event: Mapping[str, Any] = json.loads(record)
    error = event.get("errorCode")
    identity = event.get("userIdentity") or {}
    caller = identity.get("arn") or identity.get("invokedBy") or identity.get("type") or "unknown"
    service = str(event.get("eventSource", "")).partition(".")[0]
    text = _line(
        str(event.get("eventTime")),
        error or "ok",
        f"{service}:{event.get('eventName')}",
        caller,
        str(event.get("sourceIPAddress")),
    )
    screen().print(printable(text), style="red" if error else None)


def _line(moment: str, result: str, name: str, caller: str, source: str) -> str:
    return f"{moment:<20}  {result:<22}  {name:<32}  {caller}  {source}"
