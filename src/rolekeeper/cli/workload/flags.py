"""The flags that the commands share: which server, which region, in which form, with which tags."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rolekeeper.errors import UsageError

Port = Annotated[int | None, typer.Option(help="The port of the server, where several run.")]
Data = Annotated[Path | None, typer.Option(help="The data folder of the server.")]
Region = Annotated[str | None, typer.Option(help="The region, in place of the server's.")]
AsJson = Annotated[bool, typer.Option("--json", help="The answer as JSON, a line each.")]
Tag = Annotated[list[str] | None, typer.Option("--tag", metavar="KEY=VALUE", help="A tag; several times.")]


def tags(given: list[str] | None) -> list[dict[str, str]] | None:
    """Tags as the service wants them; UsageError."""
    if not given:
        return None
    pairs = [text.partition("=") for text in given]
    for text, (key, equals, _) in zip(given, pairs, strict=True):
        if not key or not equals:
            raise UsageError(f"--tag is KEY=VALUE, and not {text!r}")
    return [{"Key": key, "Value": value} for key, _, value in pairs]
