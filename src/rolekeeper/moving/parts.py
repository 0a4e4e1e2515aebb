"""The parts that users, groups and roles share: inline and attached policies, tags, a boundary.

Each becomes what the dump says it is: what is here and not there goes. A policy that cannot be brought is
left out and told. Where it denies, its bearer could do more without it: then the bearer is left out.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import Any

from rolekeeper.errors import AwsError
from rolekeeper.iam import entities
from rolekeeper.moving.form import Attached, Boundary, Inline, Tag, text_of
from rolekeeper.moving.hand import Hand
from rolekeeper.moving.report import Loss
from rolekeeper.operations import attachments
from rolekeeper.service.authorizer import managed_policy

Bearer = entities.User | entities.Group | entities.Role


class Parts:
    """The parts of one bearer."""

    def __init__(self, hand: Hand, bearer: Bearer, losses: list[Loss], denying: Collection[str]) -> None:
        self._hand = hand
        self._bearer = bearer
        self._losses = losses
        self._denying = denying
        self._noun = bearer.noun.capitalize()
        self._name = {f"{self._noun}Name": bearer.name}

    def inline(self, given: Iterable[Inline]) -> None:
        """Its inline policies."""
        here = self._bearer.inline
        wanted = {one.policy_name: text_of(one.policy_document) for one in given}
        for name in here.keys() - wanted.keys():
            self._do(f"Delete{self._noun}Policy", PolicyName=name)
        # What becomes shorter makes room for what becomes longer.
        for name in sorted(wanted, key=lambda name: len(wanted[name]) - len(here.get(name, ""))):
            if same(wanted[name], here.get(name)):
                continue
            try:
                self._do(f"Put{self._noun}Policy", PolicyName=name, PolicyDocument=wanted[name])
            except AwsError as error:
                self._lose(f"inline policy {name}", error, denies='"Deny"' in wanted[name])

    def attached(self, given: Iterable[Attached]) -> None:
        """The managed policies it has."""
        hand = self._hand
        references = hand.tx.links.targets("attachment", attachments.source(self._bearer))
        found = (managed_policy(one, hand.store) for one in references)
        here = [policy.arn(hand.partition) for policy in found if policy is not None]
        wanted = list(dict.fromkeys(one.policy_arn for one in given))
        for arn in here:
            if arn not in wanted:
                self._do(f"Detach{self._noun}Policy", PolicyArn=arn)
        for arn in wanted:
            if arn in here:
                continue
            try:
                self._do(f"Attach{self._noun}Policy", PolicyArn=arn)
            except AwsError as error:
                self._lose(f"managed policy {arn}", error, denies=arn in self._denying)

    def tags(self, given: Iterable[Tag]) -> None:
        """Its tags."""
        retag(self._hand, self._noun, self._name, getattr(self._bearer, "tags", {}), given)

    def boundary(self, given: Boundary | None) -> None:
        """Its boundary, without which it would be allowed more: an error leaves all of it out."""
        reference = getattr(self._bearer, "boundary", None)
        policy = managed_policy(reference, self._hand.store) if reference else None
        here = policy.arn(self._hand.partition) if policy else None
        wanted = given.permissions_boundary_arn if given else None
        if wanted is not None and wanted != here:
            self._do(f"Put{self._noun}PermissionsBoundary", PermissionsBoundary=wanted)
        if wanted is None and reference is not None:
            self._do(f"Delete{self._noun}PermissionsBoundary")

    def _do(self, action: str, **members: Any) -> None:
        self._hand.do(action, **self._name, **members)

    def _lose(self, part: str, error: AwsError, *, denies: bool) -> None:
        if denies:
            raise type(error)(f"its {part}, which denies, cannot be brought: {error.message}") from error
        loss = Loss(kind=self._bearer.kind, name=self._bearer.name, part=part, reason=words(error))
        self._losses.append(loss)


def same(text: str, other: str | None) -> bool:
    """Whether two documents are one, white space and the order of members aside."""
    if other is None or text == other:
        return text == other
    try:
        return bool(json.loads(text, parse_float=str) == json.loads(other, parse_float=str))
    except (ValueError, RecursionError):
        return False


def tag_members(tags: Iterable[Tag]) -> list[dict[str, str]] | None:
    """Tags as an operation takes them; None where there are none."""
    return [{"Key": tag.key, "Value": tag.value} for tag in tags] or None


def retag(hand: Hand, noun: str, name: dict[str, str], here: entities.Tags, given: Iterable[Tag]) -> None:
    """Make tags what the dump says. A key that is written in another case is another key."""
    wanted = {tag.key: tag.value for tag in given}
    if gone := [key for key in here if key not in wanted]:
        hand.do(f"Untag{noun}", **name, TagKeys=gone)
    if new := [Tag(key=key, value=value) for key, value in wanted.items() if here.get(key) != value]:
        hand.do(f"Tag{noun}", **name, Tags=tag_members(new))


def words(error: AwsError) -> str:
    """An error as a reason."""
    return f"{error.code}: {error.message}"
