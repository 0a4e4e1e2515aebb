"""What an import did, and what it could not bring: values that go from the server to the command as JSON."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

KINDS = ("policy", "group", "user", "role", "instance profile")

NOT_IN_A_DUMP = (
    "passwords and login profiles",
    "access keys",
    "MFA devices",
    "certificates, SSH public keys and service-specific credentials",
    "OpenID Connect and SAML providers",
    "the account's alias, password policy and settings",
    "instance profiles without a role",
    "AWS leaves out descriptions and longest sessions of roles, and tags of policies",
)
"""What no dump holds, and no import can bring."""


class Counts(msgspec.Struct, kw_only=True):
    """How many of one kind."""

    made: int = 0
    changed: int = 0
    unchanged: int = 0
    left_out: int = 0


class Loss(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that could not be brought: a whole thing or, where `part` says which, a part of it."""

    kind: str
    name: str
    part: str = ""
    reason: str


class Stranger(msgspec.Struct, frozen=True, kw_only=True):
    """A principal of a role's trust policy that is not here. It stands there as it was written."""

    role: str
    principal: str


class Report(msgspec.Struct, kw_only=True):
    """The import of a page, or of all of them."""

    counts: dict[str, Counts] = msgspec.field(default_factory=lambda: {kind: Counts() for kind in KINDS})
    losses: list[Loss] = []
    strangers: list[Stranger] = []

    @property
    def changes(self) -> int:
        """How many things were made or changed."""
        return sum(one.made + one.changed for one in self.counts.values())

    def add(self, other: Report) -> None:
        """Count another page's with these."""
        for kind, counts in other.counts.items():
            mine = self.counts[kind]
            for name in counts.__struct_fields__:
                setattr(mine, name, getattr(mine, name) + getattr(counts, name))
        self.losses += other.losses
        self.strangers += other.strangers

    def settle(self, again: Iterable[Report]) -> None:
        """Take the strangers from when their roles were brought again, with everything else in its place."""
        self.strangers = [one for report in again for one in report.strangers]
