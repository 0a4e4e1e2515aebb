"""The request: who (a principal), what (an action on a resource), and the condition keys around it.

What follows from the principal and the resource alone
(aws:PrincipalArn, aws:userid, aws:ResourceAccount ...) is supplied here, so that no caller can forget it;
everything else the caller gives.
Source: "AWS global condition context keys" in the IAM User Guide.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rolekeeper.policy.principal import (
    AccountRoot,
    Anonymous,
    AssumedRole,
    FederatedIdentity,
    FederatedUser,
    IamRole,
    IamUser,
    KeyValue,
    Principal,
    ServicePrincipal,
    account_of_arn,
    parse_principal,
)

__all__ = [
    "AccountRoot",
    "Anonymous",
    "AssumedRole",
    "FederatedIdentity",
    "FederatedUser",
    "IamRole",
    "IamUser",
    "KeyValue",
    "Principal",
    "RequestContext",
    "ServicePrincipal",
    "parse_principal",
]


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
            if request.get("resource_account") not in (None, "")
            else None,
            keys=keys,
        )

    @property
    def owner(self) -> str | None:
        """The account of the resource: the given one, else the ARN's, else the caller's own."""
        return self.resource_account or account_of_arn(self.resource) or self.principal.account

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


def _called_via(context: RequestContext) -> tuple[str | None, str | None]:
    """The first and the last of the services that have made the request for the caller, in their order."""
    services = context.keys.get("aws:calledvia") or (None,)
    chain = (services,) if isinstance(services, str) else services
    return chain[0], chain[-1]


_DERIVED: dict[str, Callable[[RequestContext], KeyValue | None]] = {
    "aws:principalarn": _principal_arn,
    "aws:principalaccount": _principal_account,
    "aws:principaltype": _principal_type,
    "aws:userid": _user_id,
    "aws:username": _user_name,
    "aws:principalisawsservice": _is_service,
    "aws:principalservicename": _service_name,
    "aws:principalservicenameslist": _service_names,
    "aws:calledviafirst": lambda context: _called_via(context)[0],
    "aws:calledvialast": lambda context: _called_via(context)[1],
    "aws:viaawsservice": lambda context: "true" if _called_via(context)[0] else "false",  # in every request
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
