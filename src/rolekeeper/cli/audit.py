"""`rolekeeper audit tail`: the latest events, of a data folder or of a running server."""

from __future__ import annotations

import json
import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from rolekeeper.cli.terminal import printable, say, screen

EXAMPLE = "Example: rolekeeper audit tail --follow --json"
PAGE = 1000
PAUSE = 0.5
"""Seconds between two looks for new events."""

Numbered = tuple[int, bytes]
"""The sequence number of an event, and its record in JSON."""
Source = Callable[[int], list[Numbered]]
"""The events after a sequence number, oldest first, up to a page of them."""


def tail(
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what happens next.")] = False,
    limit: Annotated[int, typer.Option("--limit", "-n", min=0, help="How many of the latest.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="CloudTrail records, one a line.")] = False,
    data: Annotated[Path | None, typer.Option(help="A data folder; its server need not run.")] = None,
    port: Annotated[int | None, typer.Option(help="The port of the server, where several run.")] = None,
) -> None:
    """Show the latest events, oldest first."""
    show = _show_json if as_json else _show_line
    with suppress(KeyboardInterrupt), _source(data, port) as source:
        latest, seen = _latest(source, limit)
        if not as_json:
            screen().print(_line("time", "result", "event", "caller", "from"), style="bold")
        for record in latest:
            show(record)
        while follow:
            time.sleep(PAUSE)
            for number, record in source(seen):
                show(record)
                seen = number


@contextmanager
def _source(data: Path | None, port: int | None) -> Iterator[Source]:
    from rolekeeper.cli.running import the_running

    if data is None:
        server = the_running(os.environ, port=port)
        if server.data is None:
            yield lambda after: _asked(server, after)
            return
        data = Path(server.data)
    from rolekeeper.config import load
    from rolekeeper.store import open_reader

    reader = open_reader(data, load(flags={"data": data}, environment=os.environ).key)
    try:
        yield lambda after: [(n, record.document) for n, record in reader.events(after=after, limit=PAGE)]
    finally:
        reader.close()


def _asked(server: Any, after: int) -> list[Numbered]:
    from rolekeeper.cli.client import ask

    events = ask(server, f"audit?after={after}&limit={PAGE}")["events"]
    return [(event["sequence"], json.dumps(event["event"]).encode()) for event in events]


def _latest(source: Source, limit: int) -> tuple[list[bytes], int]:
    latest: deque[bytes] = deque(maxlen=limit)
    seen = 0
    while page := source(seen):
        latest.extend(record for _, record in page)
        seen = page[-1][0]
    return list(latest), seen


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
