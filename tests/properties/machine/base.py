"""What all parts share: a server, what is in it by plain dictionaries, and a call with what is expected.

Names are kept in lower case, with the name as it was written; whatever else there is belongs to a key, which
is a kind and a name in lower case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from tests.client import ACCOUNT, LocalWorld
from tests.people import allow, policy, trusting

NAMES = ("a", "A", "a", "b")
"""Few names, so that most calls are about something that is there."""

TEXT, TRUST = policy(allow("iam:GetRole")), policy(trusting("*"))
OPERATIONS = {
    "Role": "role",
    "User": "user",
    "Group": "group",
    "Policy": "policy",
    "InstanceProfile": "instance_profile",
}
KINDS = tuple(OPERATIONS)
BEARERS = ("Role", "User", "Group")
BOUNDED = ("Role", "User")
Key = tuple[str, str]
PLACES = tuple(range(6))
"""Which of the things that there are; a move that names one at random seldom finds it."""

_LOOKS_EVERY = 8  # steps: to look takes as long as several calls, so one thing is looked at in its turn


T = TypeVar("T")
Choose = Callable[[Sequence[Any]], Any]
"""What takes one of several: a random generator, or Hypothesis."""


def move(**arguments: Sequence[Any]) -> Callable[[T], T]:
    """Declare a method to be one of the moves, with what its arguments are taken from."""

    def declare(method: T) -> T:
        method.arguments = arguments  # type: ignore[attr-defined]
        return method

    return declare


def moves_of(*parts: type[Machine]) -> list[str]:
    """The names of the moves that these parts have."""
    return [name for part in parts for name, one in vars(part).items() if hasattr(one, "arguments")]


class Machine:
    """A server and a model of it."""

    def __init__(self) -> None:
        self.world = LocalWorld()
        self.iam = self.world.root.iam
        self.entities: dict[str, dict[str, str]] = {kind: {} for kind in OPERATIONS}
        self.attached: set[tuple[Key, str]] = set()
        self.inline: set[tuple[Key, str]] = set()
        self.bounds: dict[Key, str] = {}
        self._steps = 0

    def begin(self) -> None:
        """Make one entity of each kind."""
        for kind in self.entities:
            self.make(kind, "a")

    def close(self) -> None:
        self.world.close()

    def step(self, moves: Sequence[str], choose: Choose) -> None:
        """Make one of the moves, and now and then look at something."""
        method = getattr(self, choose(moves))
        arguments = {name: choose(options) for name, options in method.arguments.items()}
        method(**arguments)
        self._steps += 1
        turn, rest = divmod(self._steps, _LOOKS_EVERY)
        looks = self.looks()
        if rest == 0:
            looks[turn % len(looks)]()

    def look(self) -> None:
        """Look at everything."""
        for look in self.looks():
            look()

    def make(self, kind: str, name: str) -> None:
        """Make an entity."""
        raise NotImplementedError

    def looks(self) -> list[Callable[[], None]]:
        """What holds the server's lists against the model."""
        return []

    def does(self, expected: str | None, call: Callable[..., Any], **arguments: Any) -> dict[str, Any]:
        """Make a call, which must end as expected: with this code, or well."""
        answer: dict[str, Any] = {}
        try:
            answer = call(**arguments)
            found = None
        except ClientError as error:
            found = error.response["Error"]["Code"]
        assert found == expected, (call.__name__, arguments)
        return answer

    def has(self, kind: str, name: str) -> bool:
        return name.lower() in self.entities[kind]

    def picked(self, things: Iterable[Any], place: int) -> list[Any]:
        """One of these things, in a list; an empty list where there is none."""
        found = sorted(things)
        return [found[place % len(found)]] if found else []

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
