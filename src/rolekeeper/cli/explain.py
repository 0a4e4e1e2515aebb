"""`rolekeeper explain`: why a request is allowed or denied, and what would allow it. No server is asked."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rolekeeper.cli.flags import Flags, asking, names
from rolekeeper.cli.terminal import NO, say_json
from rolekeeper.errors import UsageError

if TYPE_CHECKING:
    from rolekeeper.policy.context import RequestContext
    from rolekeeper.policy.decision import PolicyLayers

EXAMPLE = (
    "Example: rolekeeper explain --principal arn:aws:iam::123456789012:user/ana --action s3:GetObject "
    "--resource arn:aws:s3:::reports/q1.csv --identity policy.json   or: rolekeeper explain question.json"
)


@asking
def explain(
    file: Annotated[
        str | None,
        typer.Argument(
            metavar="FILE", help='The question as JSON, {"request", "policies"}; - is standard input.'
        ),
    ] = None,
    *,
    given: Flags,
    everything: Annotated[
        bool, typer.Option("--all", help="Statements that do not speak of the action, too.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="The whole explanation as one line of JSON.")
    ] = False,
) -> None:
    """Tell which element of which statement matched or failed, and why; and for a denial the smallest change
    that would allow it. Exit status 0 where the request is allowed, 1 where not.
    """
    if file is not None and given.given:
        raise UsageError("a question is given in a FILE or by flags, not both")
    request, layers = _read(file) if file is not None else (given.request(), given.layers())
    raise typer.Exit(_tell(request, layers, given, everything=everything, as_json=as_json))


def _read(file: str) -> tuple[RequestContext, PolicyLayers]:
    from rolekeeper.cli.question import QuestionError, read_question

    try:
        text = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        question = read_question(text.removeprefix(b"\xef\xbb\xbf"))
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror}") from error
    except QuestionError as error:
        raise UsageError(f"{file}: {error}") from error
    return question.context, question.layers


def _tell(
    request: RequestContext, layers: PolicyLayers, given: Flags, *, everything: bool, as_json: bool
) -> int:
    from rolekeeper.policy.reference import explain as look
    from rolekeeper.policy.remedy import remedy

    explanation, change = look(request, layers), remedy(request, layers)
    if as_json:
        from rolekeeper.cli.explanation_json import explanation_fields

        say_json(explanation_fields(explanation, change))
    else:
        from rolekeeper.cli.explanation_view import show

        named = (pair for kind, files in given.files().items() for pair in names(files, kind))
        show(explanation, change, files={place: str(name) for place, name in named}, everything=everything)
    return 0 if explanation.decision.allowed else NO
