"""Who asks: one of a closed set of small values.

Source: "IAM JSON policy elements: Principal" in the IAM User Guide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from rolekeeper.arn import Arn

KeyValue: TypeAlias = "str | tuple[str, ...]"
"""A string for a single-valued key, a tuple for a multivalued one, be it of one value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IamUser:
    """A user, with long-lived keys or in a session of GetSessionToken. `user_id` is `AIDA...` where known."""

    arn: str
    user_id: str | None = None

    @property
    def account(self) -> str | None:
        return account_of_arn(self.arn)


@dataclass(frozen=True, slots=True, kw_only=True)
class IamRole:
    """A role itself, of which no session is known: what holds for any session of it."""

    arn: str
    role_id: str | None = None

    @property
    def account(self) -> str | None:
        return account_of_arn(self.arn)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssumedRole:
    """A role session. `arn` is the session's, which has no path; `role_arn` is the role's, with its path."""

    arn: str
    role_arn: str
    role_id: str | None = None
    session_name: str

    @property
    def account(self) -> str | None:
        return account_of_arn(self.arn)


@dataclass(frozen=True, slots=True, kw_only=True)
class FederatedUser:
    """A session of GetFederationToken. `user_arn` is the user (or the root) who asked for it, where known."""

    arn: str
    user_arn: str | None = None
    user_id: str | None = None

    @property
    def account(self) -> str | None:
        return account_of_arn(self.arn)


@dataclass(frozen=True, slots=True, kw_only=True)
class FederatedIdentity:
    """Somebody whom an identity provider vouches for, before any role is assumed.

    `provider` is what a Federated principal names: the ARN of an OIDC or SAML provider, or a host such as
    `accounts.google.com`. It has no account, no ARN of its own and no identity policies.
    """

    provider: str

    @property
    def arn(self) -> str:
        return self.provider

    @property
    def account(self) -> str | None:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePrincipal:
    """A service that calls for itself: `ec2.amazonaws.com`."""

    name: str

    @property
    def arn(self) -> str:
        return self.name

    @property
    def account(self) -> str | None:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRoot:
    """The root user of an account."""

    account: str
    partition: str = "aws"

    @property
    def arn(self) -> str:
        return f"arn:{self.partition}:iam::{self.account}:root"


@dataclass(frozen=True, slots=True, kw_only=True)
class Anonymous:
    """Nobody known: a request without credentials."""

    @property
    def arn(self) -> str:
        return "*"

    @property
    def account(self) -> str | None:
        return None


Principal: TypeAlias = (
    "IamUser | IamRole | AssumedRole | FederatedUser | FederatedIdentity"
    " | ServicePrincipal | AccountRoot | Anonymous"
)


def parse_principal(text: str, keys: Mapping[str, KeyValue] | None = None) -> Principal:
    """The principal that an ARN, a service's host name, `*` or `anonymous` names; ValueError if none.

    A session's ARN lacks the role's path and the unique ID: they are taken from the keys aws:PrincipalArn and
    aws:userid where those are given.
    """
    keys = keys or {}
    if text in ("*", "anonymous"):
        return Anonymous()
    if not text.startswith("arn:"):
        return _principal_without_arn(text)
    arn = Arn.parse(text)
    if account_of_arn(text) is None:
        raise ValueError(f"not the ARN of a principal, which has an account: {text!r}")
    user_id = keys.get("aws:userid")
    identifier = user_id.partition(":")[0] if isinstance(user_id, str) else None
    match arn.service, arn.resource_type:
        case "iam", "root" if arn.resource == "root":
            return AccountRoot(account=arn.account, partition=arn.partition)
        case "iam", "user" if arn.name != arn.resource:
            return IamUser(arn=text, user_id=identifier)
        case "iam", "role" if arn.name != arn.resource:
            return IamRole(arn=text, role_id=identifier)
        case "sts", "assumed-role" if arn.resource.count("/") == 2:
            role_arn = _role_of_session(arn, keys.get("aws:principalarn"))
            return AssumedRole(arn=text, role_arn=role_arn, role_id=identifier, session_name=arn.name)
        case "sts", "federated-user" if arn.resource.count("/") == 1:
            return FederatedUser(arn=text)
        case "iam", "oidc-provider" | "saml-provider":
            return FederatedIdentity(provider=text)
    raise ValueError(f"not the ARN of a principal: {text!r}")


def _principal_without_arn(text: str) -> Principal:
    if text.isascii() and text.isdigit() and len(text) == 12:
        return AccountRoot(account=text)
    if text in WEB_IDENTITY_HOSTS:
        return FederatedIdentity(provider=text)
    if "." in text and not any(character in " :/*?" for character in text):
        return ServicePrincipal(name=text)
    raise ValueError(f"not a principal: {text!r}")


WEB_IDENTITY_HOSTS = frozenset(
    {"accounts.google.com", "cognito-identity.amazonaws.com", "graph.facebook.com", "www.amazon.com"}
)
"""The identity providers that AWS knows without a provider of the account's own."""


def _role_of_session(session: Arn, principal_arn: KeyValue | None) -> str:
    """The ARN of a session's role: the given one if it can be, else the one without a path."""
    name = session.resource.split("/")[1]
    start = f"arn:{session.partition}:iam::{session.account}:role/"
    if (
        isinstance(principal_arn, str)
        and principal_arn.startswith(start)
        and principal_arn.endswith("/" + name)
    ):
        return principal_arn
    return start + name


def account_of_arn(text: str) -> str | None:
    """The account number in an ARN; None for ARNs that have none (`aws` owns things and is no account)."""
    parts = text.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn":
        return None
    account = parts[4]
    return account if len(account) == 12 and account.isascii() and account.isdigit() else None
