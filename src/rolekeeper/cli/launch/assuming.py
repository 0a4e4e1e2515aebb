"""Becoming a role by STS's AssumeRole, as often as new credentials are needed.

A code of an MFA device is good once. Who needs more than one session trades it for a session of their own
first, as AWS has it: the role's sessions come from that one, which is known to have been opened with MFA.
Source: "Secure API access with MFA" in the IAM User Guide.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from xml.etree.ElementTree import Element

from rolekeeper.cli.credentials import AccessPair
from rolekeeper.cli.iam_calls import IamCalls
from rolekeeper.cli.running import Running
from rolekeeper.iam.secret import Secret

_LONGEST: Final = 36 * 3600
"""Seconds of an MFA session: as long as GetSessionToken gives to a user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is asked of AssumeRole."""

    role: str
    """An ARN; or, of a role of the caller's own account, its path and name."""
    session_name: str
    seconds: int | None = None
    external_id: str | None = None
    serial_number: str | None = None
    token_code: str | None = None
    tags: tuple[tuple[str, str], ...] = ()
    source_identity: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Credentials of a role, until a moment of the server's time."""

    key: AccessPair
    expiration: datetime
    arn: str
    """Of the role's session."""

    @property
    def account(self) -> str:
        """The role's account."""
        return self.arn.split(":")[4]

    def fields(self, token: str) -> dict[str, Any]:
        """The credentials as JSON members; `token` is what the session token is called."""
        assert self.key.token is not None
        return {
            "AccessKeyId": self.key.access_key_id,
            "SecretAccessKey": self.key.secret.reveal(),
            token: self.key.token.reveal(),
            "Expiration": self.expiration.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }

    def process_output(self) -> str:
        """What a `credential_process` prints. Source: "Process credential provider" in the SDK guide."""
        return json.dumps({"Version": 1, **self.fields("SessionToken"), "AccountId": self.account})


class Assuming:
    """A role and its terms, for a caller; `lasting` where more than one session is wanted."""

    def __init__(self, server: Running, caller: AccessPair, terms: Terms, *, lasting: bool) -> None:
        self._server = server
        self._terms = terms
        self._mfa = {}
        if terms.serial_number is not None and terms.token_code is not None:
            self._mfa = {"SerialNumber": terms.serial_number, "TokenCode": terms.token_code}
        self._sts = IamCalls(server, caller, "sts")
        if self._mfa and lasting:
            answer = self._sts.call("GetSessionToken", DurationSeconds=str(_LONGEST), **self._mfa)
            self._sts, self._mfa = IamCalls(server, _key(answer), "sts"), {}
        self._role = terms.role if terms.role.startswith("arn:") else self._own(terms.role)

    def __call__(self) -> Session:
        """A new session. CallRefused, or ConfigurationError where there is no answer."""
        answer = self._sts.call("AssumeRole", **dict(self._parameters()))
        return Session(
            key=_key(answer),
            expiration=datetime.fromisoformat(answer.findtext(".//Expiration", "")),
            arn=answer.findtext(".//AssumedRoleUser/Arn", ""),
        )

    def _own(self, name: str) -> str:
        caller = self._sts.call("GetCallerIdentity").findtext(".//Arn", "").split(":")
        return f"{caller[0]}:{caller[1]}:iam::{caller[4]}:role/{name.strip('/')}"

    def _parameters(self) -> Iterator[tuple[str, str]]:
        terms = self._terms
        yield "RoleArn", self._role
        yield "RoleSessionName", terms.session_name
        if terms.seconds is not None:
            yield "DurationSeconds", str(terms.seconds)
        if terms.external_id is not None:
            yield "ExternalId", terms.external_id
        if terms.source_identity is not None:
            yield "SourceIdentity", terms.source_identity
        for number, (key, value) in enumerate(terms.tags, 1):
            yield f"Tags.member.{number}.Key", key
            yield f"Tags.member.{number}.Value", value
        yield from self._mfa.items()


def _key(answer: Element) -> AccessPair:
    return AccessPair(
        access_key_id=answer.findtext(".//AccessKeyId", ""),
        secret=Secret(answer.findtext(".//SecretAccessKey", "")),
        token=Secret(answer.findtext(".//SessionToken", "")),
    )
