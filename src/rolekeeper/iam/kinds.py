"""All kinds of entity: what a store can keep, and nothing else."""

from __future__ import annotations

from rolekeeper.iam.entities import (
    AccessKey,
    Account,
    Entity,
    Group,
    InstanceProfile,
    ManagedPolicy,
    Role,
    User,
)

KINDS: tuple[type[Entity], ...] = (Account, Role, User, Group, ManagedPolicy, InstanceProfile, AccessKey)
