"""Users and workloads of providers outside, by OpenID Connect: rows SR-033, 122, 124, 126 and 130."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.client import ACCOUNT, LocalWorld, Person
from tests.issuers import Issuer, SigningKey
from tests.people import allow, refused, role, trusting, user

requirement = pytest.mark.requirement
WEB = "sts:AssumeRoleWithWebIdentity"
REFUSED = f"Not authorized to perform {WEB}"


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    """An issuer such as Entra ID's, one of many tenants of a host."""
    with Issuer("login.example", "/tenant-1/v2.0") as found:
        yield found


@pytest.fixture
def there(issuer: Issuer, world_with: Callable[..., LocalWorld]) -> LocalWorld:
    """A server whose quota of users is used up, with a provider."""
    world = world_with(federation_hosts=issuer.hosts, limits={"users": 1})
    world.root.iam.create_user(UserName="only")
    world.root.iam.create_open_id_connect_provider(
        Url=issuer.url, ClientIDList=["app"], ThumbprintList=[issuer.thumbprint]
    )
    return world


def own(issuer: Issuer) -> dict[str, str]:
    return {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer.name}"}


def become(world: LocalWorld, token: str, name: str = "app") -> Person:
    answer = Person(world, "", "").unsigned_sts.assume_role_with_web_identity(
        RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{name}", RoleSessionName="session", WebIdentityToken=token
    )
    return world.person(answer["Credentials"])


@requirement("SR-033")
def test_sr_033_a_trust_policy_names_an_openid_connect_provider(there: LocalWorld, issuer: Issuer) -> None:
    role(there.root, "app", trusting(own(issuer), WEB))
    role(there.root, "dev", there.root.account)
    become(there, issuer.token(aud="app"))
    with refused("AccessDenied", 403, REFUSED):
        become(there, issuer.token(aud="app"), "dev")


@requirement("SR-033")
def test_sr_033_an_openid_connect_provider_that_is_not_there_is_no_principal(
    there: LocalWorld, issuer: Issuer
) -> None:
    missing = {"Federated": own(issuer)["Federated"].replace("tenant-1", "tenant-2")}
    with refused("MalformedPolicyDocument", 400, "Invalid principal in policy"):
        role(there.root, "app", trusting(missing, WEB))


@requirement("SR-122")
def test_sr_122_a_user_of_a_provider_assumes_a_role(there: LocalWorld, issuer: Issuer) -> None:
    asked = {"StringEquals": {f"{issuer.name}:aud": "app", f"{issuer.name}:tid": "tenant-1"}}
    role(there.root, "app", trusting(own(issuer), WEB, Condition=asked), allow("iam:ListRoles"))
    become(there, issuer.token(aud="app", tid="tenant-1")).iam.list_roles()
    forged = SigningKey("first").sign(issuer.claims(aud="app", tid="tenant-1"))
    elsewhere = issuer.token(aud="app", tid="tenant-1", iss="https://login.example/tenant-2/v2.0")
    for token, code, status in (
        (issuer.token(aud="app", tid="tenant-2"), "AccessDenied", 403),
        (issuer.token(aud="other", tid="tenant-1"), "InvalidIdentityToken", 400),
        (forged, "InvalidIdentityToken", 400),
        (elsewhere, "InvalidIdentityToken", 400),
    ):
        with refused(code, status):
            become(there, token)


@requirement("SR-122")
def test_sr_122_a_user_of_google_assumes_a_role_without_a_provider(
    world_with: Callable[..., LocalWorld], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Issuer("accounts.google.com") as google:
        address, port = google.hosts["accounts.google.com"].split(":")
        known = tmp_path / "authorities.pem"
        known.write_text(ssl.get_server_certificate((address, int(port))))
        monkeypatch.setenv("SSL_CERT_FILE", str(known))
        world = world_with(federation_hosts=google.hosts)
        asked = {"StringEquals": {"accounts.google.com:aud": "app"}}
        role(world.root, "app", trusting({"Federated": "accounts.google.com"}, WEB, Condition=asked))
        become(world, google.token(aud="app"))
        with refused("AccessDenied", 403, REFUSED):
            become(world, google.token(aud="other"))


@requirement("SR-124")
def test_sr_124_a_token_reaches_nothing_but_through_a_role(there: LocalWorld, issuer: Issuer) -> None:
    role(there.root, "app", trusting(own(issuer), WEB), allow("iam:ListRoles"))
    token = issuer.token(aud="app")
    with refused("InvalidClientTokenId", 403):
        Person(there, "ASIA0000000000000000", "secret", token).iam.list_roles()
    session = become(there, token)
    session.iam.list_roles()
    with refused("AccessDenied", 403, "iam:ListUsers"):
        session.iam.list_users()


@requirement("SR-126", "SR-130")
def test_sr_126_very_many_users_reach_what_is_theirs(there: LocalWorld, issuer: Issuer) -> None:
    mine = f"arn:aws:iam::{ACCOUNT}:role/riders/${{{issuer.name}:sub}}"
    role(there.root, "app", trusting(own(issuer), WEB), allow("iam:GetRole", on=mine))
    with refused("LimitExceeded", 409):
        user(there.root, "one-more")
    names = [f"rider-{number}" for number in range(20)]
    for name in names:
        role(there.root, name, there.root.account, Path="/riders/")
    for name, other in pairwise(names):
        rider = become(there, issuer.token(aud="app", sub=name))
        rider.iam.get_role(RoleName=name)
        with refused("AccessDenied", 403, "iam:GetRole"):
            rider.iam.get_role(RoleName=other)


@requirement("SR-130")
def test_sr_130_who_comes_in_need_not_be_known_but_vouched_for(there: LocalWorld, issuer: Issuer) -> None:
    asked: dict[str, Any] = {"ForAnyValue:StringEquals": {f"{issuer.name}:groups": "riders"}}
    role(there.root, "app", trusting(own(issuer), WEB, Condition=asked))
    for number in range(5):
        become(there, issuer.token(aud="app", sub=f"unknown-{number}", groups=["all", "riders"]))
    with refused("AccessDenied", 403, REFUSED):
        become(there, issuer.token(aud="app", sub="unknown-0", groups=["all"]))
