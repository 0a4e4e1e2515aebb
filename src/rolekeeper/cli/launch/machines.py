"""The sessions of a machine with a certificate, as often as new ones are needed (IAM Roles Anywhere)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rolekeeper.arn import Arn
from rolekeeper.cli import machine
from rolekeeper.cli.creds_x509 import session_of
from rolekeeper.cli.iam_calls import CallRefused
from rolekeeper.cli.launch.assuming import Session
from rolekeeper.cli.launch.becoming import refusal
from rolekeeper.cli.launch.flags import RoleFlags, seconds
from rolekeeper.cli.launch.keeping import Kept, ServersClock
from rolekeeper.cli.launch.workload_flags import WorkloadFlags
from rolekeeper.cli.running import Running
from rolekeeper.errors import UsageError


def kept_session(server: Running, flags: WorkloadFlags, role: RoleFlags, region: str | None) -> Kept:
    """A session that is renewed for as long as it is asked for; the command ends where it is refused."""
    become = becoming(server, flags, role, region)
    try:
        return Kept(become, ServersClock(server))
    except CallRefused as error:
        raise refusal(error) from None


def becoming(
    server: Running, flags: WorkloadFlags, role: RoleFlags, region: str | None
) -> Callable[[], Session]:
    """Gives a new session each time. UsageError for files that are none; CallRefused when it is asked and
    refused, ConfigurationError where there is no answer."""
    assert flags.x509 and flags.private_key and flags.trust_anchor_arn and flags.profile_arn and role.role
    own = machine.read(flags.x509, flags.private_key, flags.intermediates)
    try:
        place = Arn.parse(flags.trust_anchor_arn)
    except ValueError:
        raise UsageError(f"--trust-anchor-arn is an ARN, and not {flags.trust_anchor_arn!r}") from None
    query = {
        "profileArn": flags.profile_arn,
        "roleArn": role.role,
        "trustAnchorArn": flags.trust_anchor_arn,
    }
    body: dict[str, Any] = {}
    if role.duration is not None:
        body["durationSeconds"] = seconds(role.duration)
    if role.session_name is not None:
        body["roleSessionName"] = role.session_name

    def become() -> Session:
        where = region or place.region
        return session_of(
            machine.ask(own, server.endpoint, query, body, region=where, trusted=server.tls_cert)
        )

    return become
