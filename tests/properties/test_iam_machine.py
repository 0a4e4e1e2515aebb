"""Random IAM calls against a server and against plain dictionaries, which must always say the same.

The dictionaries are the specification: what may be made, joined, parted and deleted, and what is refused
with which code. Every name is used in several cases.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.client import LocalWorld
from tests.people import allow, policy, trusting

NAMES = st.sampled_from(["a", "A", "a", "b"])
KINDS = st.sampled_from(["Role", "User", "Group"])
TEXT, TRUST = policy(allow("iam:GetRole")), policy(trusting("*"))
Key = tuple[str, str]


class IamMachine(RuleBasedStateMachine):
    """Roles, users, groups, policies and profiles by lower-case name, and what joins them."""

    def __init__(self) -> None:
        super().__init__()
        self.world = LocalWorld()
        self.iam = self.world.root.iam
        self.entities: dict[str, dict[str, str]] = {
            kind: {} for kind in ("Role", "User", "Group", "Policy", "InstanceProfile")
        }
        self.attached: set[tuple[Key, str]] = set()
        self.inline: set[tuple[Key, str]] = set()
        self.members: set[tuple[str, str]] = set()
        self.holds: dict[str, str] = {}

    @initialize()
    def begin_with_one_of_each(self) -> None:
        for kind in self.entities:
            self.create(kind, "a")

    def teardown(self) -> None:
        self.world.close()

    def does(self, expected: str | None, call: Callable[..., Any], **arguments: Any) -> None:
        """Make a call, which must end as expected: with this code, or well."""
        try:
            call(**arguments)
        except ClientError as error:
            found = error.response["Error"]["Code"]
        else:
            found = None
        assert found == expected, (call.__name__, arguments)

    def has(self, kind: str, name: str) -> bool:
        return name.lower() in self.entities[kind]

    def arn(self, name: str) -> str:
        """The ARN of a policy; its case counts."""
        return f"arn:aws:iam::111111111111:policy/{self.entities['Policy'].get(name.lower(), name)}"

    @rule(kind=st.sampled_from(["Role", "User", "Group", "Policy", "InstanceProfile"]), name=NAMES)
    def create(self, kind: str, name: str) -> None:
        taken = self.has(kind, name)
        arguments = {
            "Role": {"AssumeRolePolicyDocument": TRUST},
            "Policy": {"PolicyDocument": TEXT},
        }.get(kind, {})
        create = getattr(
            self.iam, f"create_{'instance_profile' if kind == 'InstanceProfile' else kind.lower()}"
        )
        self.does("EntityAlreadyExists" if taken else None, create, **{f"{kind}Name": name}, **arguments)
        self.entities[kind].setdefault(name.lower(), name)

    @rule(kind=KINDS, name=NAMES)
    def delete(self, kind: str, name: str) -> None:
        key = (kind, name.lower())
        used = any(key == bearer for bearer, _ in self.attached | self.inline)
        if kind in ("User", "Group"):
            used |= any(name.lower() == pair[("User", "Group").index(kind)] for pair in self.members)
        if kind == "Role":
            used |= name.lower() in self.holds.values()
        expected = ("DeleteConflict" if used else None) if self.has(kind, name) else "NoSuchEntity"
        self.does(expected, getattr(self.iam, f"delete_{kind.lower()}"), **{f"{kind}Name": name})
        if expected is None:
            del self.entities[kind][name.lower()]

    @rule(name=NAMES)
    def delete_policy(self, name: str) -> None:
        used = any(name.lower() == attached for _, attached in self.attached)
        expected = ("DeleteConflict" if used else None) if self.has("Policy", name) else "NoSuchEntity"
        self.does(expected, self.iam.delete_policy, PolicyArn=self.arn(name))
        if expected is None:
            del self.entities["Policy"][name.lower()]

    @rule(name=NAMES)
    def delete_profile(self, name: str) -> None:
        expected = "DeleteConflict" if name.lower() in self.holds else None
        if not self.has("InstanceProfile", name):
            expected = "NoSuchEntity"
        self.does(expected, self.iam.delete_instance_profile, InstanceProfileName=name)
        if expected is None:
            del self.entities["InstanceProfile"][name.lower()]

    @rule(kind=KINDS, name=NAMES, attached=NAMES)
    def attach(self, kind: str, name: str, attached: str) -> None:
        there = self.has(kind, name) and self.has("Policy", attached)
        call = getattr(self.iam, f"attach_{kind.lower()}_policy")
        expected = None if there else "NoSuchEntity"
        self.does(expected, call, **{f"{kind}Name": name}, PolicyArn=self.arn(attached))
        if there:
            self.attached.add(((kind, name.lower()), attached.lower()))

    @rule(kind=KINDS, name=NAMES, attached=NAMES)
    def detach(self, kind: str, name: str, attached: str) -> None:
        link = ((kind, name.lower()), attached.lower())
        call = getattr(self.iam, f"detach_{kind.lower()}_policy")
        expected = None if link in self.attached else "NoSuchEntity"
        self.does(expected, call, **{f"{kind}Name": name}, PolicyArn=self.arn(attached))
        self.attached.discard(link)

    @rule(kind=KINDS, name=NAMES, inline=st.sampled_from(["p", "P"]))
    def put_inline(self, kind: str, name: str, inline: str) -> None:
        call = getattr(self.iam, f"put_{kind.lower()}_policy")
        there = self.has(kind, name)
        expected = None if there else "NoSuchEntity"
        self.does(expected, call, **{f"{kind}Name": name}, PolicyName=inline, PolicyDocument=TEXT)
        if there:
            self.inline.add(((kind, name.lower()), inline))

    @rule(kind=KINDS, name=NAMES, inline=st.sampled_from(["p", "P"]))
    def delete_inline(self, kind: str, name: str, inline: str) -> None:
        link = ((kind, name.lower()), inline)
        call = getattr(self.iam, f"delete_{kind.lower()}_policy")
        expected = None if link in self.inline else "NoSuchEntity"
        self.does(expected, call, **{f"{kind}Name": name}, PolicyName=inline)
        self.inline.discard(link)

    @rule(user=NAMES, group=NAMES)
    def join(self, user: str, group: str) -> None:
        there = self.has("User", user) and self.has("Group", group)
        expected = None if there else "NoSuchEntity"
        self.does(expected, self.iam.add_user_to_group, UserName=user, GroupName=group)
        if there:
            self.members.add((user.lower(), group.lower()))

    @rule(user=NAMES, group=NAMES)
    def leave(self, user: str, group: str) -> None:
        link = (user.lower(), group.lower())
        expected = None if link in self.members else "NoSuchEntity"
        self.does(expected, self.iam.remove_user_from_group, UserName=user, GroupName=group)
        self.members.discard(link)

    @rule(profile=NAMES, role=NAMES)
    def put_into_profile(self, profile: str, role: str) -> None:
        there = self.has("InstanceProfile", profile) and self.has("Role", role)
        full = profile.lower() in self.holds
        expected = ("LimitExceeded" if full else None) if there else "NoSuchEntity"
        add = self.iam.add_role_to_instance_profile
        self.does(expected, add, InstanceProfileName=profile, RoleName=role)
        if expected is None:
            self.holds[profile.lower()] = role.lower()

    @rule(profile=NAMES, role=NAMES)
    def take_from_profile(self, profile: str, role: str) -> None:
        held = self.holds.get(profile.lower()) == role.lower()
        remove = self.iam.remove_role_from_instance_profile
        expected = None if held else "NoSuchEntity"
        self.does(expected, remove, InstanceProfileName=profile, RoleName=role)
        if held:
            del self.holds[profile.lower()]

    @rule(kind=st.sampled_from(["User", "Group"]), name=NAMES, new=NAMES)
    def rename(self, kind: str, name: str, new: str) -> None:
        there, old_key, new_key = self.has(kind, name), name.lower(), new.lower()
        taken = self.has(kind, new) and old_key != new_key
        expected = ("EntityAlreadyExists" if taken else None) if there else "NoSuchEntity"
        update = getattr(self.iam, f"update_{kind.lower()}")
        self.does(expected, update, **{f"{kind}Name": name, f"New{kind}Name": new})
        if expected is not None:
            return
        del self.entities[kind][old_key]
        self.entities[kind][new_key] = new
        moved = {(kind, old_key): (kind, new_key)}
        self.attached = {(moved.get(bearer, bearer), other) for bearer, other in self.attached}
        self.inline = {(moved.get(bearer, bearer), other) for bearer, other in self.inline}
        place = ("User", "Group").index(kind)
        self.members = {
            tuple(new_key if at == place and one == old_key else one for at, one in enumerate(pair))  # type: ignore[misc]
            for pair in self.members
        }

    @invariant()
    def every_list_says_the_same(self) -> None:
        for kind, plural in (("Role", "Roles"), ("User", "Users"), ("Group", "Groups")):
            found = getattr(self.iam, f"list_{plural.lower()}")()[plural]
            assert {one[f"{kind}Name"] for one in found} == set(self.entities[kind].values())
            for key, name in self.entities[kind].items():
                self._bearer_is_right(kind, key, name)
        for key, name in self.entities["Group"].items():
            members = {one["UserName"].lower() for one in self.iam.get_group(GroupName=name)["Users"]}
            assert members == {user for user, group in self.members if group == key}
        for profile in self.iam.list_instance_profiles()["InstanceProfiles"]:
            roles = [one["RoleName"].lower() for one in profile["Roles"]]
            assert roles == [
                self.holds[key] for key in [profile["InstanceProfileName"].lower()] if key in self.holds
            ]

    def _bearer_is_right(self, kind: str, key: str, name: str) -> None:
        it = {f"{kind}Name": name}
        attached = getattr(self.iam, f"list_attached_{kind.lower()}_policies")(**it)["AttachedPolicies"]
        links = {other for bearer, other in self.attached if bearer == (kind, key)}
        assert {one["PolicyName"].lower() for one in attached} == links
        inline = getattr(self.iam, f"list_{kind.lower()}_policies")(**it)["PolicyNames"]
        assert set(inline) == {other for bearer, other in self.inline if bearer == (kind, key)}


FUZZ = bool(os.environ.get("ROLEKEEPER_FUZZ"))
IamMachine.TestCase.settings = settings(
    max_examples=300 if FUZZ else 10,
    phases=tuple(Phase) if FUZZ else (Phase.explicit, Phase.reuse, Phase.generate),
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestIamMachine = IamMachine.TestCase
