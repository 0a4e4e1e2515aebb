"""What all parts share: a server, what is in it by plain dictionaries, and a call with what is expected.

Names are kept in lower case, with the name as it was written; whatever else there is belongs to a key, which
is a kind and a name in lower case.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from tests.client import ACCOUNT, LocalWorld
from tests.people import allow, policy, trusting

NAMES = st.sampled_from(["a", "A", "a", "b"])
"""Few names, so that most calls are about something that is there."""

TEXT, TRUST = policy(allow("iam:GetRole")), policy(trusting("*"))
OPERATIONS = {
    "Role": "role",
    "User": "user",
    "Group": "group",
    "Policy": "policy",
    "InstanceProfile": "instance_profile",
}
KINDS = st.sampled_from(list(OPERATIONS))
BEARERS = st.sampled_from(["Role", "User", "Group"])
BOUNDED = st.sampled_from(["Role", "User"])
Key = tuple[str, str]

_LOOKS_EVERY = 5  # steps: to look takes as long as several calls, so one thing is looked at in its turn


class Machine(RuleBasedStateMachine):
    """A server and a model of it."""

    def __init__(self) -> None:
        super().__init__()
        self.world = LocalWorld()
        self.iam = self.world.root.iam
        self.entities: dict[str, dict[str, str]] = {kind: {} for kind in OPERATIONS}
        self.attached: set[tuple[Key, str]] = set()
        self.inline: set[tuple[Key, str]] = set()
        self.bounds: dict[Key, str] = {}
        self._steps = 0
        self._failed = False

    @initialize()
    def begin_with_one_of_each(self) -> None:
        for kind in self.entities:
            self.make(kind, "a")

    def teardown(self) -> None:
        try:
            if not self._failed:
                for look in self.looks():
                    look()
        finally:
            self.world.close()

    def make(self, kind: str, name: str) -> None:
        """Make an entity."""
        raise NotImplementedError

    def looks(self) -> list[Callable[[], None]]:
        """What holds the server's lists against the model."""
        return []

    @invariant()
    def each_list_says_the_same(self) -> None:
        self._steps += 1
        turn, rest = divmod(self._steps, _LOOKS_EVERY)
        if rest == 0:
            looks = self.looks()
            self._failed = True
            looks[turn % len(looks)]()
            self._failed = False

    def does(self, expected: str | None, call: Callable[..., Any], **arguments: Any) -> dict[str, Any]:
        """Make a call, which must end as expected: with this code, or well."""
        answer: dict[str, Any] = {}
        try:
            answer = call(**arguments)
            found = None
        except ClientError as error:
            found = error.response["Error"]["Code"]
        self._failed = found != expected
        assert not self._failed, (call.__name__, arguments, found, expected)
        return answer

    def has(self, kind: str, name: str) -> bool:
        return name.lower() in self.entities[kind]

    def call(self, verb: str, kind: str, noun: str = "") -> Callable[..., Any]:
        """An operation by its words: `call("put", "Role", "_policy")`."""
        found: Callable[..., Any] = getattr(self.iam, f"{verb}_{OPERATIONS[kind]}{noun}")
        return found

    def named(self, kind: str, name: str) -> dict[str, str]:
        """The argument that names an entity: its name, or a policy's ARN, whose case counts."""
        if kind == "Policy":
            return {"PolicyArn": self.arn(name)}
        return {f"{kind}Name": name}

    def arn(self, name: str) -> str:
        """The ARN of a policy."""
        return f"arn:aws:iam::{ACCOUNT}:policy/{self.entities['Policy'].get(name.lower(), name)}"

    def gone(self, kind: str, key: str) -> None:
        """Forget all that belongs to an entity that has been deleted."""
        self.bounds.pop((kind, key), None)

    def moved(self, kind: str, old: str, new: str) -> None:
        """Give what belongs to an entity to its new name."""
        key = {(kind, old): (kind, new)}
        self.attached = {(key.get(bearer, bearer), other) for bearer, other in self.attached}
        self.inline = {(key.get(bearer, bearer), other) for bearer, other in self.inline}
        self.bounds = {key.get(bearer, bearer): other for bearer, other in self.bounds.items()}

    def conflicts(self, kind: str, key: str) -> bool:
        """Whether an entity has something that keeps it from being deleted."""
        return any((kind, key) == bearer for bearer, _ in self.attached | self.inline)
