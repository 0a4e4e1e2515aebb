"""`rolekeeper creds x509`: a role's credentials for a machine with a certificate, as a `credential_process`.

Its flags are those of AWS's own credential helper, which works against a server here as well.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rolekeeper.cli.launch.flags import Data, Port
from rolekeeper.cli.terminal import say

if TYPE_CHECKING:
    from rolekeeper.cli.launch.assuming import Session

EXAMPLE = (
    "Example, in ~/.aws/config: credential_process = rolekeeper creds x509 --certificate web.pem "
    "--private-key web.key --trust-anchor-arn ARN --profile-arn ARN --role-arn ARN"
)


def x509(
    certificate: Annotated[Path, typer.Option(help="The machine's certificate, in PEM.")],
    private_key: Annotated[Path, typer.Option(help="Its private key, in PEM and without a password.")],
    trust_anchor_arn: Annotated[str, typer.Option(metavar="ARN", help="The trust anchor.")],
    profile_arn: Annotated[str, typer.Option(metavar="ARN", help="The profile.")],
    role_arn: Annotated[str, typer.Option(metavar="ARN", help="The role.")],
    intermediates: Annotated[
        Path | None, typer.Option(help="The certificates between it and the trust anchor, in PEM.")
    ] = None,
    session_duration: Annotated[
        int | None, typer.Option(metavar="SECONDS", help="How long the session lasts [the profile's].")
    ] = None,
    role_session_name: Annotated[
        str | None, typer.Option(metavar="NAME", help="A name, where the profile accepts one.")
    ] = None,
    endpoint: Annotated[
        str | None, typer.Option(metavar="URL", help="The server, in place of the one that runs here.")
    ] = None,
    region: Annotated[str | None, typer.Option(help="The region [the trust anchor's].")] = None,
    port: Port = None,
    data: Data = None,
) -> None:
    """Print a role's credentials for a machine with a certificate (IAM Roles Anywhere).

    The request is signed with the certificate's key, which stays where it is.
    """
    from rolekeeper.arn import Arn
    from rolekeeper.cli import machine
    from rolekeeper.cli.iam_calls import CallRefused
    from rolekeeper.cli.launch.becoming import refusal
    from rolekeeper.cli.running import the_running
    from rolekeeper.errors import UsageError

    own = machine.read(certificate, private_key, intermediates)
    try:
        place = Arn.parse(trust_anchor_arn)
    except ValueError:
        raise UsageError(f"--trust-anchor-arn is an ARN, and not {trust_anchor_arn!r}") from None
    trusted = None
    if endpoint is None:
        server = the_running(os.environ, port=port, data=data)
        endpoint, trusted = server.endpoint, server.tls_cert
    given = {"durationSeconds": session_duration, "roleSessionName": role_session_name}
    try:
        answer = machine.ask(
            own,
            endpoint,
            {"profileArn": profile_arn, "roleArn": role_arn, "trustAnchorArn": trust_anchor_arn},
            {name: value for name, value in given.items() if value is not None},
            region=region or place.region,
            trusted=trusted,
        )
    except CallRefused as error:
        raise refusal(error) from None
    say(session_of(answer).process_output())


def session_of(answer: dict[str, Any]) -> Session:
    """The session in what CreateSession answers; ConfigurationError."""
    from datetime import datetime

    from rolekeeper.cli.credentials import AccessPair
    from rolekeeper.cli.launch.assuming import Session
    from rolekeeper.errors import ConfigurationError
    from rolekeeper.iam.secret import Secret

    try:
        found = answer["credentialSet"][0]
        keys = found["credentials"]
        return Session(
            key=AccessPair(
                access_key_id=keys["accessKeyId"],
                secret=Secret(keys["secretAccessKey"]),
                token=Secret(keys["sessionToken"]),
            ),
            expiration=datetime.fromisoformat(keys["expiration"]),
            arn=found["assumedRoleUser"]["arn"],
        )
    except (LookupError, TypeError, ValueError):
        raise ConfigurationError("the server's answer has no credentials") from None
