"""AssumeRoleWithWebIdentity, with real issuers: who is let in, and every forgery that is not."""

from __future__ import annotations

import hmac
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from jwt.utils import base64url_encode

from tests.client import LocalWorld, Person
from tests.issuers import Issuer, SigningKey, unsigned
from tests.people import allow, policy, refused, trusting, user

AUDIENCE = "sts.amazonaws.com"


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with Issuer(keys=(SigningKey("first"), SigningKey("second", "ES256"))) as found:
        yield found


@pytest.fixture
def there(issuer: Issuer, world_with: Callable[..., LocalWorld]) -> LocalWorld:
    """A server that knows where the issuer is, with a provider for it and a role that trusts alice."""
    world = world_with(federation_hosts=issuer.hosts)
    provider(world.root, issuer)
    trusting_role(world.root, issuer, {f"{issuer.name}:sub": "alice"})
    return world


def provider(root: Person, issuer: Issuer, *audiences: str, thumbprint: str | None = None) -> str:
    made = root.iam.create_open_id_connect_provider(
        Url=issuer.url,
        ClientIDList=list(audiences or (AUDIENCE,)),
        ThumbprintList=[thumbprint or issuer.thumbprint],
    )
    arn: str = made["OpenIDConnectProviderArn"]
    return arn


def trusting_role(
    root: Person,
    issuer: Issuer,
    wanted: dict[str, Any],
    *more: str,
    name: str = "app",
    operator: str = "StringEquals",
) -> str:
    federated = {"Federated": f"arn:aws:iam::{root.account}:oidc-provider/{issuer.name}"}
    statement = trusting(
        federated, ["sts:AssumeRoleWithWebIdentity", *more], Condition={operator: wanted} if wanted else {}
    )
    made = root.iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(statement))
    root.iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy(allow("iam:GetRole")))
    arn: str = made["Role"]["Arn"]
    return arn


def federate(world: LocalWorld, token: str, role: str = "app", **more: Any) -> dict[str, Any]:
    nobody = Person(world, "", "")
    answer: dict[str, Any] = nobody.unsigned_sts.assume_role_with_web_identity(
        RoleArn=f"arn:aws:iam::{world.root.account}:role/{role}",
        RoleSessionName="session",
        WebIdentityToken=token,
        **more,
    )
    return answer


def test_a_good_token_gives_a_session_that_does_what_the_role_may(there: LocalWorld, issuer: Issuer) -> None:
    answer = federate(there, issuer.token())
    assert answer["SubjectFromWebIdentityToken"] == "alice"
    assert answer["Audience"] == AUDIENCE
    assert answer["Provider"] == f"arn:aws:iam::{there.root.account}:oidc-provider/{issuer.name}"
    session = there.person(answer["Credentials"])
    assert session.arn == f"arn:aws:sts::{there.root.account}:assumed-role/app/session"
    session.iam.get_role(RoleName="app")
    with refused("AccessDenied", 403, "iam:DeleteRole"):
        session.iam.delete_role(RoleName="app")


def test_a_token_may_be_used_again_until_it_ends(there: LocalWorld, issuer: Issuer) -> None:
    token = issuer.token()
    federate(there, token)
    federate(there, token)
    there.advance(600 + 290)  # clocks differ: AWS takes it for five minutes more
    federate(there, token)
    there.advance(11)
    with refused("ExpiredTokenException", 400, "Token expired"):
        federate(there, token)


def test_the_trust_policy_decides(there: LocalWorld, issuer: Issuer) -> None:
    with refused("AccessDenied", 403, "Not authorized to perform sts:AssumeRoleWithWebIdentity"):
        federate(there, issuer.token(sub="mallory"))
    with refused("AccessDenied", 403, "Not authorized to perform sts:AssumeRoleWithWebIdentity"):
        federate(there, issuer.token(), role="nobody")


@pytest.mark.parametrize(("region", "partition"), [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")])
def test_a_role_of_another_partition_stays_in_it(
    issuer: Issuer, world_with: Callable[..., LocalWorld], region: str, partition: str
) -> None:
    world = world_with(federation_hosts=issuer.hosts)
    named = {"Federated": provider(world.root.in_region(region), issuer)}
    assert named["Federated"].startswith(f"arn:{partition}:")
    statement = trusting(named, "sts:AssumeRoleWithWebIdentity")
    made = world.root.in_region(region).iam.create_role(
        RoleName="app", AssumeRolePolicyDocument=policy(statement)
    )
    answer = (
        Person(world, "", "")
        .in_region(region)
        .unsigned_sts.assume_role_with_web_identity(
            RoleArn=made["Role"]["Arn"], RoleSessionName="session", WebIdentityToken=issuer.token()
        )
    )
    assert answer["AssumedRoleUser"]["Arn"].startswith(f"arn:{partition}:sts:")
    assert answer["Provider"] == named["Federated"]


STRANGERS: dict[str, Any] = {
    "the account": lambda account, own: {"AWS": account},
    "another provider": lambda account, own: {"Federated": own.replace("idp.example", "other.example")},
    "the issuer's host": lambda account, own: {"Federated": "accounts.google.com"},
    "a service": lambda account, own: {"Service": "ec2.amazonaws.com"},
}


@pytest.mark.parametrize("who", STRANGERS)
def test_a_role_that_trusts_others_does_not_let_a_token_in(
    there: LocalWorld, issuer: Issuer, who: str
) -> None:
    account = there.root.account
    there.root.iam.create_open_id_connect_provider(Url="https://other.example", ClientIDList=[AUDIENCE])
    principal = STRANGERS[who](account, f"arn:aws:iam::{account}:oidc-provider/{issuer.name}")
    there.root.iam.update_assume_role_policy(
        RoleName="app", PolicyDocument=policy(trusting(principal, "sts:*"))
    )
    with refused("AccessDenied", 403, "Not authorized to perform sts:AssumeRoleWithWebIdentity"):
        federate(there, issuer.token())


@pytest.mark.parametrize("action", ["sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:TagSession"])
def test_another_action_does_not_let_a_token_in(there: LocalWorld, issuer: Issuer, action: str) -> None:
    named = {"Federated": f"arn:aws:iam::{there.root.account}:oidc-provider/{issuer.name}"}
    there.root.iam.update_assume_role_policy(RoleName="app", PolicyDocument=policy(trusting(named, action)))
    with refused("AccessDenied", 403, "Not authorized to perform sts:AssumeRoleWithWebIdentity"):
        federate(there, issuer.token())


def test_a_deny_in_the_trust_wins(there: LocalWorld, issuer: Issuer) -> None:
    named = {"Federated": f"arn:aws:iam::{there.root.account}:oidc-provider/{issuer.name}"}
    web = trusting(named, "sts:AssumeRoleWithWebIdentity")
    hit = {"StringEquals": {f"{issuer.name}:email": "eve@example.com"}}
    there.root.iam.update_assume_role_policy(
        RoleName="app", PolicyDocument=policy(web, web | {"Effect": "Deny", "Condition": hit})
    )
    federate(there, issuer.token(email="ana@example.com"))
    with refused("AccessDenied", 403, "Not authorized to perform sts:AssumeRoleWithWebIdentity"):
        federate(there, issuer.token(email="eve@example.com"))


def test_trust_in_an_issuer_lets_no_user_in(there: LocalWorld, issuer: Issuer) -> None:
    bob = user(there.root, "bob", allow("*"))
    with refused("AccessDenied", 403, "sts:AssumeRole"):
        bob.sts.assume_role(RoleArn=f"arn:aws:iam::{there.root.account}:role/app", RoleSessionName="session")


def test_a_session_costs_no_write(there: LocalWorld, issuer: Issuer) -> None:
    def revision() -> int:
        with there.server.store.read() as tx:
            return tx.account(there.root.account).revision

    before = revision()
    federate(there, issuer.token())
    assert revision() == before


@pytest.mark.parametrize(
    ("change", "code", "fragment"),
    [
        ({"aud": "other"}, "InvalidIdentityToken", "Incorrect token audience"),
        ({"aud": ["other", "third"]}, "InvalidIdentityToken", "Incorrect token audience"),
        ({"aud": AUDIENCE, "azp": "other"}, "InvalidIdentityToken", "Incorrect token audience"),
        ({"aud": None}, "InvalidIdentityToken", "Incorrect token audience"),
        ({"sub": None}, "InvalidIdentityToken", "Missing a required claim: sub"),
        ({"iat": None}, "InvalidIdentityToken", "Missing a required claim: iat"),
        ({"exp": None}, "InvalidIdentityToken", "Missing a required claim: exp"),
        ({"exp": True}, "InvalidIdentityToken", "Missing a required claim: exp"),
        ({"iat": int(time.time()) + 86400}, "InvalidIdentityToken", "not valid yet"),
        ({"nbf": int(time.time()) + 86400}, "InvalidIdentityToken", "not valid yet"),
        ({"exp": int(time.time()) - 301}, "ExpiredTokenException", "Token expired"),
        ({"iss": "https://elsewhere.example"}, "InvalidIdentityToken", "No OpenIDConnect provider found"),
        ({"iss": None}, "InvalidIdentityToken", "No OpenIDConnect provider found"),
    ],
)
def test_a_token_that_is_wrong_is_refused(
    there: LocalWorld, issuer: Issuer, change: dict[str, Any], code: str, fragment: str
) -> None:
    with refused(code, 400, fragment):
        federate(there, issuer.token(**change))


def _with_a_public_secret(issuer: Issuer) -> str:
    """HMAC with the public key as the secret: what takes the token's word for its algorithm lets it in."""
    head = base64url_encode(json.dumps({"alg": "HS256", "kid": "first"}).encode()).decode()
    signed = f"{head}.{base64url_encode(json.dumps(issuer.claims()).encode()).decode()}"
    signature = hmac.digest(issuer.keys[0].public_pem, signed.encode(), "sha256")
    return f"{signed}.{base64url_encode(signature).decode()}"


def _changed(issuer: Issuer) -> str:
    head, _, signature = issuer.token().split(".")
    body = base64url_encode(json.dumps(issuer.claims(sub="root")).encode()).decode()
    return f"{head}.{body}.{signature}"


FORGERIES: dict[str, Callable[[Issuer], str]] = {
    "nobody's": lambda issuer: unsigned(issuer.claims()),
    "nobody's, in capitals": lambda issuer: unsigned(issuer.claims(), alg="NONE"),
    "the public key taken for a secret": _with_a_public_secret,
    "another's key under a known ID": lambda issuer: SigningKey("first").sign(issuer.claims()),
    "another's key in the header": lambda issuer: _with_own_key(issuer),
    "a key of another family": lambda issuer: SigningKey("first", "ES256").sign(issuer.claims()),
    "a changed body": _changed,
    "no signature": lambda issuer: issuer.token().rpartition(".")[0] + ".",
    "another's signature": lambda issuer: ".".join(
        [*issuer.token().split(".")[:2], issuer.token(sub="bob").split(".")[2]]
    ),
}


def _with_own_key(issuer: Issuer) -> str:
    own = SigningKey("own")
    return own.sign(issuer.claims(), jwk=own.jwk)


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_token_is_refused(there: LocalWorld, issuer: Issuer, name: str) -> None:
    with refused("InvalidIdentityToken", 400):
        federate(there, FORGERIES[name](issuer))


def test_both_keys_of_an_issuer_are_good(there: LocalWorld, issuer: Issuer) -> None:
    federate(there, issuer.token(key=issuer.keys[1]))


@pytest.mark.parametrize("text", ["....", "abcd", "a.b.c", "e30.e30.e30", "x" * 20000])
def test_what_is_no_token_is_refused(there: LocalWorld, text: str) -> None:
    with refused("InvalidIdentityToken", 400):
        federate(there, text)
