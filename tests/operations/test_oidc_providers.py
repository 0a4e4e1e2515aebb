"""OpenID Connect providers: a URL that stands once in an account, audiences, thumbprints, tags."""

from __future__ import annotations

from typing import Any

import pytest

from tests.client import ACCOUNT, OTHER_ACCOUNT, Person
from tests.people import allow, deny, refused, user

URL = "https://token.actions.githubusercontent.com"
ARN = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
THUMBPRINT = "6938fd4d98bab03faadb97b34396831e3780aea1"
TAGS = [{"Key": "team", "Value": "build"}]

ON_ONE = [
    ("get_open_id_connect_provider", {}),
    ("delete_open_id_connect_provider", {}),
    ("add_client_id_to_open_id_connect_provider", {"ClientID": "new"}),
    ("remove_client_id_from_open_id_connect_provider", {"ClientID": "new"}),
    ("update_open_id_connect_provider_thumbprint", {"ThumbprintList": [THUMBPRINT]}),
    ("tag_open_id_connect_provider", {"Tags": TAGS}),
    ("untag_open_id_connect_provider", {"TagKeys": ["team"]}),
    ("list_open_id_connect_provider_tags", {}),
]


def action(operation: str) -> str:
    parts = ["ID" if word == "id" else word.capitalize() for word in operation.split("_")]
    return "iam:" + "".join(parts)


@pytest.fixture
def made(root: Person) -> str:
    answer = root.iam.create_open_id_connect_provider(Url=URL, ClientIDList=["sts.amazonaws.com"], Tags=TAGS)
    arn: str = answer["OpenIDConnectProviderArn"]
    return arn


@pytest.mark.parametrize(("operation", "arguments"), ON_ONE)
def test_each_operation_needs_its_permission(
    root: Person, made: str, operation: str, arguments: dict[str, Any]
) -> None:
    bob = user(root, "bob", allow("iam:*"), deny(action(operation), on=ARN))
    with refused(
        "AccessDenied", 403, f"perform: {action(operation)} on resource: {ARN} with an explicit deny"
    ):
        getattr(bob.iam, operation)(OpenIDConnectProviderArn=made, **arguments)
    eve = user(root, "eve", allow(action(operation), on=ARN))
    getattr(eve.iam, operation)(OpenIDConnectProviderArn=made, **arguments)


def test_creating_one_needs_the_permission_on_its_arn(root: Person) -> None:
    bob = user(root, "bob", allow("iam:CreateOpenIDConnectProvider", on=ARN))
    with refused("AccessDenied", 403, "on resource: arn:aws:iam::111111111111:oidc-provider/evil.example"):
        bob.iam.create_open_id_connect_provider(Url="https://evil.example")
    with refused("AccessDenied", 403, "iam:TagOpenIDConnectProvider"):
        bob.iam.create_open_id_connect_provider(Url=URL, Tags=TAGS)
    assert bob.iam.create_open_id_connect_provider(Url=URL)["OpenIDConnectProviderArn"] == ARN


def test_a_tag_can_be_the_condition(root: Person, made: str) -> None:
    tied = {"StringEquals": {"aws:ResourceTag/team": "build"}}
    bob = user(root, "bob", allow("iam:GetOpenIDConnectProvider", Condition=tied))
    root.iam.create_open_id_connect_provider(Url="https://other.example")
    assert bob.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=made)
    with refused("AccessDenied", 403):
        bob.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=ARN.replace(URL[8:], "other.example"))


@pytest.mark.parametrize(
    "url",
    [
        "http://idp.example",
        "idp.example",
        "https://",
        "https://idp.example:8443",
        "https://idp.example?tenant=1",
        "https://idp.example/#x",
        "https://bob@idp.example",
        "https://idp.example/a b",
        "https://idp.example\n",
    ],
)
def test_what_is_no_https_url_of_an_issuer_is_refused(root: Person, url: str) -> None:
    with refused("ValidationError", 400, "Invalid Open ID Connect Provider URL"):
        root.iam.create_open_id_connect_provider(Url=url)


def test_a_url_stands_once_in_an_account(root: Person, other: Person, made: str) -> None:
    with refused("EntityAlreadyExists", 409, f"Provider with url {URL} already exists."):
        root.iam.create_open_id_connect_provider(Url=URL)
    theirs = other.iam.create_open_id_connect_provider(Url=URL)["OpenIDConnectProviderArn"]
    assert theirs == ARN.replace(ACCOUNT, OTHER_ACCOUNT)


@pytest.mark.parametrize("thumbprints", [["z" * 40], [THUMBPRINT, "é" * 40]])
def test_a_thumbprint_is_a_hash(root: Person, thumbprints: list[str]) -> None:
    with refused("InvalidInput", 400, "is not the hexadecimal SHA-1 hash"):
        root.iam.create_open_id_connect_provider(Url=URL, ThumbprintList=thumbprints)


def test_there_are_at_most_five_thumbprints(root: Person, made: str) -> None:
    six = [f"{number:040x}" for number in range(6)]
    with refused("InvalidInput", 400, "Thumbprint list must contain fewer than 5 entries."):
        root.iam.update_open_id_connect_provider_thumbprint(OpenIDConnectProviderArn=made, ThumbprintList=six)
    root.iam.update_open_id_connect_provider_thumbprint(OpenIDConnectProviderArn=made, ThumbprintList=six[1:])
    found = root.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=made)
    assert found["ThumbprintList"] == six[1:]


def test_there_are_at_most_a_hundred_audiences(root: Person) -> None:
    hundred = [f"client-{number}" for number in range(100)]
    quota = "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100"
    with refused("LimitExceeded", 409, quota):
        root.iam.create_open_id_connect_provider(Url=URL, ClientIDList=[*hundred, "more"])
    root.iam.create_open_id_connect_provider(Url=URL, ClientIDList=hundred)
    with refused("LimitExceeded", 409, quota):
        root.iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=ARN, ClientID="more")


def test_there_are_at_most_a_hundred_providers(world_with: Any) -> None:
    iam = world_with(limits={"oidc_providers": 1}).root.iam
    iam.create_open_id_connect_provider(Url=URL)
    with refused("LimitExceeded", 409, "Cannot exceed quota for OpenIdConnectProvidersPerAccount: 1"):
        iam.create_open_id_connect_provider(Url="https://idp.example")
    with refused("EntityAlreadyExists", 409):
        iam.create_open_id_connect_provider(Url=URL)


@pytest.mark.parametrize(("operation", "arguments"), ON_ONE)
def test_one_that_is_not_there(root: Person, operation: str, arguments: dict[str, Any]) -> None:
    call = getattr(root.iam, operation)
    if operation.startswith("delete"):  # "This operation is idempotent"
        call(OpenIDConnectProviderArn=ARN)
    else:
        with refused("NoSuchEntity", 404, f"OpenIDConnect Provider not found for arn {ARN}"):
            call(OpenIDConnectProviderArn=ARN, **arguments)
    with refused("ValidationError", 400, "is not valid"):
        call(OpenIDConnectProviderArn=f"arn:aws:iam::{ACCOUNT}:saml-provider/x", **arguments)


@pytest.mark.parametrize(("operation", "arguments"), ON_ONE)
def test_another_account_has_no_say(
    root: Person, other: Person, made: str, operation: str, arguments: dict[str, Any]
) -> None:
    with refused("AccessDenied", 403):
        getattr(other.iam, operation)(OpenIDConnectProviderArn=made, **arguments)
    assert root.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=made)["Tags"] == TAGS


def test_it_is_shown_without_its_scheme(root: Person, made: str) -> None:
    found = root.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=made)
    assert found["Url"] == "token.actions.githubusercontent.com"
    assert found["ClientIDList"] == ["sts.amazonaws.com"]
    assert found["CreateDate"]


def test_nobody_looks_for_a_thumbprint_that_was_not_given(root: Person, made: str) -> None:
    assert root.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=made)["ThumbprintList"] == []


def test_audiences_come_and_go_and_neither_is_an_error_twice(root: Person, made: str) -> None:
    for _ in range(2):
        root.iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=made, ClientID="app")
    found = root.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=made)
    assert found["ClientIDList"] == ["sts.amazonaws.com", "app"]
    for _ in range(2):
        root.iam.remove_client_id_from_open_id_connect_provider(OpenIDConnectProviderArn=made, ClientID="app")
    found = root.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=made)
    assert found["ClientIDList"] == ["sts.amazonaws.com"]


def test_all_are_listed_and_a_deleted_one_is_not(root: Person, made: str) -> None:
    with_path = root.iam.create_open_id_connect_provider(Url="https://idp.example/realms/a")
    arns = [ARN.replace(URL[8:], "idp.example/realms/a"), ARN]
    assert with_path["OpenIDConnectProviderArn"] == arns[0]
    listed = root.iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    assert listed == [{"Arn": arn} for arn in arns]
    root.iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=made)
    assert len(root.iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]) == 1


def test_listing_needs_the_permission(root: Person) -> None:
    bob, eve = user(root, "bob"), user(root, "eve", allow("iam:ListOpenIDConnectProviders"))
    with refused("AccessDenied", 403, f"arn:aws:iam::{ACCOUNT}:oidc-provider/*"):
        bob.iam.list_open_id_connect_providers()
    assert eve.iam.list_open_id_connect_providers()["OpenIDConnectProviderList"] == []


def test_tags_are_sorted_and_paged(root: Person, made: str) -> None:
    root.iam.tag_open_id_connect_provider(
        OpenIDConnectProviderArn=made, Tags=[{"Key": "TEAM", "Value": "ops"}, {"Key": "A", "Value": ""}]
    )
    tags = [{"Key": "A", "Value": ""}, {"Key": "TEAM", "Value": "ops"}]
    assert root.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=made)["Tags"] == tags
    page = root.iam.list_open_id_connect_provider_tags(OpenIDConnectProviderArn=made, MaxItems=1)
    assert (page["Tags"], page["IsTruncated"]) == (tags[:1], True)
    rest = root.iam.list_open_id_connect_provider_tags(OpenIDConnectProviderArn=made, Marker=page["Marker"])
    assert (rest["Tags"], rest["IsTruncated"]) == (tags[1:], False)
    root.iam.untag_open_id_connect_provider(OpenIDConnectProviderArn=made, TagKeys=["team"])
    assert root.iam.list_open_id_connect_provider_tags(OpenIDConnectProviderArn=made)["Tags"] == tags[:1]
