"""From what a request names (an ID, an ARN, an alias's ARN) to the entity, and the resource to be allowed.

Policies name a resource by the ARN with its ID: who asks by an alias is held to that ARN. What is of another
account or region is not found, whoever asks.
Source: "Actions, resources, and condition keys for AWS Identity and Access Management Roles Anywhere" in the
Service Authorization Reference; "aliasArn" of the data types in the IAM Roles Anywhere API Reference.
"""

from __future__ import annotations

from typing import Any, TypeVar

from rolekeeper.arn import Arn
from rolekeeper.errors import ResourceNotFoundException, ValidationError
from rolekeeper.iam.roles_anywhere import (
    AnywhereProfile,
    AnywhereSubject,
    NamedResource,
    RegionalResource,
    RevocationList,
    TrustAnchor,
    arn_of,
)
from rolekeeper.service.call import Call, Resource

R = TypeVar("R", bound=RegionalResource)
N = TypeVar("N", bound=NamedResource)

_ALIAS = "anywhere-alias"
_KINDS: tuple[type[RegionalResource], ...] = (TrustAnchor, AnywhereProfile, RevocationList, AnywhereSubject)


# -- the resources of operations ------------------------------------------------------------------


def trust_anchor(call: Call, *, trust_anchor_id: str, **_: Any) -> Resource:
    """The trust anchor that a request names."""
    return _resource(call, TrustAnchor, trust_anchor_id)


def profile(call: Call, *, profile_id: str, **_: Any) -> Resource:
    """The profile that a request names."""
    return _resource(call, AnywhereProfile, profile_id)


def crl(call: Call, *, crl_id: str, **_: Any) -> Resource:
    """The revocation list that a request names."""
    return _resource(call, RevocationList, crl_id)


def subject(call: Call, *, subject_id: str, **_: Any) -> Resource:
    """The subject that a request names."""
    return _resource(call, AnywhereSubject, subject_id)


def tagged(call: Call, *, resource_arn: str, **_: Any) -> Resource:
    """Whatever a request to tag names."""
    found = by_arn(call, resource_arn)
    return Resource(arn=resource_arn, account=call.account, tags=found.tags if found is not None else {})


def any_trust_anchor(call: Call, **_: Any) -> Resource:
    """All trust anchors, or one that is to be made."""
    return _every(call, TrustAnchor)


def any_profile(call: Call, **_: Any) -> Resource:
    """All profiles, or one that is to be made."""
    return _every(call, AnywhereProfile)


def any_crl(call: Call, **_: Any) -> Resource:
    """All revocation lists, or one that is to be made."""
    return _every(call, RevocationList)


def any_subject(call: Call, **_: Any) -> Resource:
    """All subjects."""
    return _every(call, AnywhereSubject)


def _every(call: Call, kind: type[RegionalResource]) -> Resource:
    arn = arn_of(call.partition, call.region, call.account, kind.resource_type, "*")
    return Resource(arn=arn, account=call.account)


def _resource(call: Call, kind: type[R], identifier: str) -> Resource:
    found = find(call, kind, identifier)
    if found is not None:
        return Resource(arn=found.arn(call.partition), account=call.account, tags=found.tags)
    arn = identifier
    if not identifier.startswith("arn:"):
        arn = arn_of(call.partition, call.region, call.account, kind.resource_type, identifier)
    return Resource(arn=arn, account=call.account)


# -- look-ups -------------------------------------------------------------------------------------


def get(call: Call, kind: type[R], identifier: str) -> R:
    """The entity that a request names; ResourceNotFoundException."""
    found = find(call, kind, identifier)
    if found is None:
        raise ResourceNotFoundException(f"The {kind.noun} could not be found: {identifier[:1011]}")
    return found


def find(call: Call, kind: type[R], identifier: str) -> R | None:
    """The entity of an ID, an ARN or an alias's ARN in the caller's account and region, or None."""
    if not identifier.startswith("arn:"):
        return _here(call, kind, identifier)
    arn = _own(call, identifier)
    if arn is None:
        return None
    resource_type, _, name = arn.resource.partition("/")
    if resource_type == "alias":
        alias_of, _, alias = name.partition("/")
        held = call.tx.links.targets(_ALIAS, f"{call.region}/{kind.resource_type}/{alias}")
        return _here(call, kind, held[0]) if alias_of == kind.resource_type and held else None
    return _here(call, kind, name) if resource_type == kind.resource_type else None


def by_arn(call: Call, resource_arn: str) -> RegionalResource | None:
    """Whatever has just that ARN, with an ID, in the caller's account and region; or None."""
    arn = _own(call, resource_arn)
    for kind in _KINDS:
        if arn is not None and arn.resource_type == kind.resource_type:
            return _here(call, kind, arn.resource.partition("/")[2])
    return None


def _here(call: Call, kind: type[R], identifier: str) -> R | None:
    found = call.tx.collection(kind).find(identifier)
    return found if found is not None and found.region == call.region else None


def _own(call: Call, text: str) -> Arn | None:
    try:
        arn = Arn.parse(text)
    except ValueError:
        return None
    own = ("rolesanywhere", call.partition, call.region, call.account)
    return arn if (arn.service, arn.partition, arn.region, arn.account) == own else None


# -- aliases --------------------------------------------------------------------------------------


def take_alias(call: Call, entity: NamedResource, alias: str | None) -> str | None:
    """Give an alias to an entity that has none; the alias, or None for no alias. ValidationException."""
    if not alias:
        return None
    if alias.lower().startswith("aws/"):
        raise ValidationError("Alias names that begin with aws/ are reserved.")
    source = _source(entity, alias)
    held = call.tx.links.targets(_ALIAS, source)
    if held and held != [entity.id]:
        raise ValidationError(f"The alias {alias} is already in use by another {entity.noun}.")
    call.tx.links.add(_ALIAS, source, entity.id)
    return alias


def drop_alias(call: Call, entity: NamedResource) -> None:
    """Take its alias from an entity, if it has one."""
    if entity.alias is not None:
        call.tx.links.remove(_ALIAS, _source(entity, entity.alias), entity.id)


def _source(entity: NamedResource, alias: str) -> str:
    return f"{entity.region}/{entity.resource_type}/{alias}"
