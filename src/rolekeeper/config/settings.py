"""`Settings`: what a server is told, as one frozen value whose parts go together."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rolekeeper.config.backend_keys import BackendAccess
from rolekeeper.config.seed import SeedAccount
from rolekeeper.errors import ConfigurationError

RAISABLE_LIMITS = (
    "roles",
    "groups",
    "policies",
    "instance_profiles",
    "server_certificates",
    "policies_per_role",
    "policies_per_user",
    "policies_per_group",
    "trust_policy_size",
    "oidc_providers",
    "organization_accounts",
)
"""The quotas that AWS raises on request (`iam.limits` has their defaults): the keys of `[limits]`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a server is told. Raises ConfigurationError where two settings do not go together."""

    host: str = "127.0.0.1"
    """The address to listen on. Anything but loopback needs `tls_cert` and `tls_key`, or `insecure`."""
    port: int = 4566
    """The TCP port; 0 takes a free one."""
    data: Path | None = None
    """The folder of the state. Exactly one of `data`, `database_url` and `ephemeral` is set."""
    database_url: str | None = None
    """`sqlite:///FOLDER/rolekeeper.db`: the same as `data`, as a URL."""
    ephemeral: bool = False
    """State in memory, gone at the end; with the routes that reset it and move the clock."""
    account: str = "123456789012"
    """The number of the account that is made at first start."""
    root_access_key_id: str | None = None
    """The root access key of that account, in place of a random one. With its secret, or not at all."""
    root_secret_access_key: str | None = field(default=None, repr=False)
    """The secret of `root_access_key_id`."""
    seed: tuple[SeedAccount, ...] = ()
    """Further accounts; the flag, the variable and the file give the path of a TOML file."""
    insecure: bool = False
    """Listen on other addresses than loopback without TLS."""
    tls_cert: Path | None = None
    """The certificate chain in PEM. With its key, or not at all."""
    tls_key: Path | None = None
    """The private key in PEM."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses and networks of proxies before the server, with commas. Where a request through one of them
    comes from, and whether by TLS, is what it says in `X-Forwarded-For` and `X-Forwarded-Proto`."""
    key: bytes | None = field(default=None, repr=False)
    """The 32 bytes that encrypt secrets at rest (in the environment only, base64); else a key file does."""
    audit_sync: bool = False
    """Wait for the disk with every event, those of calls that changed nothing included."""
    simulator_ignores_trust: bool = False
    """The policy simulator leaves roles' trust policies out of `sts:AssumeRole*`, as AWS's does."""
    encoded_denials: bool = False
    """Refusals in one's own account end with an encoded authorization message, as those of EC2 do."""
    iam_any_region: bool = False
    """IAM takes signatures for any region, as SDKs make them that are given an endpoint and a region."""
    federation_hosts: Mapping[str, str] = field(default_factory=dict)
    """Hosts of identity providers that may be private: `HOST` or `HOST=ADDRESS[:PORT]`, with commas."""
    issuer_url: str | None = None
    """An `https` URL under which others find the issuers of accounts' tokens, in place of AWS's."""
    backend: Mapping[str, str] = field(default_factory=dict)
    """What stands behind the gateway: `SERVICE=URL`, with commas; `*` is every other service, and `embedded`
    and `none` stand in place of a URL. What is not named is embedded, where that is installed."""
    backend_keys: tuple[BackendAccess, ...] = ()
    """Access keys at backends; the flag, the variable and the file give the path of a TOML file."""
    backend_access_key_id: str | None = None
    """The access key of `account` at every backend, where the file of keys has none. With its secret."""
    backend_secret_access_key: str | None = field(default=None, repr=False)
    """The secret of `backend_access_key_id`."""
    unclassified: str = "deny"
    """What becomes of requests of which the gateway does not know what they ask for: `deny` or `allow`."""
    observe: tuple[str, ...] = ()
    """Roles, by name or ARN, whose refused calls of services behind the gateway are let through."""
    limits: Mapping[str, int] = field(default_factory=dict)
    """Raised quotas by name (in the configuration file only, as `[limits]`)."""

    def __post_init__(self) -> None:
        if sum((self.data is not None, self.database_url is not None, self.ephemeral)) != 1:
            raise ConfigurationError("the state needs one place: data, database_url or ephemeral")
        if (self.root_access_key_id is None) != (self.root_secret_access_key is None):
            raise ConfigurationError("root_access_key_id and root_secret_access_key go together")
        if (self.backend_access_key_id is None) != (self.backend_secret_access_key is None):
            raise ConfigurationError("backend_access_key_id and backend_secret_access_key go together")
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ConfigurationError("tls_cert and tls_key go together")
        if not (is_loopback(self.host) or self.tls_cert or self.insecure):
            raise ConfigurationError(
                f"{self.host} is not a loopback address, and secrets would cross the network in the clear: "
                "give --tls-cert and --tls-key, or say --insecure if that is meant"
            )
        _refuse_twice("account", [self.account, *(account.id for account in self.seed)])
        keys = [account.root_access_key_id for account in self.seed]
        _refuse_twice("access key", [self.root_access_key_id, *keys] if self.root_access_key_id else keys)

    @property
    def database(self) -> Path | None:
        """The folder of the database; None where the state is in memory."""
        if self.database_url is not None:
            return Path(self.database_url.removeprefix("sqlite:///")).parent
        return self.data


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself: `localhost` or a loopback address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _refuse_twice(kind: str, names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise ConfigurationError(f"the {kind} {name} stands twice among the settings and the seed")
