"""Entities: their keys, ARNs and defaults, and that nobody changes one in place."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from rolekeeper.iam.entities import (
    AccessKey,
    Account,
    Entity,
    Group,
    InstanceProfile,
    ManagedPolicy,
    Named,
    PolicyVersion,
    Role,
    User,
)
from rolekeeper.iam.kinds import KINDS

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def made(kind: type[Named], **more: Any) -> Named:
    return kind(account="111111111111", name="MixedCase", id="X1", created=NOW, **more)


NAMED = [
    made(Role, trust="{}", name_path="/team/"),
    made(User, name_path="/team/"),
    made(Group, name_path="/team/"),
    made(ManagedPolicy, updated=NOW, name_path="/team/"),
    made(InstanceProfile, name_path="/team/"),
]
KEY = AccessKey(account="111111111111", id="AKIAMixedCase", user="bob", created=NOW)
ACCOUNT = Account(account="111111111111", name="first", created=NOW, canonical_id="0" * 64)


@pytest.mark.parametrize("entity", NAMED, ids=lambda one: one.kind)
def test_an_entity_is_not_changed_in_place(entity: Named) -> None:
    with pytest.raises(AttributeError):
        entity.name = "other"  # type: ignore[misc]


@pytest.mark.parametrize("entity", NAMED, ids=lambda one: one.kind)
def test_a_name_is_a_key_without_regard_to_case(entity: Named) -> None:
    assert entity.key == "mixedcase"
    assert entity.unique_id == "X1"


@pytest.mark.parametrize("entity", NAMED, ids=lambda one: one.kind)
def test_an_arn_has_kind_path_and_name(entity: Named) -> None:
    assert entity.arn("aws-cn") == f"arn:aws-cn:iam::111111111111:{entity.resource_type}/team/MixedCase"


@pytest.mark.parametrize("entity", [*NAMED, KEY, ACCOUNT], ids=lambda one: one.kind)
def test_an_entity_survives_being_written_down(entity: Entity) -> None:
    assert msgspec.json.decode(msgspec.json.encode(entity), type=type(entity)) == entity


def test_the_key_of_an_access_key_has_its_case() -> None:
    assert KEY.key == KEY.unique_id == "AKIAMixedCase"
    assert KEY.path == "/"


def test_the_root_user_is_the_account() -> None:
    assert (ACCOUNT.key, ACCOUNT.unique_id) == ("111111111111", None)


def test_kinds_have_names_of_their_own() -> None:
    assert len({kind.kind for kind in KINDS}) == len(KINDS)


def test_the_document_of_a_policy_is_its_default_versions() -> None:
    versions = tuple(PolicyVersion(id=f"v{n}", document=f"text {n}", created=NOW) for n in (1, 2))
    policy = made(ManagedPolicy, updated=NOW, versions=versions, default_version="v2")
    assert isinstance(policy, ManagedPolicy)
    assert policy.document == "text 2"
    with pytest.raises(KeyError):
        policy.version("v3")


def test_two_roles_share_no_defaults() -> None:
    first, second = made(Role, trust="{}"), made(Role, trust="{}")
    assert isinstance(first, Role) and isinstance(second, Role)
    assert first.tags is not second.tags or not first.tags
    assert first.max_session_duration == 3600
