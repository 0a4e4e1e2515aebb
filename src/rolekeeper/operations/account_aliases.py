"""The account's alias: one for an account, and one account for it."""

from __future__ import annotations

from typing import Any

from rolekeeper.iam.account_settings import AccountAlias
from rolekeeper.operations import paging, resources
from rolekeeper.service.call import Call
from rolekeeper.service.registry import operation


@operation(resource=resources.everything, writes=True)
def create_account_alias(call: Call, *, account_alias: str) -> dict[str, Any]:
    """Give the account an alias, in place of the one that it has; EntityAlreadyExists where it is taken.

    Source: "Creating, deleting, and listing an AWS account alias" in the IAM User Guide.
    """
    aliases = call.tx.collection(AccountAlias)
    former, _ = aliases.page()
    aliases.add(AccountAlias(account=call.account, name=account_alias))
    for alias in former:
        aliases.delete(alias)
    return {}


@operation(resource=resources.everything, writes=True)
def delete_account_alias(call: Call, *, account_alias: str) -> dict[str, Any]:
    """Take the alias away."""
    aliases = call.tx.collection(AccountAlias)
    aliases.delete(aliases.get(account_alias))
    return {}


@operation(resource=resources.everything)
def list_account_aliases(
    call: Call, *, marker: str | None = None, max_items: int | None = None
) -> dict[str, Any]:
    """The alias as a list of one, or an empty list."""
    return paging.of_collection(
        call.tx.collection(AccountAlias),
        "AccountAliases",
        lambda alias: alias.name,
        marker=marker,
        max_items=max_items,
    )
