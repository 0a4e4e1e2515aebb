"""Central management of root users, asked for by accounts outside of organizations."""

from __future__ import annotations

import pytest

from tests.client import Person
from tests.people import allow, refused, user

OPERATIONS = {
    "ListOrganizationsFeatures": "list_organizations_features",
    "EnableOrganizationsRootCredentialsManagement": "enable_organizations_root_credentials_management",
    "DisableOrganizationsRootCredentialsManagement": "disable_organizations_root_credentials_management",
    "EnableOrganizationsRootSessions": "enable_organizations_root_sessions",
    "DisableOrganizationsRootSessions": "disable_organizations_root_sessions",
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_needs_its_permission(root: Person, name: str) -> None:
    bob = user(root, "bob", allow(*(f"iam:{one}" for one in OPERATIONS if one != name)))
    with refused("AccessDenied", 403, f"iam:{name} on resource: *"):
        getattr(bob.iam, OPERATIONS[name])()


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_account_outside_of_organizations(root: Person, name: str) -> None:
    bob = user(root, "bob", allow(f"iam:{name}"))
    with refused("OrganizationNotFoundException", 400, root.account):
        getattr(bob.iam, OPERATIONS[name])()
