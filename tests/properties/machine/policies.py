"""Managed policies with their versions, where they are attached, whom they bound; and tags."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.properties.machine.base import BEARERS, BOUNDED, NAMES, PLACES, TEXT, Key, Machine, move

TAGGED = ("Role", "User", "Policy", "InstanceProfile")
TAG_KEYS = ("k", "K", "l", "aws:m")
VERSIONS = tuple(range(1, 8))
_MOST_VERSIONS = 5


@dataclass
class Versions:
    """Those of a policy that are there, the default, and the last that was ever made."""

    there: set[int] = field(default_factory=lambda: {1})
    default: int = 1
    last: int = 1


class Policies(Machine):
    """What policies have, and who has them."""

    def __init__(self) -> None:
        super().__init__()
        self.versions: dict[str, Versions] = {}
        self.tags: dict[Key, dict[str, tuple[str, str]]] = {}

    def of(self, name: str) -> Versions:
        """The versions of a policy."""
        return self.versions.setdefault(name.lower(), Versions())

    @move(name=NAMES, default=(False, True))
    def add_version(self, name: str, default: bool) -> None:
        versions = self.of(name)
        expected = "LimitExceeded" if len(versions.there) == _MOST_VERSIONS else None
        if not self.has("Policy", name):
            expected = "NoSuchEntity"
        create, it = self.iam.create_policy_version, self.named("Policy", name)
        answer = self.does(expected, create, **it, PolicyDocument=TEXT, SetAsDefault=default)
        if expected is None:
            versions.last += 1
            versions.there.add(versions.last)
            versions.default = versions.last if default else versions.default
            assert answer["PolicyVersion"]["VersionId"] == f"v{versions.last}"

    @move(name=NAMES, version=VERSIONS)
    def choose_version(self, name: str, version: int) -> None:
        versions = self.of(name)
        found = self.has("Policy", name) and version in versions.there
        choose, it = self.iam.set_default_policy_version, self.named("Policy", name)
        self.does(None if found else "NoSuchEntity", choose, **it, VersionId=f"v{version}")
        if found:
            versions.default = version

    @move(name=NAMES, version=VERSIONS)
    def delete_version(self, name: str, version: int) -> None:
        versions = self.of(name)
        expected = "DeleteConflict" if version == versions.default else None
        if not self.has("Policy", name) or version not in versions.there:
            expected = "NoSuchEntity"
        delete, it = self.iam.delete_policy_version, self.named("Policy", name)
        self.does(expected, delete, **it, VersionId=f"v{version}")
        if expected is None:
            versions.there.remove(version)

    @move(kind=BEARERS, name=NAMES, attached=NAMES)
    def attach(self, kind: str, name: str, attached: str) -> None:
        there = self.has(kind, name) and self.has("Policy", attached)
        attach, it = self.call("attach", kind, "_policy"), self.named(kind, name)
        self.does(None if there else "NoSuchEntity", attach, **it, PolicyArn=self.arn(attached))
        if there:
            self.attached.add(((kind, name.lower()), attached.lower()))

    @move(kind=BEARERS, name=NAMES, attached=NAMES)
    def detach(self, kind: str, name: str, attached: str) -> None:
        link = ((kind, name.lower()), attached.lower())
        detach, it = self.call("detach", kind, "_policy"), self.named(kind, name)
        expected = None if link in self.attached else "NoSuchEntity"
        self.does(expected, detach, **it, PolicyArn=self.arn(attached))
        self.attached.discard(link)

    @move(place=PLACES)
    def detach_some(self, place: int) -> None:
        for (kind, key), attached in self.picked(self.attached, place):
            self.detach(kind, key, attached)

    @move(kind=BOUNDED, name=NAMES, bound=NAMES)
    def put_bound(self, kind: str, name: str, bound: str) -> None:
        there = self.has(kind, name) and self.has("Policy", bound)
        put, it = self.call("put", kind, "_permissions_boundary"), self.named(kind, name)
        self.does(None if there else "NoSuchEntity", put, **it, PermissionsBoundary=self.arn(bound))
        if there:
            self.bounds[kind, name.lower()] = bound.lower()

    @move(kind=BOUNDED, name=NAMES)
    def delete_bound(self, kind: str, name: str) -> None:
        there = (kind, name.lower()) in self.bounds
        delete, it = self.call("delete", kind, "_permissions_boundary"), self.named(kind, name)
        self.does(None if there else "NoSuchEntity", delete, **it)
        self.bounds.pop((kind, name.lower()), None)

    @move(kind=TAGGED, name=NAMES, key=TAG_KEYS, value=("", "v"))
    def tag(self, kind: str, name: str, key: str, value: str) -> None:
        expected = "InvalidInput" if key.startswith("aws:") else None
        if not self.has(kind, name):
            expected = "NoSuchEntity"
        tag, it = self.call("tag", kind), self.named(kind, name)
        self.does(expected, tag, **it, Tags=[{"Key": key, "Value": value}])
        if expected is None:
            self.tags.setdefault((kind, name.lower()), {})[key.lower()] = (key, value)

    @move(kind=TAGGED, name=NAMES, key=TAG_KEYS)
    def untag(self, kind: str, name: str, key: str) -> None:
        expected = None if self.has(kind, name) else "NoSuchEntity"
        self.does(expected, self.call("untag", kind), **self.named(kind, name), TagKeys=[key])
        if expected is None:
            self.tags.get((kind, name.lower()), {}).pop(key.lower(), None)

    def conflicts(self, kind: str, key: str) -> bool:
        if kind != "Policy":
            return super().conflicts(kind, key)
        used = any(key == other for _, other in self.attached) or key in self.bounds.values()
        return used or len(self.of(key).there) > 1

    def gone(self, kind: str, key: str) -> None:
        super().gone(kind, key)
        self.tags.pop((kind, key), None)
        if kind == "Policy":
            self.versions.pop(key, None)

    def moved(self, kind: str, old: str, new: str) -> None:
        super().moved(kind, old, new)
        if (kind, old) in self.tags:
            self.tags[kind, new] = self.tags.pop((kind, old))

    def looks(self) -> list[Callable[[], None]]:
        return [*super().looks(), self._versions, self._attached, self._details]

    def _versions(self) -> None:
        for key, name in self.entities["Policy"].items():
            versions = self.of(key)
            found = self.iam.list_policy_versions(**self.named("Policy", name))["Versions"]
            assert {one["VersionId"] for one in found} == {f"v{number}" for number in versions.there}
            (shown,) = [one["VersionId"] for one in found if one["IsDefaultVersion"]]
            assert shown == f"v{versions.default}"

    def _attached(self) -> None:
        for kind in ("Role", "User", "Group"):
            for key, name in self.entities[kind].items():
                answer = self.call("list_attached", kind, "_policies")(**self.named(kind, name))
                links = {other for bearer, other in self.attached if bearer == (kind, key)}
                assert {one["PolicyName"].lower() for one in answer["AttachedPolicies"]} == links
        for key, name in self.entities["Policy"].items():
            policy = self.iam.get_policy(**self.named("Policy", name))["Policy"]
            assert policy["AttachmentCount"] == sum(other == key for _, other in self.attached)
            bounded = sum(other == key for other in self.bounds.values())
            assert policy["PermissionsBoundaryUsageCount"] == bounded

    def _details(self) -> None:
        for kind in ("Role", "User", "Policy", "InstanceProfile"):
            for key, name in self.entities[kind].items():
                shown = self.call("get", kind)(**self.named(kind, name))[kind]
                tags = {tag["Key"]: tag["Value"] for tag in shown.get("Tags", [])}
                assert tags == dict(self.tags.get((kind, key), {}).values())
                bound = shown.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
                expected = self.bounds.get((kind, key))
                assert bound == (None if expected is None else self.arn(expected))
