"""Roles, users, groups, policies and profiles: made, renamed, deleted; joined and parted."""

from __future__ import annotations

from collections.abc import Callable

from tests.properties.machine.base import BEARERS, KINDS, NAMES, PLACES, TEXT, TRUST, Machine, move


class Entities(Machine):
    """What has a name."""

    def __init__(self) -> None:
        super().__init__()
        self.members: set[tuple[str, str]] = set()
        self.holds: dict[str, str] = {}

    @move(kind=KINDS, name=NAMES)
    def make(self, kind: str, name: str) -> None:
        taken = self.has(kind, name)
        more = {"Role": {"AssumeRolePolicyDocument": TRUST}, "Policy": {"PolicyDocument": TEXT}}.get(kind, {})
        expected = "EntityAlreadyExists" if taken else None
        self.does(expected, self.call("create", kind), **{f"{kind}Name": name}, **more)
        self.entities[kind].setdefault(name.lower(), name)

    @move(kind=KINDS, name=NAMES)
    def delete(self, kind: str, name: str) -> None:
        key = name.lower()
        expected = "DeleteConflict" if self.conflicts(kind, key) else None
        if not self.has(kind, name):
            expected = "NoSuchEntity"
        self.does(expected, self.call("delete", kind), **self.named(kind, name))
        if expected is None:
            del self.entities[kind][key]
            self.gone(kind, key)

    def conflicts(self, kind: str, key: str) -> bool:
        used = super().conflicts(kind, key)
        if kind in ("User", "Group"):
            used |= any(key == pair[("User", "Group").index(kind)] for pair in self.members)
        if kind == "Role":
            used |= key in self.holds.values()
        if kind == "InstanceProfile":
            used |= key in self.holds
        return used

    @move(kind=("User", "Group"), name=NAMES, new=NAMES)
    def rename(self, kind: str, name: str, new: str) -> None:
        there, old_key, new_key = self.has(kind, name), name.lower(), new.lower()
        taken = self.has(kind, new) and old_key != new_key
        expected = ("EntityAlreadyExists" if taken else None) if there else "NoSuchEntity"
        self.does(expected, self.call("update", kind), **{f"{kind}Name": name, f"New{kind}Name": new})
        if expected is None:
            del self.entities[kind][old_key]
            self.entities[kind][new_key] = new
            self.moved(kind, old_key, new_key)

    def moved(self, kind: str, old: str, new: str) -> None:
        super().moved(kind, old, new)
        if kind == "User":
            self.members = {(new if user == old else user, group) for user, group in self.members}
        elif kind == "Group":
            self.members = {(user, new if group == old else group) for user, group in self.members}

    @move(kind=BEARERS, name=NAMES, inline=("p", "P"))
    def put_inline(self, kind: str, name: str, inline: str) -> None:
        there = self.has(kind, name)
        put, it = self.call("put", kind, "_policy"), self.named(kind, name)
        self.does(None if there else "NoSuchEntity", put, **it, PolicyName=inline, PolicyDocument=TEXT)
        if there:
            self.inline.add(((kind, name.lower()), inline))

    @move(kind=BEARERS, name=NAMES, inline=("p", "P"))
    def delete_inline(self, kind: str, name: str, inline: str) -> None:
        link = ((kind, name.lower()), inline)
        delete, it = self.call("delete", kind, "_policy"), self.named(kind, name)
        self.does(None if link in self.inline else "NoSuchEntity", delete, **it, PolicyName=inline)
        self.inline.discard(link)

    @move(place=PLACES)
    def delete_some_inline(self, place: int) -> None:
        for (kind, key), inline in self.picked(self.inline, place):
            self.delete_inline(kind, key, inline)

    @move(user=NAMES, group=NAMES)
    def join(self, user: str, group: str) -> None:
        there = self.has("User", user) and self.has("Group", group)
        expected = None if there else "NoSuchEntity"
        self.does(expected, self.iam.add_user_to_group, UserName=user, GroupName=group)
        if there:
            self.members.add((user.lower(), group.lower()))

    @move(user=NAMES, group=NAMES)
    def leave(self, user: str, group: str) -> None:
        link = (user.lower(), group.lower())
        expected = None if link in self.members else "NoSuchEntity"
        self.does(expected, self.iam.remove_user_from_group, UserName=user, GroupName=group)
        self.members.discard(link)

    @move(place=PLACES)
    def leave_some(self, place: int) -> None:
        for user, group in self.picked(self.members, place):
            self.leave(user, group)

    @move(profile=NAMES, role=NAMES)
    def put_into_profile(self, profile: str, role: str) -> None:
        there = self.has("InstanceProfile", profile) and self.has("Role", role)
        full = profile.lower() in self.holds
        expected = ("LimitExceeded" if full else None) if there else "NoSuchEntity"
        add = self.iam.add_role_to_instance_profile
        self.does(expected, add, InstanceProfileName=profile, RoleName=role)
        if expected is None:
            self.holds[profile.lower()] = role.lower()

    @move(profile=NAMES, role=NAMES)
    def take_from_profile(self, profile: str, role: str) -> None:
        held = self.holds.get(profile.lower()) == role.lower()
        remove = self.iam.remove_role_from_instance_profile
        expected = None if held else "NoSuchEntity"
        self.does(expected, remove, InstanceProfileName=profile, RoleName=role)
        if held:
            del self.holds[profile.lower()]

    @move(place=PLACES)
    def empty_some_profile(self, place: int) -> None:
        for profile, role in self.picked(self.holds.items(), place):
            self.take_from_profile(profile, role)

    def looks(self) -> list[Callable[[], None]]:
        return [*super().looks(), self._names, self._bearers, self._groups, self._profiles]

    def _names(self) -> None:
        lists = {"Role": "Roles", "User": "Users", "Group": "Groups", "InstanceProfile": "InstanceProfiles"}
        for kind, plural in lists.items():
            found = self.call("list", kind, "s")()[plural]
            assert {one[f"{kind}Name"] for one in found} == set(self.entities[kind].values())
        found = self.iam.list_policies(Scope="Local")["Policies"]
        assert {one["PolicyName"] for one in found} == set(self.entities["Policy"].values())

    def _bearers(self) -> None:
        for kind in ("Role", "User", "Group"):
            for key, name in self.entities[kind].items():
                inline = self.call("list", kind, "_policies")(**self.named(kind, name))["PolicyNames"]
                assert set(inline) == {other for bearer, other in self.inline if bearer == (kind, key)}

    def _groups(self) -> None:
        for key, name in self.entities["Group"].items():
            members = {one["UserName"].lower() for one in self.iam.get_group(GroupName=name)["Users"]}
            assert members == {user for user, group in self.members if group == key}

    def _profiles(self) -> None:
        for profile in self.iam.list_instance_profiles()["InstanceProfiles"]:
            key = profile["InstanceProfileName"].lower()
            roles = [one["RoleName"].lower() for one in profile["Roles"]]
            assert roles == ([self.holds[key]] if key in self.holds else [])
