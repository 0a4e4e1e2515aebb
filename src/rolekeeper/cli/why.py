"""`rolekeeper why`: why the running server has refused a request, and what would allow it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from rolekeeper.cli.terminal import say_json

EXAMPLE = "Example: rolekeeper why 4b1f0c2e-7d0a-4c1b-a9f3-0242ac120002"


def why(
    request_id: Annotated[
        str,
        typer.Argument(metavar="REQUEST-ID", help="What a refusal calls its request.", show_default=False),
    ],
    everything: Annotated[
        bool, typer.Option("--all", help="Statements that do not speak of the action, too.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="The whole explanation as one line of JSON.")
    ] = False,
    port: Annotated[int | None, typer.Option(help="The port of the server.", show_default=False)] = None,
    data: Annotated[
        Path | None, typer.Option(help="The data directory of the server.", show_default=False)
    ] = None,
) -> None:
    """Tell which policies were read for a refused request, what decided, and the smallest change that would
    allow it. Asked is the account whose call it was, with the key in the environment or else the root user's.
    """
    from rolekeeper.cli.explanation_json import explanation_fields
    from rolekeeper.cli.explanation_view import show
    from rolekeeper.cli.question import read_question
    from rolekeeper.cli.workload.calls import asked
    from rolekeeper.policy.reference import explain
    from rolekeeper.policy.remedy import remedy

    found = asked(port, data, None).call("GetDenial", RequestId=request_id)
    question = read_question(found["Question"].encode())
    explanation = explain(question.context, question.layers)
    change = remedy(question.context, question.layers)
    names = {each["Place"]: each["Name"] for each in found["Policies"]}
    if as_json:
        request = json.loads(found["Question"])["request"]
        told = {"request_id": request_id, "time": found["Time"], "observed": found["Observed"]}
        say_json({**told, "request": request, "policies": names, **explanation_fields(explanation, change)})
        return
    context = question.context
    typer.echo(f"{context.principal.arn} asked for {context.action} on {context.resource}")
    if found["Observed"]:
        typer.echo("It was let through: the role is observed.")
    show(explanation, change, files=names, everything=everything)
