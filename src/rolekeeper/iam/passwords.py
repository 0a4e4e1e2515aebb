"""Passwords of users: how they are kept, and which ones a policy lets through.

A password is kept as an Argon2id hash, in the keyring, with those before it. All hashes of a user share one
salt, so that a new password is held against twenty-four old ones by making one hash and not twenty-five.
Source: RFC 9106 (Argon2); the OWASP Password Storage Cheat Sheet for the costs: 19 MiB and two passes, some
50 ms on a core of today, which the changes behind it wait for.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from datetime import datetime
from typing import ClassVar

import msgspec

from rolekeeper.iam.entities import Entity
from rolekeeper.iam.secret import Secret

MOST_REMEMBERED = 24
"""The most passwords that a policy can forbid to use again; so many are kept, whatever the policy says."""

SYMBOLS = frozenset("!@#$%^&*()_+-=[]{}|'")
"""What counts as a symbol, and nothing else does."""

_PASSES, _KIBIBYTES, _LANES = 2, 19 * 1024, 1


class LoginProfile(Entity, frozen=True, kw_only=True, omit_defaults=True):
    """That a user has a password. It stands under the user's ID, so that another name changes nothing."""

    kind = "login-profile"
    noun = "login profile"
    folds = False

    user: str
    created: datetime
    changed: datetime
    reset_required: bool = False

    @property
    def key(self) -> str:
        return self.user


class PasswordPolicy(Entity, frozen=True, kw_only=True, omit_defaults=True):
    """What the account asks of its users' passwords; there is one, or none."""

    kind = "password-policy"
    noun = "account policy"
    folds = False
    missing = "The account policy with name {name} cannot be found."
    name: ClassVar[str] = "PasswordPolicy"

    minimum_length: int = 6
    symbols: bool = False
    numbers: bool = False
    uppercase: bool = False
    lowercase: bool = False
    users_may_change: bool = False
    max_age: int | None = None
    remembered: int | None = None
    hard_expiry: bool | None = None

    @property
    def key(self) -> str:
        return self.name


def conforms(password: str, policy: PasswordPolicy | None, account_name: str) -> bool:
    """Whether a password is such as the account's policy asks for, or AWS's where there is none.

    Source: "Set an account password policy for IAM users" in the IAM User Guide.
    """
    uppercase = any("A" <= one <= "Z" for one in password)
    lowercase = any("a" <= one <= "z" for one in password)
    numbers = any("0" <= one <= "9" for one in password)
    symbols = not SYMBOLS.isdisjoint(password)
    if policy is None:
        kinds = uppercase + lowercase + numbers + symbols
        return len(password) >= 8 and kinds >= 3 and password.casefold() != account_name.casefold()
    return (
        len(password) >= policy.minimum_length
        and uppercase >= policy.uppercase
        and lowercase >= policy.lowercase
        and numbers >= policy.numbers
        and symbols >= policy.symbols
    )


class Passwords:
    """The hashes of one user's passwords, the one in force first."""

    __slots__ = ("_hashes",)

    def __init__(self, hashes: tuple[str, ...] = ()) -> None:
        self._hashes = hashes

    @classmethod
    def opened(cls, kept: Secret | None) -> Passwords:
        """Those that `sealed` gave, or none."""
        return cls() if kept is None else cls(msgspec.json.decode(kept.reveal(), type=tuple[str, ...]))

    def sealed(self) -> Secret:
        """What the keyring keeps."""
        return Secret(msgspec.json.encode(self._hashes).decode())

    def is_current(self, password: str) -> bool:
        """Whether it is the one in force; compared in constant time."""
        return bool(self._hashes) and _matches(self._hashes[0], password)

    def renewed(self, password: str, *, unlike: int) -> Passwords | None:
        """With that password in force; None where it is one of the last `unlike`."""
        made = _hash(password, self._salt())
        # All of them are compared, so that the time does not tell which one it was.
        if sum(_same(old, made, password) for old in self._hashes[:unlike]):
            return None
        return Passwords((made, *self._hashes)[:MOST_REMEMBERED])

    def _salt(self) -> bytes:
        if not self._hashes:
            return secrets.token_bytes(16)
        salt = self._hashes[0].split("$")[4]  # after an empty field, the kind, the version and the costs
        return base64.b64decode(salt + "=" * (-len(salt) % 4))


# Argon2 is imported at the first password: a server starts without it.


def _hash(password: str, salt: bytes) -> str:
    from argon2.low_level import Type, hash_secret

    made = hash_secret(
        password.encode(),
        salt,
        time_cost=_PASSES,
        memory_cost=_KIBIBYTES,
        parallelism=_LANES,
        hash_len=32,
        type=Type.ID,
    )
    return made.decode()


def _same(old: str, made: str, password: str) -> bool:
    """Whether an old hash is of the password of which `made` is one."""
    if old.rpartition("$")[0] == made.rpartition("$")[0]:
        return hmac.compare_digest(old, made)
    return _matches(old, password)  # from a time of other costs


def _matches(kept: str, password: str) -> bool:
    from argon2.exceptions import VerifyMismatchError
    from argon2.low_level import Type, verify_secret

    try:
        return verify_secret(kept.encode(), password.encode(), Type.ID)
    except VerifyMismatchError:
        return False
