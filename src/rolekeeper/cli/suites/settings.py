"""Who asks, of what, in which circumstances, under which policies: what rows share and override.

The same fields stand at the top of a file, in its named `principals` and `resources`, and in each row, and
override each other in this order: single keys of `context`, whole kinds of `policies`, and whole values else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from rolekeeper.cli.suites.nodes import (
    Fields,
    Items,
    Node,
    Place,
    Scalar,
    SuiteError,
    fields,
    is_nothing,
    text,
)
from rolekeeper.cli.suites.policy_reader import PolicyReader
from rolekeeper.cli.suites.sources import Level, LiveRole, Policies
from rolekeeper.policy.decision import Layer

SHARED: Final = ("principal", "role", "account", "resource", "resource_account", "context", "policies")
"""The fields that defaults, names and rows have."""

ContextValue = str | list[str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What is said so far. `principal` and `resource` may still be names.

    `asking` is what comes with a live role that asks; it goes when another principal asks.
    """

    principal: str | None = None
    account: str | None = None
    resource: str | None = None
    resource_account: str | None = None
    context: Mapping[str, tuple[str, ContextValue]] = field(default_factory=dict)
    """By the key's lower-case name: the key as it is written, and its value; None takes a default away."""
    policies: Policies = field(default_factory=dict)
    asking: Settings | None = None

    def overridden_by(self, other: Settings) -> Settings:
        """These, but for what the other says."""
        return Settings(
            principal=other.principal or self.principal,
            account=other.account or self.account,
            resource=other.resource or self.resource,
            resource_account=other.resource_account or self.resource_account,
            context={**self.context, **other.context},
            policies={**self.policies, **other.policies},
            asking=other.asking or self.asking,
        )

    def keys(self) -> dict[str, Any]:
        """The condition keys of the request."""
        return {name: value for name, value in self.context.values() if value is not None}


def read_settings(
    node: Fields, policies: PolicyReader, *, role_is: str = "principal", is_row: bool = False
) -> Settings:
    """The shared fields of a mapping; its other keys are its owner's.

    `role_is` says what `role` stands for: the one who asks, or the resource, whose policy is its trust.
    In a row, `principal` and `resource` may be lists, and are the row's to read.
    """
    role = _role(node, policies)
    own = Settings(
        principal=None if is_row else _optional(node, "principal"),
        account=_account(node, "account"),
        resource=None if is_row else _optional(node, "resource"),
        resource_account=_account(node, "resource_account"),
        context=_context(node),
        policies=_policies(node, policies),
        asking=None if role is None else _as_principal(role),
    )
    if role is None or role_is == "principal":
        return own
    return _as_resource(role).overridden_by(replace(own, asking=None))


def _role(node: Fields, policies: PolicyReader) -> LiveRole | None:
    named = node.get("role")
    return None if named is None else policies.roles.role(text(named, "`role`"))


def _as_principal(role: LiveRole) -> Settings:
    layers: dict[Layer, tuple[Level, ...] | None] = {"identity": (role.identity,)}
    layers["boundary"] = None if role.boundary is None else (role.boundary,)
    # A session's own ARN lacks the path of its role.
    keys = {"aws:PrincipalArn": role.arn, **role.context}
    context = {name.lower(): (name, value) for name, value in keys.items()}
    return Settings(principal=role.arn, policies=layers, context=context)


def _as_resource(role: LiveRole) -> Settings:
    return Settings(resource=role.arn, policies={"resource": ((role.trust,),)})


def _policies(node: Fields, policies: PolicyReader) -> Policies:
    written = node.get("policies")
    return {} if written is None else policies.policies(written)


def _optional(node: Fields, name: str) -> str | None:
    value = node.get(name)
    return None if value is None else text(value, f"`{name}`")


def _account(node: Fields, name: str) -> str | None:
    value = node.get(name)
    if value is None:
        return None
    number = text(value, f"`{name}`")
    if re.fullmatch("[0-9]{12}", number) is None:
        raise SuiteError(value.place, f"`{name}` is 12 digits, not {number!r}")
    return number


def _context(node: Fields) -> dict[str, tuple[str, ContextValue]]:
    written = node.get("context")
    if written is None or is_nothing(written):
        return {}
    found: dict[str, tuple[str, ContextValue]] = {}
    keys = fields(written, "`context`")
    for name, value in keys.values.items():
        if name.lower() in found:
            raise SuiteError(
                keys.keys[name], f"`{name}` stands twice: the names of condition keys ignore case"
            )
        found[name.lower()] = name, _context_value(value, name)
    return found


def _context_value(value: Node, name: str) -> ContextValue:
    if isinstance(value, Items):
        return [_single(item, name) for item in value.items]
    return None if is_nothing(value) else _single(value, name)


def _single(value: Node, name: str) -> str:
    # An empty text is a value too: a tag may have one.
    if isinstance(value, Scalar) and value.value is not None:
        return value.value
    raise SuiteError(value.place, f"the value of `{name}` is a text or a list of texts")


def whole_principal(written: str, account: str | None, place: Place) -> str:
    """The ARN of `role/NAME`, `user/NAME` or `root` in the account; any other principal as it is."""
    if written != "root" and not written.startswith(("role/", "user/")):
        return written
    if account is None:
        raise SuiteError(place, f"`{written}` needs an `account`, or write the whole ARN")
    return f"arn:aws:iam::{account}:{written}"
