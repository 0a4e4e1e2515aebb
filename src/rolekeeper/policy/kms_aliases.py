"""What a call about an alias of a KMS key asks for: the alias, and every key that it touches.

An alias can change what a policy with kms:ResourceAliases means, hence both. The alias is opened by identity
policies; a key also by its own policy, as every key is (`decision.door`). AWS's own aliases, `alias/aws/...`,
are no customer's to change, see `reserved`.
Source: "Controlling access to aliases" in the KMS Developer Guide.
"""

from __future__ import annotations

_ONE_KEY = {"kms:createalias": "kms:CreateAlias", "kms:deletealias": "kms:DeleteAlias"}
_UPDATE = "kms:UpdateAlias"


def alias_accesses(
    action: str, *, alias: str, key: str, new_key: str | None = None
) -> tuple[tuple[str, str], ...]:
    """The action and the resource of every access of a call, all by their ARNs.

    `key` is the one the alias stands for, or shall stand for; kms:UpdateAlias moves it to `new_key`.
    ValueError for an action that is not about aliases, and where `new_key` is missing or too much.
    """
    if action.lower() == _UPDATE.lower():
        if new_key is None:
            raise ValueError(f"{_UPDATE} moves the alias from one key to another: new_key is missing")
        return (_UPDATE, alias), (_UPDATE, key), (_UPDATE, new_key)
    name = _ONE_KEY.get(action.lower())
    if name is None or new_key is not None:
        raise ValueError(f"{action} is not about an alias of one key")
    return (name, alias), (name, key)
