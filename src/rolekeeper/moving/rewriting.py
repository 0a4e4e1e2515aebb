"""Gives a dump another account number.

It changes wherever the number is an ARN's account or a whole value: in the names of entities, in principals
and in conditions. Within other text, such as a bucket's name, it stays: nobody can tell what is meant there.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from rolekeeper.moving.form import Inline, Page, Policy, Role, text_of

_BEFORE = rb"(arn:[^:\"\\\s]{1,32}:[^:\"\\\s]{0,64}:[^:\"\\\s]{0,32}:)"

replace = msgspec.structs.replace


def rewritten(page: Page, before: str, after: str) -> Page:
    """The page of the account `before` as one of the account `after`."""
    old, new = before.encode(), after.encode()
    text = msgspec.json.encode(_with_objects(page))
    text = re.sub(_BEFORE + old + rb"(?=:)", rb"\g<1>" + new, text)
    return msgspec.json.decode(text.replace(b'"%b"' % old, b'"%b"' % new), type=Page)


def _with_objects(page: Page) -> Page:
    """The page with its documents as objects, whose text is then there to be changed."""
    return replace(
        page,
        user_detail_list=tuple(
            replace(user, user_policy_list=_inline(user.user_policy_list)) for user in page.user_detail_list
        ),
        group_detail_list=tuple(
            replace(group, group_policy_list=_inline(group.group_policy_list))
            for group in page.group_detail_list
        ),
        role_detail_list=tuple(_role(role) for role in page.role_detail_list),
        policies=tuple(_policy(policy) for policy in page.policies),
    )


def _role(role: Role) -> Role:
    trust = _object(role.assume_role_policy_document)
    return replace(role, assume_role_policy_document=trust, role_policy_list=_inline(role.role_policy_list))


def _policy(policy: Policy) -> Policy:
    versions: Any = (
        replace(version, document=_object(version.document)) for version in policy.policy_version_list
    )
    return replace(policy, policy_version_list=tuple(versions))


def _inline(policies: tuple[Inline, ...]) -> tuple[Inline, ...]:
    return tuple(replace(one, policy_document=_object(one.policy_document)) for one in policies)


def _object(document: msgspec.Raw) -> msgspec.Raw:
    """A document as an object, or as it is where its text is none: it is refused when it is brought."""
    text = text_of(document).encode()
    try:
        msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return document
    return msgspec.Raw(text)
