"""Revocation lists of trust anchors."""

from __future__ import annotations

import pytest

from tests.anywhere import Machine, authority
from tests.operations.rolesanywhere.site import ROOT, Site, client
from tests.people import allow, refused, user

BAD = Machine("bad", ROOT)


def imported(site: Site, data: bytes | None = None, **more: object) -> dict[str, object]:
    given = {
        "name": "r",
        "crlData": data or ROOT.revoking(BAD),
        "trustAnchorArn": site.anchor["trustAnchorArn"],
    } | more
    crl: dict[str, object] = site.client.import_crl(**given)["crl"]
    return crl


def test_a_list_from_importing_to_deleting(site: Site) -> None:
    made = imported(site)
    identifier = made["crlId"]
    assert (made["enabled"], made["trustAnchorArn"]) == (False, site.anchor["trustAnchorArn"])
    assert site.client.get_crl(crlId=made["crlArn"])["crl"] == made
    assert made["crlData"] == ROOT.revoking(BAD) or b"X509 CRL" in made["crlData"]  # type: ignore[operator]
    newer = ROOT.revoking()
    changed = site.client.update_crl(crlId=identifier, name="s", crlData=newer)["crl"]
    assert (changed["name"], changed["crlData"]) == ("s", newer)
    assert site.client.enable_crl(crlId=identifier)["crl"]["enabled"]
    assert [each["crlId"] for each in site.client.list_crls()["crls"]] == [identifier]
    site.client.delete_crl(crlId=identifier)
    with refused("ResourceNotFoundException", 404):
        site.client.get_crl(crlId=identifier)


@pytest.mark.parametrize(
    "data", [b"x", authority("root").revoking(BAD), ROOT.pem.encode(), ROOT.revoking() * 2]
)
def test_what_is_no_list_of_the_anchor_is_refused(site: Site, data: bytes) -> None:
    with refused("ValidationException", 400, "Invalid certificate revocation list"):
        imported(site, data)
    made = imported(site)
    with refused("ValidationException", 400, "Invalid certificate revocation list"):
        site.client.update_crl(crlId=made["crlId"], crlData=data)


def test_an_anchor_has_two_lists_at_most(site: Site) -> None:
    made = [imported(site), imported(site)]
    with refused("ValidationException", 400, "at most 2"):
        imported(site)
    site.client.delete_crl(crlId=made[0]["crlId"])
    imported(site)


def test_the_anchor_is_named_by_its_own_arn(site: Site) -> None:
    anchor = site.add_anchor(ROOT, aliasName="ca")
    for arn in (anchor["aliasArn"], anchor["trustAnchorArn"][:-1] + "x"):
        with refused("ResourceNotFoundException", 404):
            imported(site, trustAnchorArn=arn)


def test_lists_are_held_to_policies_of_their_own(site: Site) -> None:
    made = imported(site)
    alice = client(user(site.root, "alice", allow("rolesanywhere:EnableCrl", on=str(made["crlArn"]))))
    alice.enable_crl(crlId=made["crlId"])
    for call in (alice.disable_crl, alice.delete_crl, alice.get_crl):
        with refused("AccessDeniedException", 403):
            call(crlId=made["crlId"])
