"""The access report asked for inside of an organization."""

from __future__ import annotations

from tests.operations.organizations.conftest import Org
from tests.people import refused

PATH = "o-a1b2c3d4e5/r-f6g7"


def test_a_member_has_no_report(org: Org) -> None:
    with refused("AccessDenied", 403, "Only an organization's management account"):
        org.member.iam.generate_organizations_access_report(EntityPath=PATH)


def test_the_management_account_is_told_that_it_is_not_here_yet(org: Org) -> None:
    org.root.organizations.enable_aws_service_access(ServicePrincipal="iam.amazonaws.com")
    with refused("NotImplemented", 501, "not here yet"):
        org.root.iam.generate_organizations_access_report(EntityPath=PATH)
