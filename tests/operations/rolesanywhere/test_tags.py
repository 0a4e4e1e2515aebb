"""Tags of all four kinds."""

from __future__ import annotations

from tests.anywhere import Machine
from tests.operations.rolesanywhere.site import ROOT, Site, client
from tests.people import allow, refused, user


def pairs(**tags: str) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in tags.items()]


def test_every_kind_has_tags(site: Site) -> None:
    anchor = site.anchor["trustAnchorArn"]
    crl = site.client.import_crl(name="r", crlData=ROOT.revoking(), trustAnchorArn=anchor)["crl"]["crlArn"]
    subject = site.ask(Machine("web", ROOT))[1]["subjectArn"]
    for arn in (anchor, crl, subject, site.profile["profileArn"]):
        site.client.tag_resource(resourceArn=arn, tags=pairs(a="1", b="2"))
        site.client.tag_resource(resourceArn=arn, tags=pairs(A="3"))
        assert site.client.list_tags_for_resource(resourceArn=arn)["tags"] == pairs(A="3", b="2")
        site.client.untag_resource(resourceArn=arn, tagKeys=["a"])
        assert site.client.list_tags_for_resource(resourceArn=arn)["tags"] == pairs(b="2")


def test_what_is_not_there_has_no_tags(site: Site) -> None:
    anchor = site.anchor["trustAnchorArn"]
    for arn in (anchor[:-1] + "x", anchor.replace("trust-anchor", "crl"), "x", "arn:aws:iam::1:role/x"):
        with refused("ResourceNotFoundException", 404):
            site.client.list_tags_for_resource(resourceArn=arn)


def test_tags_have_rules(site: Site) -> None:
    arn = site.anchor["trustAnchorArn"]
    with refused("ValidationException", 400, "Duplicate"):
        site.client.tag_resource(resourceArn=arn, tags=pairs(a="1", A="2"))
    with refused("ValidationException", 400, "reserved"):
        site.client.tag_resource(resourceArn=arn, tags=[{"key": "aws:x", "value": "1"}])
    for start in (0, 100):
        many = {f"k{number}": "v" for number in range(start, start + 100)}
        site.client.tag_resource(resourceArn=arn, tags=pairs(**many))
    with refused("TooManyTagsException", 400, "200"):
        site.client.tag_resource(resourceArn=arn, tags=pairs(more="1"))


def test_tagging_is_held_to_the_tags(site: Site) -> None:
    arn = site.anchor["trustAnchorArn"]
    only = {"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}
    alice = client(user(site.root, "alice", allow("rolesanywhere:*", on=arn, Condition=only)))
    alice.tag_resource(resourceArn=arn, tags=pairs(team="web"))
    alice.untag_resource(resourceArn=arn, tagKeys=["team"])
    for call in (
        lambda: alice.tag_resource(resourceArn=arn, tags=pairs(cost="1")),
        lambda: alice.untag_resource(resourceArn=arn, tagKeys=["cost"]),
    ):
        with refused("AccessDeniedException", 403):
            call()
