"""From the flags of a command to a role's sessions: whose key asks, and what a refusal is."""

from __future__ import annotations

import os
from dataclasses import replace

import typer

from rolekeeper.cli.credentials import AccessPair, operators_key
from rolekeeper.cli.iam_calls import CallRefused
from rolekeeper.cli.launch.assuming import Assuming, Session
from rolekeeper.cli.launch.flags import RoleFlags
from rolekeeper.cli.launch.keeping import Kept, ServersClock
from rolekeeper.cli.launch.profiles import profiles_key
from rolekeeper.cli.running import Running
from rolekeeper.cli.terminal import NO, complain

_DENIED = ("AccessDenied", "AccessDeniedException")
_ROOT = "Roles may not be assumed by root accounts."


def one_session(server: Running, flags: RoleFlags, region: str | None) -> Session:
    """One session of the role that the flags name; the command ends where policies refuse it."""
    terms = flags.terms()
    place = replace(server, region=region or server.region)
    try:
        session = Assuming(place, _caller(server, flags), terms, lasting=False)()
    except CallRefused as error:
        raise refusal(error) from None
    clock = ServersClock(server)
    clock()
    return replace(session, expiration=clock.here(session.expiration))


def kept_session(server: Running, flags: RoleFlags, region: str | None) -> Kept:
    """The same, renewed for as long as it is asked for."""
    terms = flags.terms()
    place = replace(server, region=region or server.region)
    try:
        assuming = Assuming(place, _caller(server, flags), terms, lasting=True)
        return Kept(assuming, ServersClock(server))
    except CallRefused as error:
        raise refusal(error) from None


def _caller(server: Running, flags: RoleFlags) -> AccessPair:
    if flags.source_profile is not None:
        return profiles_key(flags.source_profile, os.environ)
    return operators_key(server, os.environ)


def refusal(error: CallRefused) -> Exception:
    """A refusal by policies is a no; another one is left to be told."""
    if error.code not in _DENIED:
        return error
    complain(str(error))
    if str(error) == _ROOT:
        complain("put a user's keys into the environment: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
    return typer.Exit(NO)
