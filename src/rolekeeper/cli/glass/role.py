"""A break-glass role on a server: looked at, made, opened, closed, each by plain calls of IAM.

Each order of calls is one that fails closed: a role opens with the last call, its sessions end with the
first, and last longer with the last.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote

from rolekeeper.cli.iam_calls import CallRefused
from rolekeeper.errors import ConfigurationError
from rolekeeper.iam import break_glass
from rolekeeper.iam.break_glass import CLOSED, Window

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from rolekeeper.cli.iam_calls import IamCalls


@dataclass(frozen=True, slots=True, kw_only=True)
class GlassRole:
    """A role under the path of break-glass roles. It has no window where it is not as the recipe has it."""

    name: str
    arn: str
    people: tuple[str, ...]
    window: Window | None
    reason: str | None
    opened_at: datetime | None
    opened_by: str | None
    extended_at: datetime | None
    extended_by: str | None

    def is_open(self, now: datetime) -> bool:
        """Whether somebody can become it: also where nobody can tell."""
        return self.window is None or self.window.ends > now


def names(iam: IamCalls) -> list[str]:
    """The names of all break-glass roles."""
    pages = iam.pages("ListRoles", PathPrefix=break_glass.PATH)
    return [found.text or "" for page in pages for found in page.iterfind(".//Roles/member/RoleName")]


def look(iam: IamCalls, name: str) -> GlassRole:
    """The role of that name; ConfigurationError where it is no break-glass role."""
    found = iam.call("GetRole", RoleName=name)
    if not found.findtext(".//Role/Path", "").startswith(break_glass.PATH):
        raise ConfigurationError(f"{name} is no break-glass role: those have the path {break_glass.PATH}")
    trust = unquote(found.findtext(".//Role/AssumeRolePolicyDocument", "{}"))
    tags = {tag.findtext("Key", ""): tag.findtext("Value", "") for tag in found.iterfind(".//Tags/member")}
    opened_at = _moment(tags.get(break_glass.SINCE_TAG))
    extended_at, extended_by = _extension(tags.get(break_glass.EXTENDER_TAG, ""), opened_at)
    return GlassRole(
        name=found.findtext(".//Role/RoleName", name),
        arn=found.findtext(".//Role/Arn", ""),
        people=break_glass.people(trust),
        window=break_glass.window(trust),
        reason=tags.get(break_glass.REASON_TAG),
        opened_at=opened_at,
        opened_by=tags.get(break_glass.OPENER_TAG),
        extended_at=extended_at,
        extended_by=extended_by,
    )


def create(iam: IamCalls, name: str, *, people: Sequence[str], policies: Sequence[str]) -> str:
    """A new role, closed, with these managed policies; its ARN."""
    made = iam.call(
        "CreateRole",
        RoleName=name,
        Path=break_glass.PATH,
        Description="For emergencies: opened for a while, with MFA and a reason",
        MaxSessionDuration=str(break_glass.SESSION_SECONDS),
        AssumeRolePolicyDocument=break_glass.trust_policy(list(people)),
    )
    arn: str = made.findtext(".//Role/Arn", "")
    try:
        _put(iam, name, break_glass.WINDOW_POLICY, break_glass.window_policy(arn))
        for policy in policies:
            iam.call("AttachRolePolicy", RoleName=name, PolicyArn=policy)
    except CallRefused as error:
        raise CallRefused(error.code, f"{arn} is there, closed, but not finished: {error}") from None
    return arn


def announce(iam: IamCalls, name: str, *, reason: str, by: str, at: datetime) -> None:
    """Write down on the role why it will be opened, and by whom: in the trail that comes first."""
    _tag(
        iam,
        name,
        {
            break_glass.REASON_TAG: reason,
            break_glass.SINCE_TAG: break_glass.instant(at),
            break_glass.OPENER_TAG: _taggable(by),
        },
    )


def announce_extension(iam: IamCalls, name: str, *, by: str, at: datetime) -> None:
    """Write down on the role who will extend it: in the trail that comes first."""
    _tag(iam, name, {break_glass.EXTENDER_TAG: f"{break_glass.instant(at)} {_taggable(by)}"})


def revoke(iam: IamCalls, name: str, *, before: datetime) -> None:
    """End the sessions that began before a moment."""
    _put(iam, name, break_glass.REVOKING_POLICY, break_glass.revoking_policy(before))


def set_window(iam: IamCalls, role: GlassRole, *, ends: datetime, identity: str) -> None:
    """Open the role until a moment, for sessions that also end then."""
    _put(iam, role.name, break_glass.WINDOW_POLICY, break_glass.window_policy(role.arn, ends=ends))
    trust = break_glass.trust_policy(list(role.people), ends=ends, identity=identity)
    iam.call("UpdateAssumeRolePolicy", RoleName=role.name, PolicyDocument=trust)


def extend(iam: IamCalls, role: GlassRole, window: Window) -> None:
    """Let an open role be open until a later moment: it lets in longer, and then lets stay longer."""
    trust = break_glass.trust_policy(list(role.people), ends=window.ends, identity=window.source_identity)
    iam.call("UpdateAssumeRolePolicy", RoleName=role.name, PolicyDocument=trust)
    _put(iam, role.name, break_glass.WINDOW_POLICY, break_glass.window_policy(role.arn, ends=window.ends))


def close(iam: IamCalls, role: GlassRole, *, before: datetime) -> None:
    """End all sessions that began before a moment, and let nobody in. Each step is tried, whatever the others
    do; the first refusal is raised in the end.
    """
    refusals: list[CallRefused] = []
    steps: list[Callable[[], object]] = [
        lambda: revoke(iam, role.name, before=before),
        lambda: _put(iam, role.name, break_glass.WINDOW_POLICY, break_glass.window_policy(role.arn)),
        lambda: iam.call(
            "UpdateAssumeRolePolicy",
            RoleName=role.name,
            PolicyDocument=break_glass.trust_policy(list(role.people), ends=CLOSED),
        ),
    ]
    for step in steps:
        try:
            step()
        except CallRefused as error:
            refusals.append(error)
    if refusals:
        raise refusals[0]


def _tag(iam: IamCalls, name: str, tags: dict[str, str]) -> None:
    members: dict[str, str] = {}
    for number, (key, value) in enumerate(tags.items(), 1):
        members |= {f"Tags.member.{number}.Key": key, f"Tags.member.{number}.Value": value}
    iam.call("TagRole", RoleName=name, **members)


def _taggable(caller: str) -> str:
    """A caller without what a name can have and a tag cannot."""
    return caller.replace(",", "_")


def _extension(tag: str, opened_at: datetime | None) -> tuple[datetime | None, str | None]:
    """When and by whom this opening was last extended; nothing of an earlier one."""
    text, _, by = tag.partition(" ")
    at = _moment(text)
    if at is None or opened_at is None or at < opened_at:
        return None, None
    return at, by


def _put(iam: IamCalls, name: str, policy: str, document: str) -> Element:
    return iam.call("PutRolePolicy", RoleName=name, PolicyName=policy, PolicyDocument=document)


def _moment(text: str | None) -> datetime | None:
    try:
        return break_glass.moment(text or "")
    except ValueError:
        return None
