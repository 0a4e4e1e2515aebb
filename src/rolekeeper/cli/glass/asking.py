"""Whom the commands ask, and as whom: a running server, with the caller's own key."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import typer

from rolekeeper.cli.terminal import NO, complain

if TYPE_CHECKING:
    from rolekeeper.cli.iam_calls import IamCalls
    from rolekeeper.cli.running import Running

Found = TypeVar("Found")


class Asked(NamedTuple):
    """A server, its IAM as the caller's, and who that is."""

    server: Running
    iam: IamCalls
    caller: str

    def now(self) -> datetime:
        """The server's time."""
        from rolekeeper.cli.client import ask

        return datetime.fromisoformat(ask(self.server, "health")["time"])


def ask_as_caller(port: int | None, data: Path | None) -> Asked:
    """The server that is meant. ConfigurationError where there is none, or the key is none of its."""
    from rolekeeper.cli.credentials import operators_key
    from rolekeeper.cli.iam_calls import IamCalls
    from rolekeeper.cli.running import the_running

    server = the_running(os.environ, port=port, data=data)
    key = operators_key(server, os.environ)
    caller = IamCalls(server, key, "sts").call("GetCallerIdentity").findtext(".//Arn", "")
    return Asked(server, IamCalls(server, key), caller)


def permitted(calls: Callable[[], Found]) -> Found:
    """What the calls find. A refusal by policies is a no; others, and no answer, are left to be told."""
    from rolekeeper.cli.iam_calls import CallRefused

    try:
        return calls()
    except CallRefused as error:
        if error.code != "AccessDenied":
            raise
        complain(str(error))
        raise typer.Exit(NO) from None
