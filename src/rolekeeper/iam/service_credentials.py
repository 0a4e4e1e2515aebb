"""Service-specific credentials: a password or an API key of a user, for one service only.

What is secret is in the keyring: it is shown when it is made, or made anew, and never again.
Source: "CreateServiceSpecificCredential" in the IAM API Reference; "API keys for AWS services" in the IAM
User Guide.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from datetime import datetime

from rolekeeper.iam.entities import Entity
from rolekeeper.iam.secret import Secret

WITH_PASSWORDS = frozenset({"codecommit.amazonaws.com", "cassandra.amazonaws.com"})
"""The services to which a user name and a password are shown."""

API_KEYS: Mapping[str, str] = {"bedrock.amazonaws.com": "ABSK", "logs.amazonaws.com": "ACWL"}
"""The services to which an API key is shown, with how it begins; these keys may expire."""


class ServiceCredential(Entity, frozen=True, kw_only=True, omit_defaults=True):
    """A credential of a user for a service. `login` is its public half: a user name, or a key's alias."""

    kind = "service-credential"
    noun = "service specific credential"
    folds = False
    missing = "No such credential {name} exists"
    taken = "Service specific credential with id {name} already exists."

    id: str
    service: str
    login: str
    active: bool = True
    created: datetime
    expires: datetime | None = None

    @property
    def key(self) -> str:
        return self.id

    @property
    def unique_id(self) -> str | None:
        return self.id

    def status(self, now: datetime) -> str:
        """`Active`, `Inactive` or `Expired`."""
        if self.expires is not None and now >= self.expires:
            return "Expired"
        return "Active" if self.active else "Inactive"


def supported(service: str) -> bool:
    """Whether a service has credentials of its own."""
    return service in WITH_PASSWORDS or service in API_KEYS


def login_of(user_name: str, account: str, number: int) -> str:
    """The public half of a user's credential: `jane-at-123456789012`, then `jane+1-at-123456789012` ..."""
    return f"{user_name}{f'+{number}' if number else ''}-at-{account}"


def new_secret(service: str, login: str) -> Secret:
    """A new password, or a new API key: that has its alias in it."""
    password = base64.b64encode(secrets.token_bytes(32)).decode("ascii")
    start = API_KEYS.get(service)
    if start is None:
        return Secret(password)
    return Secret(start + base64.b64encode(f"{login}:{password}".encode()).decode("ascii"))
