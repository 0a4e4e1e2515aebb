"""The issuers that people have, each with its shape of tokens: a real HTTPS server with keys of its own."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.client import LocalWorld
from tests.issuers import Issuer, SigningKey
from tests.operations.test_web_identity import AUDIENCE, federate, provider, trusting_role
from tests.people import policy, refused, trusting

WorldWith = Callable[..., LocalWorld]
NOT_ALLOWED = "Not authorized to perform sts:AssumeRoleWithWebIdentity"


@contextmanager
def issued(world_with: WorldWith, issuer: Issuer, *audiences: str) -> Iterator[LocalWorld]:
    """A server with a provider for an issuer."""
    with issuer:
        world = world_with(federation_hosts=issuer.hosts)
        provider(world.root, issuer, *audiences)
        yield world


GITHUB = "token.actions.githubusercontent.com"
GITHUB_CLAIMS = {
    "sub": "repo:octo/app:ref:refs/heads/main",
    "ref": "refs/heads/main",
    "repository": "octo/app",
    "repository_owner": "octo",
    "actor": "mona",
    "workflow": "deploy",
    "job_workflow_ref": "octo/automation/.github/workflows/deploy.yml@refs/heads/main",
    "run_id": "1234567890",
    "ref_type": "branch",
    "environment": "prod",
    "jti": "a-b-c",
}


def test_github_actions(world_with: WorldWith) -> None:
    issuer = Issuer(GITHUB)
    with issued(world_with, issuer) as world:
        with refused("MalformedPolicyDocument", 400, f"{GITHUB}:sub which is not scoped to all"):
            trusting_role(world.root, issuer, {f"{GITHUB}:aud": AUDIENCE})
        wanted = {f"{GITHUB}:sub": "repo:octo/app:ref:refs/heads/*", f"{GITHUB}:actor": "m*"}
        trusting_role(world.root, issuer, wanted | {f"{GITHUB}:aud": AUDIENCE}, operator="StringLike")
        answer = federate(world, issuer.token(**GITHUB_CLAIMS))
        assert answer["SubjectFromWebIdentityToken"] == "repo:octo/app:ref:refs/heads/main"
        world.person(answer["Credentials"]).iam.get_role(RoleName="app")
        for change in (
            {"sub": "repo:octo/app:pull_request"},
            {"sub": "repo:evil/app:ref:refs/heads/main"},
            {"sub": "repo:octo/app-evil:ref:refs/heads/main"},
            {"actor": "eve"},
        ):
            with refused("AccessDenied", 403, NOT_ALLOWED):
                federate(world, issuer.token(**GITHUB_CLAIMS | change))


def test_gitlab(world_with: WorldWith) -> None:
    issuer = Issuer("gitlab.com")
    claims = {
        "sub": "project_path:group/app:ref_type:branch:ref:main",
        "project_path": "group/app",
        "ref_protected": "true",
        "user_identities": [{"provider": "github", "extern_uid": "1"}],
    }
    with issued(world_with, issuer, "https://gitlab.com") as world:
        wanted = {"gitlab.com:sub": "project_path:group/*:ref_type:branch:ref:main"}
        trusting_role(world.root, issuer, wanted, operator="StringLike")
        answer = federate(world, issuer.token(aud="https://gitlab.com", **claims))
        assert answer["Audience"] == "https://gitlab.com"
        with refused("AccessDenied", 403, NOT_ALLOWED):
            other = claims | {"sub": "project_path:group/app:ref_type:branch:ref:dev"}
            federate(world, issuer.token(aud="https://gitlab.com", **other))
        with refused("InvalidIdentityToken", 400, "Incorrect token audience"):
            federate(world, issuer.token(**claims))


def test_kubernetes(world_with: WorldWith) -> None:
    issuer = Issuer("oidc.eks.eu-central-1.example", "/id/5A1B2C", keys=(SigningKey("k8s"),))
    account = "system:serviceaccount:shop:web"
    claims = {
        "aud": [AUDIENCE],
        "sub": account,
        "kubernetes.io": {"namespace": "shop", "serviceaccount": {"name": "web", "uid": "1-2"}},
    }
    with issued(world_with, issuer) as world:
        trusting_role(world.root, issuer, {f"{issuer.name}:sub": account, f"{issuer.name}:aud": AUDIENCE})
        answer = federate(world, issuer.token(**claims))
        assert answer["Provider"].endswith(":oidc-provider/oidc.eks.eu-central-1.example/id/5A1B2C")
        assert issuer.asked[0] == "/id/5A1B2C/.well-known/openid-configuration"
        for change, code, status in (
            ({"sub": "system:serviceaccount:shop:db"}, "AccessDenied", 403),
            ({"sub": "system:serviceaccount:evil:web"}, "AccessDenied", 403),
            ({"aud": ["https://kubernetes.default.svc"]}, "InvalidIdentityToken", 400),
            ({"aud": []}, "InvalidIdentityToken", 400),
            ({"iss": "https://oidc.eks.eu-central-1.example/id/OTHER"}, "InvalidIdentityToken", 400),
            ({"iss": "https://oidc.eks.eu-central-1.example"}, "InvalidIdentityToken", 400),
        ):
            with refused(code, status):
                federate(world, issuer.token(**claims | change))


def test_keycloak(world_with: WorldWith) -> None:
    issuer = Issuer("sso.example", "/realms/staff", keys=(SigningKey("rsa"), SigningKey("es", "ES256")))
    claims = {
        "aud": ["account", "aws"],
        "azp": "aws-console",
        "typ": "ID",
        "preferred_username": "ana",
        "email_verified": True,
        "groups": ["/staff", "/admins"],
        "realm_access": {"roles": ["admin"]},
    }
    with issued(world_with, issuer, "aws-console") as world:
        trusting_role(
            world.root,
            issuer,
            {f"{issuer.name}:groups": "/admins", f"{issuer.name}:oaud": "aws"},
            operator="ForAnyValue:StringEquals",
        )
        for key in issuer.keys:
            answer = federate(world, issuer.token(key=key, **claims))
            assert (answer["Audience"], answer["SubjectFromWebIdentityToken"]) == ("aws-console", "alice")
        with refused("AccessDenied", 403, NOT_ALLOWED):
            federate(world, issuer.token(**claims | {"groups": ["/staff"]}))
        with refused("InvalidIdentityToken", 400, "Incorrect token audience"):
            federate(world, issuer.token(**claims | {"azp": "other-client"}))
        with refused("InvalidIdentityToken", 400, "No OpenIDConnect provider found"):
            federate(world, issuer.token(**claims | {"iss": "https://sso.example/realms/other"}))


GOOGLE = "accounts.google.com"


@pytest.fixture
def google(
    world_with: WorldWith, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[LocalWorld, Issuer]]:
    """Google as every account knows it: there is no provider of it, and its certificate is a public one."""
    with Issuer(GOOGLE) as issuer:
        place = issuer.hosts[GOOGLE].split(":")
        known = tmp_path / "authorities.pem"
        known.write_text(ssl.get_server_certificate((place[0], int(place[1]))))
        monkeypatch.setenv("SSL_CERT_FILE", str(known))
        yield world_with(federation_hosts=issuer.hosts), issuer


def google_role(world: LocalWorld, **conditions: Any) -> None:
    statement = trusting({"Federated": GOOGLE}, "sts:AssumeRoleWithWebIdentity", Condition=conditions)
    world.root.iam.create_role(RoleName="app", AssumeRolePolicyDocument=policy(statement))


def test_google_needs_no_provider(google: tuple[LocalWorld, Issuer]) -> None:
    world, issuer = google
    google_role(world, StringEquals={f"{GOOGLE}:aud": "1234", f"{GOOGLE}:sub": "777"})
    answer = federate(world, issuer.token(aud="1234", azp="1234", sub="777", email="ana@example.com"))
    assert (answer["Provider"], answer["Audience"]) == (GOOGLE, "1234")
    federate(world, issuer.token(iss=GOOGLE, aud="1234", sub="777"))
    for change in ({"aud": "other"}, {"sub": "778"}, {"azp": "other"}):
        with refused("AccessDenied", 403, NOT_ALLOWED):
            federate(world, issuer.token(**{"aud": "1234", "sub": "777"} | change))
    with refused("InvalidIdentityToken", 400):
        federate(world, issuer.token(key=SigningKey("first"), aud="1234", sub="777"))
    with refused("InvalidIdentityToken", 400, "No OpenIDConnect provider found"):
        federate(world, issuer.token(iss="https://accounts.google.com.evil.example", aud="1234", sub="777"))
    people = [event["userIdentity"] for event in world.events()[1:3]]
    assert [one["principalId"] for one in people] == ["accounts.google.com:1234:777"] * 2


def test_the_organization_of_a_workload_of_google(google: tuple[LocalWorld, Issuer]) -> None:
    world, issuer = google
    google_role(world, StringEquals={f"{GOOGLE}:aud": "1234", f"{GOOGLE}:google/organization_number": "987"})
    federate(world, issuer.token(aud="1234", google={"organization_number": 987}))
    for change in (
        {"google": {"organization_number": 986}},
        {"google": {"organization_number": {}}},
        {"google": "987"},
        {"google/organization_number": "986"},
        {},
    ):
        with refused("AccessDenied", 403, NOT_ALLOWED):
            federate(world, issuer.token(aud="1234", **change))


def test_nobody_is_google_whose_certificate_is_not_known(
    google: tuple[LocalWorld, Issuer], monkeypatch: pytest.MonkeyPatch
) -> None:
    world, issuer = google
    monkeypatch.delenv("SSL_CERT_FILE")
    google_role(world)
    with refused("IDPCommunicationError", 400, "certificate verify failed"):
        federate(world, issuer.token())


def test_a_provider_of_the_account_goes_before_what_is_built_in(google: tuple[LocalWorld, Issuer]) -> None:
    world, issuer = google
    google_role(world)
    provider(world.root, issuer, "1234")
    with refused("AccessDenied", 403, NOT_ALLOWED):
        federate(world, issuer.token(aud="1234"))


@pytest.mark.parametrize("url", ["https://www.facebook.com", "https://cognito-identity.amazonaws.com"])
def test_other_issuers_are_not_built_in(google: tuple[LocalWorld, Issuer], url: str) -> None:
    world, issuer = google
    google_role(world)
    with refused("InvalidIdentityToken", 400, "No OpenIDConnect provider found"):
        federate(world, issuer.token(iss=url))
