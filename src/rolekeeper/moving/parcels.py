"""Packs a dump into pages that a server takes one after the other.

What others refer to comes first: policies, groups, users, then roles. A page is small, so that a server which
has other callers is never busy with one for long, and an import that is broken off leaves whole things.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from rolekeeper.iam import aws_policies
from rolekeeper.moving.dump import details, owner
from rolekeeper.moving.form import Detail, Page, Policy, kind_and_name, text_of
from rolekeeper.moving.report import Loss, Report

MOST = 100
"""Things in one page."""
SIZE = 256 << 10
"""Bytes in one page of several things."""
LARGEST = 1 << 20
"""Bytes that a server takes at once: more than any thing can have that keeps to the quotas."""


def parcels(page: Page) -> Iterator[Page]:
    """The pages of a dump, in the order in which they can be brought."""
    denying = {policy.arn for policy in page.policies if _denies(policy)}
    own = [policy for policy in page.policies if owner(policy) != aws_policies.OWNER]
    lists: tuple[tuple[str, Iterable[Any]], ...] = (
        ("policies", own),
        ("group_detail_list", page.group_detail_list),
        ("user_detail_list", page.user_detail_list),
        ("role_detail_list", page.role_detail_list),
    )
    for member, things in lists:
        for some in _some(things):
            named = {arn for thing in some for arn in _attached(thing)}
            yield msgspec.structs.replace(Page(denying=tuple(sorted(named & denying))), **{member: some})


def only_roles(page: Page, names: set[str]) -> Page:
    """The roles of those names, to be brought again."""
    return Page(role_detail_list=tuple(role for role in page.role_detail_list if role.role_name in names))


def too_large(page: Page) -> Report:
    """What is said of a thing that no server takes."""
    report = Report()
    for detail in details(page):
        kind, name = kind_and_name(detail)
        report.counts[kind].left_out += 1
        reason = f"it has more than {LARGEST >> 20} MiB in the dump"
        report.losses.append(Loss(kind=kind, name=name, reason=reason))
    return report


def _some(things: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
    found: list[Any] = []
    size = 0
    for thing in things:
        length = len(msgspec.json.encode(thing))
        if found and (len(found) >= MOST or size + length > SIZE):
            yield tuple(found)
            found, size = [], 0
        found.append(thing)
        size += length
    if found:
        yield tuple(found)


def _attached(thing: Detail) -> Iterator[str]:
    if not isinstance(thing, Policy):
        yield from (one.policy_arn for one in thing.attached_managed_policies)


def _denies(policy: Policy) -> bool:
    """Whether the version in force has a Deny: to be without it is to be allowed more."""
    return any(
        '"Deny"' in text_of(version.document)
        for version in policy.policy_version_list
        if version.version_id == policy.default_version_id
    )
