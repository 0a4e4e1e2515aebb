"""Whose key a command signs with: the root user's of a running server, or what the environment has.

The root key is in the server's file where it is ephemeral, else in its store.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from rolekeeper.cli.running import Running
from rolekeeper.config import load
from rolekeeper.errors import ConfigurationError, StoreError, UsageError
from rolekeeper.iam.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessPair:
    """An access key ID and its secret; of a session its token, too."""

    access_key_id: str
    secret: Secret
    token: Secret | None = None


def root_key(server: Running, environment: Mapping[str, str], account: str | None = None) -> AccessPair:
    """The root access key of an account, the server's own if none is named. Raises ConfigurationError or
    StoreError."""
    if server.data is not None:
        return _stored(Path(server.data), account or server.account, environment)
    if account not in (None, server.account):
        raise ConfigurationError(
            f"the root access key of account {account} is not known: put keys of that account into the "
            "environment, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        )
    if server.access_key_id is None or server.secret_access_key is None:
        raise ConfigurationError(f"the server on port {server.port} does not say its root access key")
    return AccessPair(access_key_id=server.access_key_id, secret=Secret(server.secret_access_key))


def operators_key(server: Running, environment: Mapping[str, str]) -> AccessPair:
    """The key of who gives a command: the one in the environment, as of the AWS CLI, else the root user's.

    Raises UsageError where the environment names a profile, which would be somebody else's key.
    """
    key = environments_key(environment)
    if key is not None:
        return key
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
        if environment.get(name):
            raise UsageError(
                f"{name} is set, and profiles are not read; put the keys into the environment: "
                'eval "$(aws configure export-credentials --format env)"'
            )
    return root_key(server, environment)


def environments_key(environment: Mapping[str, str]) -> AccessPair | None:
    """The key in the environment, as of the AWS CLI; None where there is none. UsageError for half of one."""
    key_id, secret = (environment.get(f"AWS_{name}") for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"))
    if key_id and secret:
        token = environment.get("AWS_SESSION_TOKEN")
        return AccessPair(access_key_id=key_id, secret=Secret(secret), token=Secret(token) if token else None)
    if key_id or secret:
        raise UsageError("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are only set together")
    return None


def _stored(data: Path, account: str, environment: Mapping[str, str]) -> AccessPair:
    from rolekeeper.iam.entities import AccessKey
    from rolekeeper.store import open_reader

    master = load(flags={"data": data}, environment=environment).key
    with closing(open_reader(data, master)) as store, store.read() as tx:
        if not tx.has_account(account):
            raise ConfigurationError(f"the server has no account {account}")
        state = tx.account(account)
        for key_id in state.links.targets("key", ""):
            key, secret = state.access_keys.find(key_id), state.secrets.get(AccessKey.kind, key_id)
            if key is not None and key.user is None and key.active and secret is not None:
                return AccessPair(access_key_id=key_id, secret=secret)
    raise StoreError(f"the root user of account {account} has no active access key")
