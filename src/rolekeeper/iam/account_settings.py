"""What an account has of its own, beside what it is made of: its alias."""

from __future__ import annotations

from rolekeeper.iam.entities import Entity


class AccountAlias(Entity, frozen=True, kw_only=True, omit_defaults=True):
    """The account's other name, in the addresses of its sign-in page. No two accounts have the same."""

    kind = "account-alias"
    noun = "account alias"
    folds = False
    missing = "The account alias {name} cannot be found."
    taken = "The account alias {name} already exists."

    name: str

    @property
    def key(self) -> str:
        return self.name

    @property
    def unique_id(self) -> str | None:
        return f"alias:{self.name}"  # the colon keeps it apart from all IDs of AWS's form
