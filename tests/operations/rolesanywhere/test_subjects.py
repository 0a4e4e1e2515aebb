"""Subjects: who has come, and with which certificates."""

from __future__ import annotations

from tests.anywhere import Machine, name
from tests.operations.rolesanywhere.site import ROOT, Site, client
from tests.people import allow, refused, user


def test_a_subject_is_made_by_coming_and_remembers_its_certificates(site: Site) -> None:
    subject = name("web", ORGANIZATION_NAME="Example")
    old, new = Machine(subject, ROOT), Machine(subject, ROOT)
    first = site.ask(old)[1]["subjectArn"]
    site.world.advance(60)
    assert site.ask(new)[1]["subjectArn"] == first
    (summary,) = site.client.list_subjects()["subjects"]
    assert (summary["subjectArn"], summary["x509Subject"]) == (first, "CN=web,O=Example")
    found = site.client.get_subject(subjectId=summary["subjectId"])["subject"]
    numbers = [each["serialNumber"] for each in found["credentials"]]
    assert numbers == [str(each.certificate.serial_number) for each in (new, old)]
    assert found["credentials"][0]["x509CertificateData"] == new.pem
    assert found["lastSeenAt"] > found["createdAt"]


def test_who_is_refused_is_no_subject(site: Site) -> None:
    site.refused(Machine("web"), "Untrusted")
    assert site.client.list_subjects()["subjects"] == []


def test_a_subject_remembers_ten_certificates(site: Site) -> None:
    for _ in range(12):
        site.session(Machine("web", ROOT))
    (summary,) = site.client.list_subjects()["subjects"]
    found = site.client.get_subject(subjectId=summary["subjectId"])["subject"]
    assert len(found["credentials"]) == 10


def test_reading_a_subject_needs_the_right_to(site: Site) -> None:
    arn = site.ask(Machine("web", ROOT))[1]["subjectArn"]
    identifier = arn.rpartition("/")[2]
    client(user(site.root, "alice", allow("rolesanywhere:GetSubject", on=arn))).get_subject(
        subjectId=identifier
    )
    with refused("AccessDeniedException", 403, "rolesanywhere:GetSubject"):
        client(user(site.root, "bob")).get_subject(subjectId=identifier)
    with refused("ResourceNotFoundException", 404):
        site.client.get_subject(subjectId=site.anchor["trustAnchorId"])
