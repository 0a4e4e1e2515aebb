"""Machines with certificates outside of AWS: rows SR-011 and SR-133, through IAM Roles Anywhere."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.anywhere import Machine, authority
from tests.client import LocalWorld
from tests.operations.rolesanywhere.site import ROOT, Site
from tests.people import refused

requirement = pytest.mark.requirement

MIDDLE = authority("middle", ROOT)


@pytest.fixture
def site(local: LocalWorld) -> Site:
    return Site(local)


@requirement("SR-011")
def test_sr_011_a_machine_outside_of_aws_assumes_a_role(site: Site) -> None:
    person = site.person(Machine("web", MIDDLE), chain=[MIDDLE])
    assert ":assumed-role/app/" in person.arn
    person.iam.get_role(RoleName="app")
    with refused("AccessDenied", 403, "no identity-based policy allows the iam:ListUsers action"):
        person.iam.list_users()


@requirement("SR-011")
def test_sr_011_a_machine_that_the_role_does_not_trust_is_refused(site: Site) -> None:
    site.retrust(site.trust({"StringEquals": {"aws:PrincipalTag/x509Subject/CN": "web"}}))
    site.session(Machine("web", ROOT))
    site.refused(Machine("mail", ROOT), "Not authorized to perform sts:AssumeRole")
    site.refused(Machine("web", authority("root")), "Untrusted signing certificate")


@requirement("SR-133")
def test_sr_133_each_session_has_other_credentials_and_ends(site: Site) -> None:
    machine = Machine("web", ROOT)
    first = site.person(machine)
    site.world.advance(3000)
    second = site.person(machine)
    assert first.key_id != second.key_id
    site.world.advance(700)
    with refused("ExpiredToken", 403):
        first.sts.get_caller_identity()
    second.sts.get_caller_identity()


@requirement("SR-133")
def test_sr_133_a_renewed_certificate_goes_on_where_the_old_one_ends(site: Site) -> None:
    old, new = Machine("web", ROOT, ends=timedelta(hours=1)), Machine("web", ROOT)
    site.session(old)
    site.world.advance(2 * 3600)
    site.refused(old, "has expired")
    site.session(new)
