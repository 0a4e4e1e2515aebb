"""The request: who (a principal), what (an action on a resource), and the condition keys around it.

The principal is one of a closed set of small values. What follows from the principal and the resource alone
(aws:PrincipalArn, aws:userid, aws:ResourceAccount ...) is supplied here, so that no caller can forget it;
everything else the caller gives.
Source: "AWS global condition context keys" and "IAM JSON policy elements: Principal" in the IAM User Guide.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

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
        return _account(self.arn)


@dataclass(frozen=True, slots=True, kw_only=True)
class IamRole:
    """A role itself, of which no session is known: what holds for any session of it."""

    arn: str
    role_id: str | None = None

    @property
    def account(self) -> str | None:
        return _account(self.arn)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssumedRole:
    """A role session. `arn` is the session's, which has no path; `role_arn` is the role's, with its path."""

    arn: str
    role_arn: str
    role_id: str | None = None
    session_name: str

    @property
    def account(self) -> str | None:
        return _account(self.arn)


@dataclass(frozen=True, slots=True, kw_only=True)
class FederatedUser:
    """A session of GetFederationToken. `user_arn` is the user (or the root) who asked for it, where known."""

    arn: str
    user_arn: str | None = None
    user_id: str | None = None

    @property
    def account(self) -> str | None:
        return _account(self.arn)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestContext:
    """One question to the policies. `keys` has lower-cased names; only `.get` is ever called on it."""

    principal: Principal
    action: str
    resource: str
    resource_account: str | None = None
    keys: Mapping[str, KeyValue] = field(default_factory=dict)

    @classmethod
    def from_json(cls, request: Mapping[str, Any]) -> RequestContext:
        """The request of the batch contract; ValueError, with the field's name, where it is not one."""
        unknown = request.keys() - {"principal", "action", "resource", "resource_account", "context"}
        if unknown:
            raise ValueError(f"request: unknown field {min(unknown)!r}")
        keys = _keys(request.get("context", {}))
        return cls(
            principal=parse_principal(_string(request, "principal"), keys),
            action=_string(request, "action"),
            resource=_string(request, "resource"),
            resource_account=_string(request, "resource_account")
            if request.get("resource_account")
            else None,
            keys=keys,
        )

    @property
    def owner(self) -> str | None:
        """The account of the resource: the given one, else the ARN's, else the caller's own."""
        return self.resource_account or _account(self.resource) or self.principal.account

    @property
    def same_account(self) -> bool:
        """Whether the caller is of the account that owns the resource; services and strangers never are."""
        account = self.principal.account
        return account is not None and account == self.owner

    def value(self, key: str) -> KeyValue | None:
        """The value of a condition key, by its lower-case name; None when the request has none.

        An empty list is no value.
        """
        given = self.keys.get(key)
        if given is not None:
            return given if given != () else None
        derive = _DERIVED.get(key)
        return derive(self) if derive is not None else None


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
    user_id = keys.get("aws:userid")
    identifier = user_id.partition(":")[0] if isinstance(user_id, str) else None
    match arn.service, arn.resource_type:
        case "iam", "root":
            return AccountRoot(account=arn.account, partition=arn.partition)
        case "iam", "user":
            return IamUser(arn=text, user_id=identifier)
        case "iam", "role":
            return IamRole(arn=text, role_id=identifier)
        case "sts", "assumed-role" if arn.resource.count("/") == 2:
            role_arn = _role_of_session(arn, keys.get("aws:principalarn"))
            return AssumedRole(arn=text, role_arn=role_arn, role_id=identifier, session_name=arn.name)
        case "sts", "federated-user":
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


def _account(text: str) -> str | None:
    """The account number in an ARN; None for ARNs that have none (`aws` owns things and is no account)."""
    parts = text.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn":
        return None
    account = parts[4]
    return account if len(account) == 12 and account.isascii() and account.isdigit() else None


# -- what follows from the principal and the resource ----------------------------------------------


def _principal_arn(context: RequestContext) -> str | None:
    match context.principal:
        case AssumedRole(role_arn=role_arn):
            return role_arn
        case IamUser(arn=arn) | IamRole(arn=arn) | FederatedUser(arn=arn):
            return arn
        case AccountRoot() as root:
            return root.arn
        case FederatedIdentity() | ServicePrincipal() | Anonymous():
            return None


def _principal_account(context: RequestContext) -> str | None:
    return "anonymous" if isinstance(context.principal, Anonymous) else context.principal.account


def _principal_type(context: RequestContext) -> str | None:
    match context.principal:
        case IamUser():
            return "User"
        case IamRole() | AssumedRole():
            return "AssumedRole"
        case FederatedUser():
            return "FederatedUser"
        case AccountRoot():
            return "Account"
        case Anonymous():
            return "Anonymous"
        case FederatedIdentity() | ServicePrincipal():
            return None


def _user_id(context: RequestContext) -> str | None:
    match context.principal:
        case IamUser(user_id=user_id):
            return user_id
        case AssumedRole(role_id=str(role_id), session_name=name):
            return f"{role_id}:{name}"
        case FederatedUser() as user:
            return f"{user.account}:{user.arn.rpartition('/')[2]}"
        case AccountRoot(account=account):
            return account
        case _:
            return None


def _user_name(context: RequestContext) -> str | None:
    principal = context.principal
    return principal.arn.rpartition("/")[2] if isinstance(principal, IamUser) else None


def _is_service(context: RequestContext) -> str | None:
    if isinstance(context.principal, Anonymous):
        return None
    return "true" if isinstance(context.principal, ServicePrincipal) else "false"


def _service_name(context: RequestContext) -> str | None:
    return context.principal.name if isinstance(context.principal, ServicePrincipal) else None


def _service_names(context: RequestContext) -> KeyValue | None:
    return (context.principal.name,) if isinstance(context.principal, ServicePrincipal) else None


_DERIVED: dict[str, Callable[[RequestContext], KeyValue | None]] = {
    "aws:principalarn": _principal_arn,
    "aws:principalaccount": _principal_account,
    "aws:principaltype": _principal_type,
    "aws:userid": _user_id,
    "aws:username": _user_name,
    "aws:principalisawsservice": _is_service,
    "aws:principalservicename": _service_name,
    "aws:principalservicenameslist": _service_names,
    "aws:resourceaccount": lambda context: context.owner,
}


# -- reading the batch contract --------------------------------------------------------------------


def _string(request: Mapping[str, Any], name: str) -> str:
    value = request.get(name)
    if not isinstance(value, str) or not value:
        raise ValueError(f"request: {name} must be a string")
    return value


def _keys(context: Any) -> dict[str, KeyValue]:
    if not isinstance(context, Mapping):
        raise ValueError("request: context must be an object")
    keys: dict[str, KeyValue] = {}
    for name, value in context.items():
        lower = name.lower()
        if lower in keys:
            raise ValueError(f"request: context has {name!r} twice, without regard to case")
        if value is not None:
            keys[lower] = (
                tuple(_plain(item, name) for item in value)
                if isinstance(value, list)
                else _plain(value, name)
            )
    return keys


def _plain(value: Any, name: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise ValueError(f"request: context value of {name!r} must be a string or a list of strings")
