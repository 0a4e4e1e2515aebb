"""`rolekeeper export`: an account as `aws iam get-account-authorization-details` writes it.

It goes out page by page: nobody holds the whole account. One thing stands on a line, in an order that does
not change, so that two exports can be compared.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

if TYPE_CHECKING:
    from rolekeeper.cli.door import Door

EXAMPLE = "Example: rolekeeper export --output account.json"


def export(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="The file [standard output].")
    ] = None,
    account: Annotated[
        str | None, typer.Option(metavar="NUMBER", help="The account [the server's own].")
    ] = None,
    partition: Annotated[str, typer.Option(help="The partition of its ARNs.")] = "aws",
    data: Annotated[Path | None, typer.Option(help="A data folder; its server need not run.")] = None,
    port: Annotated[int | None, typer.Option(help="The port of the server, where several run.")] = None,
) -> None:
    """Write an account's users, groups, roles and policies as JSON, as AWS's CLI does.

    `rolekeeper import authorization-details` reads it. Secrets, such as keys and passwords, are never in it.
    """
    from rolekeeper.cli.door import door

    with door(data, port, None, os.environ) as opened, _file(output) as file:
        for part in _parts(opened, account or opened.account, partition):
            file.write(part)


def _parts(opened: Door, account: str, partition: str) -> Iterator[str]:
    """The document in parts. The kinds of things come one after the other, whatever the pages are."""
    from rolekeeper.moving.form import LISTS

    marker, begun = "", 0
    first = True
    yield "{\n"
    while True:
        page = opened.show(account, partition, marker)
        for number, name in enumerate(LISTS, 1):
            for thing in page[name]:
                while begun < number:
                    yield ("\n],\n" if begun else "") + f'"{LISTS[begun]}": ['
                    begun, first = begun + 1, True
                yield ("\n" if first else ",\n") + json.dumps(thing, ensure_ascii=False)
                first = False
        if "Marker" not in page:
            break
        marker = page["Marker"]
    while begun < len(LISTS):
        yield ("\n],\n" if begun else "") + f'"{LISTS[begun]}": ['
        begun += 1
    yield "\n]\n}\n"


@contextmanager
def _file(output: Path | None) -> Iterator[TextIO]:
    """Standard output, or a file that is there whole or not at all, readable by its owner alone."""
    from rolekeeper.errors import UsageError

    if output is None:
        yield sys.stdout
        sys.stdout.flush()
        return
    try:
        descriptor, draft = tempfile.mkstemp(dir=output.parent, prefix=f".{output.name}.")
    except OSError as error:
        raise UsageError(f"cannot write {output}: {error.strerror}") from error
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            yield file
        Path(draft).replace(output)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
