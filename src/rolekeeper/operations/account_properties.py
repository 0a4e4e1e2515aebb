"""Properties of an account as `Namespace/PropertyName`. There is one: `RoleManager/Enabled`.

Whoever enables role manager lets AWS make its service-linked role, and needs that permission too; the role
stays when role manager is disabled. Making roles from templates does not depend on it.
Source: "PutAccountProperties" in the IAM API Reference; "Create roles automatically with role manager" and
"Manage access to role manager" in the IAM User Guide; the texts are AWS's as they have been seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rolekeeper.errors import InvalidInput
from rolekeeper.iam.account_features import RoleManager
from rolekeeper.operations import resources, service_linked_roles
from rolekeeper.service.call import Access, Call
from rolekeeper.service.registry import Keys, operation

_NAMESPACE = "RoleManager"
_ENABLED = f"{_NAMESPACE}/Enabled"
_SERVICE = "role-manager.iam.amazonaws.com"
_VALUES = {"true": True, "false": False}


def _namespaces(call: Call, *, properties: Mapping[str, str] | None = None) -> Keys:
    named = dict.fromkeys(key.partition("/")[0] for key in properties or (_ENABLED,))
    return {"iam:accountpropertynamespaces": tuple(named)}


def _making_the_role(call: Call, *, properties: Mapping[str, str]) -> Iterable[Access]:
    if properties.get(_ENABLED) == "true":
        yield service_linked_roles.making(call, _SERVICE)


@operation(resource=resources.everything, keys=_namespaces)
def get_account_properties(call: Call) -> dict[str, Any]:
    """Read all properties."""
    found = call.tx.collection(RoleManager).find(RoleManager.name)
    return {"Properties": {_ENABLED: "true" if found is not None and found.enabled else "false"}}


@operation(resource=resources.everything, keys=_namespaces, also=_making_the_role, writes=True)
def put_account_properties(call: Call, *, properties: Mapping[str, str]) -> dict[str, Any]:
    """Set properties of one namespace."""
    enabled = _wanted(properties)
    if enabled:
        service_linked_roles.ensure(call.tx, _SERVICE, call.now)
    settings = call.tx.collection(RoleManager)
    chosen = RoleManager(account=call.account, enabled=enabled)
    if settings.find(RoleManager.name) is None:
        settings.add(chosen)
    else:
        settings.put(chosen)
    return {}


def _wanted(properties: Mapping[str, str]) -> bool:
    """Whether role manager is to be enabled; InvalidInput. What else the namespace has is passed over."""
    for key in properties:
        if "/" not in key:
            raise InvalidInput(f"Property key must be in format Namespace/PropertyName: {key}")
    namespaces = {key.partition("/")[0] for key in properties}
    if len(namespaces) > 1:
        raise InvalidInput("All properties must belong to the same namespace")
    if _NAMESPACE not in namespaces:
        raise InvalidInput(f"Unsupported namespace: {namespaces.pop()}")
    if _ENABLED not in properties:
        raise InvalidInput("RoleManager namespace requires Enabled property")
    if properties[_ENABLED] not in _VALUES:
        raise InvalidInput("Enabled must be 'true' or 'false'")
    return _VALUES[properties[_ENABLED]]
