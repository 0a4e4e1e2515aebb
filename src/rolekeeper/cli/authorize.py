"""`rolekeeper authorize`: may this principal do this, by these policies? No server is asked."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from rolekeeper.cli.flags import Flags, asking
from rolekeeper.cli.terminal import COULD_NOT, NO, printable, say_json, screen
from rolekeeper.errors import UsageError

EXAMPLE = (
    "Example: rolekeeper authorize --principal arn:aws:iam::123456789012:user/ana --action s3:GetObject "
    "--resource arn:aws:s3:::reports/q1.csv --identity policy.json   or, for many: "
    "rolekeeper authorize --batch < requests.jsonl"
)


@asking
def authorize(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="With --batch: the lines [standard input].")
    ] = None,
    batch: Annotated[
        bool,
        typer.Option(
            "--batch",
            help='One question a line, {"id", "request", "policies"}; one answer a line, in order.',
        ),
    ] = False,
    *,
    given: Flags,
    as_json: Annotated[
        bool, typer.Option("--json", help="The decision as one line of JSON; --batch answers so anyway.")
    ] = False,
) -> None:
    """Decide a request by the policies that are given. Exit status 0 where it is allowed, 1 where not.

    With --batch the status is 0 when every line was answered, whatever the decisions, and 3 when one could
    not be read: its answer has an error instead of a decision.
    """
    if batch:
        if given.given:
            raise UsageError("--batch takes requests and policies from its lines, and none from flags")
        raise typer.Exit(_answer(file))
    if file is not None:
        raise UsageError("a FILE of requests needs --batch")
    raise typer.Exit(_decide(given, as_json))


def _answer(file: Path | None) -> int:
    from rolekeeper.cli.batch import answer_lines

    try:
        source = sys.stdin.fileno() if file is None else os.open(file, os.O_RDONLY)
        all_read = answer_lines(source, sys.stdout.buffer)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody reads on: so be quiet
        return COULD_NOT
    except OSError as error:
        raise UsageError(f"cannot read {file or 'standard input'}: {error.strerror}") from error
    return 0 if all_read else COULD_NOT


def _decide(given: Flags, as_json: bool) -> int:
    from rolekeeper.policy.authorize import authorize as decide
    from rolekeeper.policy.why import why

    request, layers = given.request(), given.layers()
    decision = decide(request, layers)
    reason = why(request, layers, decision)
    if as_json:
        from rolekeeper.cli.answer import decision_fields

        say_json(decision_fields(decision, reason))
    else:
        console = screen()
        console.print(str(decision.outcome), style="green" if decision.allowed else "red")
        console.print(printable(reason))
    return 0 if decision.allowed else NO
