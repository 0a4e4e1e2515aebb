"""What the operations on all kinds share: changing one, listing a page of them, tags that are given at once.

Source: "ListTrustAnchors" and its like in the IAM Roles Anywhere API Reference.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec

from rolekeeper.errors import InvalidInput, LimitExceeded, TooManyTagsException, ValidationError
from rolekeeper.iam import tagging
from rolekeeper.iam.entities import Tags
from rolekeeper.iam.roles_anywhere import TAGS, NamedResource, RegionalResource
from rolekeeper.operations import paging
from rolekeeper.operations.rolesanywhere import naming
from rolekeeper.service.call import Call

Given = list[dict[str, str]]
R = TypeVar("R", bound=RegionalResource)
N = TypeVar("N", bound=NamedResource)

_MOST = 100  # of a page; AWS does not say its number


def beginnings(call: Call, name: str, enabled: bool | None, tags: Given | None) -> dict[str, Any]:
    """What all new entities have."""
    return {
        "account": call.account,
        "region": call.region,
        "id": str(uuid.uuid4()),
        "name": name,
        "enabled": bool(enabled),
        "created": call.now,
        "updated": call.now,
        "tags": with_tags({}, tags),
    }


def add(call: Call, entity: N, alias: str | None, *, most: int) -> N:
    """Keep a new entity, with its alias; ValidationException where there are as many as there may be."""
    kept = call.tx.collection(type(entity))
    if count(call, type(entity), most) >= most:
        raise ValidationError(f"The limit of {most} for each {entity.noun} of the account is reached.")
    entity = msgspec.structs.replace(entity, alias=naming.take_alias(call, entity, alias))
    kept.add(entity)
    return entity


def count(call: Call, kind: type[RegionalResource], most: int) -> int:
    """How many there are in the region, or `most` if there are more."""
    page, _ = call.tx.collection(kind).page(path_prefix=f"/{call.region}/", limit=most)
    return len(page)


def put(call: Call, entity: R, **changes: Any) -> R:
    """Keep a changed entity."""
    changed = msgspec.structs.replace(entity, updated=call.now, **changes)
    call.tx.collection(type(entity)).put(changed)
    return changed


def realias(call: Call, entity: N, alias: str | None) -> tuple[N, dict[str, str]]:
    """The entity with another alias, and what an answer says of the one before: None keeps it, an empty text
    takes it away."""
    if alias is None or alias == (entity.alias or ""):
        return entity, {}
    before = entity.alias
    taken = naming.take_alias(call, entity, alias)
    naming.drop_alias(call, entity)
    told = {"previousAliasName": before} if before is not None else {}
    return msgspec.structs.replace(entity, alias=taken), told


def delete(call: Call, entity: NamedResource) -> None:
    """Remove an entity with its alias."""
    naming.drop_alias(call, entity)
    call.tx.collection(type(entity)).delete(entity)


def page(
    call: Call,
    kind: type[R],
    name: str,
    view: Callable[[R], Mapping[str, Any]],
    next_token: str | None,
    page_size: int | None,
) -> dict[str, Any]:
    """One page of the entities of the region, as the answer's members; ValidationException."""
    if page_size is not None and not 1 <= page_size <= _MOST:
        raise ValidationError(f"pageSize must be from 1 to {_MOST}")
    try:
        after = paging.key_of(next_token)
    except ValidationError:
        raise ValidationError("Invalid nextToken") from None
    found, more = call.tx.collection(kind).page(
        path_prefix=f"/{call.region}/", after=after, limit=page_size or _MOST
    )
    answer: dict[str, Any] = {name: [view(each) for each in found]}
    return answer | ({"nextToken": paging.marker_of(found[-1].key)} if more else {})


def with_tags(current: Tags, given: Given | None) -> Tags:
    """`current` with the given tags over it; ValidationException, TooManyTagsException."""
    named = [{"Key": tag["key"], "Value": tag["value"]} for tag in given or ()]
    try:
        return tagging.merged(current, named, limit=TAGS)
    except InvalidInput as error:
        raise ValidationError(error.message) from None
    except LimitExceeded:
        raise TooManyTagsException(f"A resource has at most {TAGS} tags.") from None
