"""Central management of root users, which an organization has or has not.

No account here is in an organization yet, so that there is one answer. An account that is in one is asked
further: whether IAM has trusted access, whether it is the management account or the delegated administrator.
Source: "Centrally manage root access for member accounts" in the IAM User Guide.
"""

from __future__ import annotations

from typing import NoReturn

from rolekeeper.errors import OrganizationNotFound
from rolekeeper.operations import resources
from rolekeeper.service.call import Call
from rolekeeper.service.registry import operation


def organization_of(call: Call) -> NoReturn:
    """The organization that the caller's account is in."""
    raise OrganizationNotFound(f"No organization is associated with the account {call.account}.")


@operation(resource=resources.everything)
def list_organizations_features(call: Call) -> NoReturn:
    """List what is enabled."""
    organization_of(call)


@operation(resource=resources.everything, writes=True)
def enable_organizations_root_credentials_management(call: Call) -> NoReturn:
    """Let the management account manage the root users' credentials."""
    organization_of(call)


@operation(resource=resources.everything, writes=True)
def disable_organizations_root_credentials_management(call: Call) -> NoReturn:
    """Leave the root users' credentials to the accounts."""
    organization_of(call)


@operation(resource=resources.everything, writes=True)
def enable_organizations_root_sessions(call: Call) -> NoReturn:
    """Let the management account act as the root user of an account, for a task."""
    organization_of(call)


@operation(resource=resources.everything, writes=True)
def disable_organizations_root_sessions(call: Call) -> NoReturn:
    """Let it act so no more."""
    organization_of(call)
