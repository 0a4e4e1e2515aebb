"""What an account has switched on or chosen: one of each kind at most, with its name for its key."""

from __future__ import annotations

from typing import ClassVar

from rolekeeper.iam.entities import Entity

ISSUERS = ".tokens.sts.global.api.aws"
"""What the hosts of AWS's issuers end in, after the issuer's ID."""


class AccountSetting(Entity, frozen=True, kw_only=True, omit_defaults=True):
    """A setting of an account: there is one of its kind, or none where nobody has touched it."""

    folds = False

    name: ClassVar[str]

    @property
    def key(self) -> str:
        return self.name


class OutboundFederation(AccountSetting, frozen=True, kw_only=True, omit_defaults=True):
    """Whether the account's principals may have tokens for the world outside, and who issues them.

    The issuer is made when it is first enabled and stays for good: what it has signed must go on to be
    verifiable, and whoever trusts it trusts this account alone.
    """

    kind = "outbound-federation"
    noun = "outbound identity federation"
    name = "OutboundFederation"

    issuer_id: str
    """A random UUID: nobody finds an account's issuer by guessing."""
    enabled: bool = True

    @property
    def unique_id(self) -> str | None:
        return f"issuer:{self.issuer_id}"  # by which the account of an issuer is found

    @property
    def issuer(self) -> str:
        """The `iss` of the tokens. Source: "Outbound identity federation" in the IAM User Guide."""
        return f"https://{self.issuer_id}{ISSUERS}"

    def issuer_at(self, base: str | None) -> str:
        """The issuer, where the server has a URL of its own for issuers, or AWS's."""
        return self.issuer if base is None else f"{base}/{self.issuer_id}"


class TokenPreferences(AccountSetting, frozen=True, kw_only=True, omit_defaults=True):
    """Which version of tokens the global endpoint of STS gives."""

    kind = "token-preferences"
    noun = "token preferences"
    name = "TokenPreferences"

    version: int = 1


class RoleManager(AccountSetting, frozen=True, kw_only=True, omit_defaults=True):
    """Whether consoles may make roles from templates by themselves."""

    kind = "role-manager"
    noun = "role manager"
    name = "RoleManager"

    enabled: bool = False
