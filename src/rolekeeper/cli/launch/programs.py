"""Running a program with its credentials: at an endpoint of its own, or as keys in its environment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack

from rolekeeper.cli.launch.assuming import Session
from rolekeeper.cli.launch.child import follow, held_signals, start
from rolekeeper.cli.launch.handing_out import HandingOut
from rolekeeper.cli.launch.keeping import Kept
from rolekeeper.cli.launch.listener import Listener


def run_as_role(
    program: list[str],
    environment: Mapping[str, str],
    kept: Kept,
    prepare: Callable[[Mapping[str, str]], None] = lambda environment: None,
) -> int:
    """Run a program that gets a role's credentials at an endpoint; its exit status. `prepare` is told the
    program's environment before."""
    handing_out = HandingOut(kept)
    listener = Listener(handing_out)
    told = {**environment, **handing_out.variables(listener.endpoint)}
    prepare(told)
    return run_child(program, told, listener)


def run_child(
    program: list[str], environment: Mapping[str, str], *beside: AbstractContextManager[object]
) -> int:
    """Run a program, and what is beside it for as long as it runs; its exit status."""
    with ExitStack() as held:
        before = held.enter_context(held_signals())
        for each in beside:
            held.enter_context(each)
        return follow(start(program, environment, before))


def static_keys(session: Session) -> dict[str, str]:
    """A session as keys in the environment: they end with it."""
    fields = session.fields("SessionToken")
    return {
        "AWS_ACCESS_KEY_ID": fields["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": fields["SecretAccessKey"],
        "AWS_SESSION_TOKEN": fields["SessionToken"],
        "AWS_CREDENTIAL_EXPIRATION": fields["Expiration"],
    }
