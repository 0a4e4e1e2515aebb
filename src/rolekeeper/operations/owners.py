"""Whose things a request means: those of the user it names, or of the caller where it names nobody."""

from __future__ import annotations

from rolekeeper.errors import InvalidInput
from rolekeeper.operations import belongings, users
from rolekeeper.operations.belongings import Owner
from rolekeeper.service.call import Call


def user(call: Call, user_name: str | None) -> Owner:
    """A user, named or the caller; ValidationError where the caller is none."""
    return belongings.owner(users.named_or_caller(call, user_name))


def user_or_root(call: Call, user_name: str | None) -> Owner:
    """A user or, where the root user names nobody, the root user."""
    if user_name is None and call.caller.is_root:
        return belongings.root(call)
    return user(call, user_name)


def switched_on(status: str) -> bool:
    """Whether a status is `Active`; InvalidInput for `Expired`, which is seen and never set."""
    if status == "Expired":
        raise InvalidInput("The status Expired cannot be set.")
    return status == "Active"
