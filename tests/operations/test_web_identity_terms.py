"""What a session by web identity carries, and for how long: tags, a source identity, claims as keys."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.client import LocalWorld, Person
from tests.issuers import Issuer
from tests.operations.test_web_identity import AUDIENCE, federate, provider, trusting_role
from tests.people import allow, deny, policy, refused, trusting

TAGS = "https://aws.amazon.com/tags"
SOURCE_IDENTITY = "https://aws.amazon.com/source_identity"
TAG, SOURCE = "sts:TagSession", "sts:SetSourceIdentity"
NOT_ALLOWED = "Not authorized to perform sts:"


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with Issuer() as found:
        yield found


@pytest.fixture
def there(issuer: Issuer, world_with: Callable[..., LocalWorld]) -> LocalWorld:
    world = world_with(federation_hosts=issuer.hosts)
    provider(world.root, issuer)
    return world


def app(world: LocalWorld, issuer: Issuer, *more: str, **conditions: Any) -> None:
    """A role for alice, which may be given more than its name."""
    trusting_role(world.root, issuer, {f"{issuer.name}:sub": "alice"}, *more)
    if conditions:
        restrict(world, issuer, *more, **conditions)


def restrict(world: LocalWorld, issuer: Issuer, *more: str, **conditions: Any) -> None:
    federated = {"Federated": f"arn:aws:iam::{world.root.account}:oidc-provider/{issuer.name}"}
    actions = ["sts:AssumeRoleWithWebIdentity", *more]
    world.root.iam.update_assume_role_policy(
        RoleName="app", PolicyDocument=policy(trusting(federated, actions, Condition=conditions))
    )


def may(world: LocalWorld, *statements: dict[str, Any]) -> None:
    world.root.iam.put_role_policy(RoleName="app", PolicyName="own", PolicyDocument=policy(*statements))


def session(world: LocalWorld, token: str, **more: Any) -> Person:
    return world.person(federate(world, token, **more)["Credentials"])


# -- tags ---------------------------------------------------------------------------------------------

NESTED = {TAGS: {"principal_tags": {"team": ["blue"], "Cost": ["7"]}, "transitive_tag_keys": ["team"]}}
FLAT = {
    f"{TAGS}/principal_tags/team": ["blue"],
    f"{TAGS}/principal_tags/Cost": "7",
    f"{TAGS}/transitive_tag_keys": ["team"],
}


@pytest.mark.parametrize("claims", [NESTED, FLAT])
def test_tags_need_the_permission_in_the_trust(
    there: LocalWorld, issuer: Issuer, claims: dict[str, Any]
) -> None:
    app(there, issuer)
    with refused("AccessDenied", 403, f"{NOT_ALLOWED}TagSession"):
        federate(there, issuer.token(**claims))
    asked = {
        "StringEquals": {"aws:RequestTag/team": "blue"},
        "ForAllValues:StringEquals": {"aws:TagKeys": ["team", "Cost"]},
    }
    restrict(there, issuer, TAG, **asked)
    assert federate(there, issuer.token(**claims))["PackedPolicySize"] > 0
    with refused("AccessDenied", 403, NOT_ALLOWED):
        federate(there, issuer.token(**claims | {f"{TAGS}/principal_tags/team": "red"}))


@pytest.mark.parametrize("claims", [NESTED, FLAT])
def test_tags_are_the_sessions(there: LocalWorld, issuer: Issuer, claims: dict[str, Any]) -> None:
    app(there, issuer, TAG)
    there.root.iam.tag_role(RoleName="app", Tags=[{"Key": "TEAM", "Value": "none"}])
    may(there, allow("iam:GetRole", Condition={"StringEquals": {"aws:PrincipalTag/team": "blue"}}))
    session(there, issuer.token(**claims)).iam.get_role(RoleName="app")
    with refused("AccessDenied", 403):
        session(there, issuer.token()).iam.get_role(RoleName="app")


def test_a_transitive_tag_goes_along_the_chain(there: LocalWorld, issuer: Issuer) -> None:
    app(there, issuer, TAG)
    may(there, allow("sts:AssumeRole", "sts:TagSession"))
    arn = f"arn:aws:iam::{there.root.account}:role/app"
    there.root.iam.create_role(
        RoleName="next", AssumeRolePolicyDocument=policy(trusting(arn, ["sts:AssumeRole", TAG]))
    )
    asked = [
        {"StringEquals": {f"aws:PrincipalTag/{key}": value}}
        for key, value in (("team", "blue"), ("Cost", "7"))
    ]
    statements = [
        allow(action, Condition=each)
        for action, each in zip(("iam:GetRole", "iam:GetUser"), asked, strict=True)
    ]
    there.root.iam.put_role_policy(RoleName="next", PolicyName="own", PolicyDocument=policy(*statements))
    first = session(there, issuer.token(**NESTED))
    role = arn.replace("app", "next")
    second = there.person(first.sts.assume_role(RoleArn=role, RoleSessionName="s2")["Credentials"])
    second.iam.get_role(RoleName="app")
    with refused("AccessDenied", 403):  # the other tag has fallen away
        second.iam.get_user(UserName="bob")
    with refused("InvalidParameterValue", 400, "transitive"):
        first.sts.assume_role(RoleArn=role, RoleSessionName="s2", Tags=[{"Key": "Team", "Value": "red"}])


def test_transitive_keys_are_a_condition_key(there: LocalWorld, issuer: Issuer) -> None:
    app(there, issuer, TAG, **{"ForAllValues:StringEquals": {"sts:TransitiveTagKeys": ["other"]}})
    with refused("AccessDenied", 403, NOT_ALLOWED):
        federate(there, issuer.token(**NESTED))


@pytest.mark.parametrize(
    ("claim", "code", "status"),
    [
        ("text", "IDPRejectedClaim", 403),
        (["team"], "IDPRejectedClaim", 403),
        ({"principal_tags": ["team"]}, "IDPRejectedClaim", 403),
        ({"principal_tags": "team"}, "IDPRejectedClaim", 403),
        ({"principal_tags": {"team": []}}, "IDPRejectedClaim", 403),
        ({"principal_tags": {"team": ["a", "b"]}}, "IDPRejectedClaim", 403),
        ({"principal_tags": {"team": ["a", 1]}}, "IDPRejectedClaim", 403),
        ({"principal_tags": {"team": 1}}, "IDPRejectedClaim", 403),
        ({"principal_tags": {"team": {"a": "b"}}}, "IDPRejectedClaim", 403),
        ({"principal_tags": {"team": "a"}, "transitive_tag_keys": 1}, "IDPRejectedClaim", 403),
        ({"principal_tags": {"team": "a"}, "transitive_tag_keys": ["team", 1]}, "IDPRejectedClaim", 403),
        ({"principal_tags": {"team": "a"}, "transitive_tag_keys": ["other"]}, "InvalidParameterValue", 400),
        ({"principal_tags": {"team": "a" * 257}}, "IDPRejectedClaim", 403),
        ({"principal_tags": {"t" * 129: "a"}}, "IDPRejectedClaim", 403),
        ({"principal_tags": {"aws:team": "a"}}, "InvalidParameterValue", 400),
        ({"principal_tags": {"team": "a", "TEAM": "b"}}, "InvalidParameterValue", 400),
        ({"principal_tags": {str(number): "a" for number in range(51)}}, "IDPRejectedClaim", 403),
        ({"principal_tags": {"": "a"}}, "IDPRejectedClaim", 403),
        ({"principal_tags": {"team": "a;b"}}, "IDPRejectedClaim", 403),
        ({"principal_tags": {"team": "\x00"}}, "IDPRejectedClaim", 403),
    ],
)
def test_tags_that_are_none_are_refused(
    there: LocalWorld, issuer: Issuer, claim: Any, code: str, status: int
) -> None:
    app(there, issuer, TAG)
    with refused(code, status):
        federate(there, issuer.token(**{TAGS: claim}))


# -- the source identity ------------------------------------------------------------------------------


def test_a_source_identity_needs_the_permission_and_stays(there: LocalWorld, issuer: Issuer) -> None:
    app(there, issuer)
    token = issuer.token(**{SOURCE_IDENTITY: "alice.a"})
    with refused("AccessDenied", 403, f"{NOT_ALLOWED}SetSourceIdentity"):
        federate(there, token)
    restrict(there, issuer, SOURCE, StringLike={"sts:SourceIdentity": "alice.*"})
    answer = federate(there, token)
    assert answer["SourceIdentity"] == "alice.a"
    may(there, allow("iam:GetRole", Condition={"StringEquals": {"aws:SourceIdentity": "alice.a"}}))
    there.person(answer["Credentials"]).iam.get_role(RoleName="app")
    with refused("AccessDenied", 403):
        federate(there, issuer.token(**{SOURCE_IDENTITY: "bob.a"}))
    assert there.events()[-2]["userIdentity"]["sessionContext"]["sourceIdentity"] == "alice.a"


@pytest.mark.parametrize(
    "value", ["", "a", "a" * 65, "a b", "aws:alice", 1, ["alice"], {"x": "y"}, "al\u00efce"]
)
def test_a_source_identity_that_is_none_is_refused(there: LocalWorld, issuer: Issuer, value: Any) -> None:
    app(there, issuer, SOURCE)
    with refused("IDPRejectedClaim", 403, "source identity"):
        federate(there, issuer.token(**{SOURCE_IDENTITY: value}))


# -- claims -------------------------------------------------------------------------------------------

GOOD = {
    "sub": "alice",
    "amr": ["mfa", "pwd"],
    "repository": "org/repo",
    "groups": ["a", "b"],
    "run": 7,
    "protected": True,
}


@pytest.mark.parametrize(
    ("operator", "claim", "value"),
    [
        ("StringEquals", "sub", "alice"),
        ("StringEquals", "SUB", "alice"),
        ("StringEquals", "aud", AUDIENCE),
        ("ForAnyValue:StringEquals", "amr", "mfa"),
        ("StringLike", "repository", "org/*"),
        ("ForAnyValue:StringEquals", "groups", "b"),
        ("NumericEquals", "run", "7"),
        ("Bool", "protected", "true"),
        ("StringEquals", "oaud", AUDIENCE),
        ("Null", "azp", "true"),
        ("Null", "exp", "true"),
        ("Null", "nested", "true"),
    ],
)
def test_claims_are_condition_keys_of_the_trust_and_of_the_session(
    there: LocalWorld, issuer: Issuer, operator: str, claim: str, value: str
) -> None:
    asked = {operator: {f"{issuer.name}:{claim}": value}}
    app(there, issuer, **asked)
    token = issuer.token(**GOOD, nested={"a": "b"})
    may(there, allow("iam:GetRole", Condition=asked))
    session(there, token).iam.get_role(RoleName="app")
    wrong = {
        operator: {
            f"{issuer.name}:{claim}": {"Null": "false", "NumericEquals": "8", "Bool": "false"}.get(
                operator, "x"
            )
        }
    }
    may(there, allow("iam:GetRole", Condition=wrong))
    with refused("AccessDenied", 403, "iam:GetRole"):
        session(there, token).iam.get_role(RoleName="app")
    restrict(there, issuer, **wrong)
    with refused("AccessDenied", 403, NOT_ALLOWED):
        federate(there, token)


def test_a_subject_can_stand_in_a_resource(there: LocalWorld, issuer: Issuer) -> None:
    app(there, issuer)
    may(there, allow("iam:ListUserTags", on=f"arn:aws:iam::*:user/${{{issuer.name}:sub}}"))
    for name in ("alice", "bob"):
        there.root.iam.create_user(UserName=name)
    alice = session(there, issuer.token())
    alice.iam.list_user_tags(UserName="alice")
    with refused("AccessDenied", 403, "iam:ListUserTags"):
        alice.iam.list_user_tags(UserName="bob")


def test_a_subject_with_a_star_is_no_wildcard(there: LocalWorld, issuer: Issuer) -> None:
    trusting_role(there.root, issuer, {f"{issuer.name}:aud": AUDIENCE})
    may(there, allow("iam:ListUserTags", on=f"arn:aws:iam::*:user/${{{issuer.name}:sub}}"))
    there.root.iam.create_user(UserName="alice")
    with refused("AccessDenied", 403, "iam:ListUserTags"):
        session(there, issuer.token(sub="*")).iam.list_user_tags(UserName="alice")


def test_a_claim_cannot_take_the_place_of_another(there: LocalWorld, issuer: Issuer) -> None:
    app(there, issuer, StringEquals={f"{issuer.name}:team": "a"})
    for claims in ({"Team": "a", "team": "b"}, {"team": "b", "TEAM": "a"}, {":team": "a"}, {"x:team": "a"}):
        with refused("AccessDenied", 403):
            federate(there, issuer.token(**claims))
    federate(there, issuer.token(Team="a"))
    restrict(there, issuer, StringEquals={f"{issuer.name}:sub": "root"})
    for claims in ({"Sub": "root"}, {"SUB": "root"}, {"sUB": ["root"]}):
        with refused("AccessDenied", 403):
            federate(there, issuer.token(**claims))
    restrict(there, issuer, StringEquals={f"{issuer.name}:oaud": "root"})
    with refused("AccessDenied", 403):
        federate(there, issuer.token(oaud="root"))


def test_claims_of_one_issuer_say_nothing_of_another(there: LocalWorld, issuer: Issuer) -> None:
    app(there, issuer, StringEquals={"other.example:sub": "alice"})
    claims = {"other.example:sub": "alice", "https://other.example:sub": "alice", "aws:PrincipalArn": "x"}
    with refused("AccessDenied", 403):
        federate(there, issuer.token(**claims))


def test_the_authorized_party_is_the_audience(there: LocalWorld, issuer: Issuer) -> None:
    app(there, issuer, StringEquals={f"{issuer.name}:aud": AUDIENCE, f"{issuer.name}:oaud": "other"})
    assert federate(there, issuer.token(azp=AUDIENCE, aud="other"))["Audience"] == AUDIENCE
    with refused("AccessDenied", 403, NOT_ALLOWED):
        federate(there, issuer.token(azp=AUDIENCE, aud="third"))
    several = issuer.token(azp=AUDIENCE, aud=["other", "third"])
    with refused("AccessDenied", 403, NOT_ALLOWED):  # a key with several values wants a set operator
        federate(there, several)
    restrict(there, issuer, **{"ForAnyValue:StringEquals": {f"{issuer.name}:oaud": "other"}})
    federate(there, several)
    with refused("InvalidIdentityToken", 400, "Incorrect token audience"):
        federate(there, issuer.token(azp="other", aud=AUDIENCE))


def test_without_an_authorized_party_both_audiences_are_the_same(there: LocalWorld, issuer: Issuer) -> None:
    app(there, issuer, StringEquals={f"{issuer.name}:aud": AUDIENCE, f"{issuer.name}:oaud": AUDIENCE})
    federate(there, issuer.token())
    restrict(there, issuer, StringEquals={f"{issuer.name}:oaud": "other"})
    with refused("AccessDenied", 403, NOT_ALLOWED):
        federate(there, issuer.token())


def test_the_provider_is_a_condition_key_of_the_session(there: LocalWorld, issuer: Issuer) -> None:
    arn = f"arn:aws:iam::{there.root.account}:oidc-provider/{issuer.name}"
    app(there, issuer, StringEquals={"aws:FederatedProvider": arn})
    may(
        there,
        allow("iam:GetRole"),
        deny("iam:*", Condition={"StringNotEquals": {"aws:FederatedProvider": arn}}),
    )
    session(there, issuer.token()).iam.get_role(RoleName="app")
    may(
        there, allow("iam:GetRole"), deny("iam:*", Condition={"StringEquals": {"aws:FederatedProvider": arn}})
    )
    with refused("AccessDenied", 403, "explicit deny"):
        session(there, issuer.token()).iam.get_role(RoleName="app")


def test_claims_do_not_go_along_a_chain(there: LocalWorld, issuer: Issuer) -> None:
    app(there, issuer)
    may(there, allow("sts:AssumeRole"))
    arn = f"arn:aws:iam::{there.root.account}:role/app"
    there.root.iam.create_role(RoleName="next", AssumeRolePolicyDocument=policy(trusting(arn)))
    asked = {"Null": {f"{issuer.name}:sub": "true", "aws:FederatedProvider": "true"}}
    there.root.iam.put_role_policy(
        RoleName="next", PolicyName="own", PolicyDocument=policy(allow("iam:GetRole", Condition=asked))
    )
    first = session(there, issuer.token())
    answer = first.sts.assume_role(RoleArn=arn.replace("app", "next"), RoleSessionName="s2")
    there.person(answer["Credentials"]).iam.get_role(RoleName="app")


def test_many_claims_fit_into_a_session_and_too_many_do_not(there: LocalWorld, issuer: Issuer) -> None:
    app(there, issuer)
    most = {f"claim{number}": "x" * 50 for number in range(80)}
    session(there, issuer.token(**most)).iam.get_role(RoleName="app")
    with refused("IDPRejectedClaim", 403, "more than 8192 bytes"):
        federate(there, issuer.token(**{f"c{number}": "" for number in range(900)}))


# -- how long, and with how little --------------------------------------------------------------------


def seconds(answer: dict[str, Any], world: LocalWorld) -> int:
    ends: float = answer["Credentials"]["Expiration"].timestamp()
    return round(ends - world.server.clock.now().timestamp())


def test_a_session_lasts_as_long_as_it_is_asked_and_the_role_allows(
    there: LocalWorld, issuer: Issuer
) -> None:
    app(there, issuer)
    token = issuer.token()
    assert abs(seconds(federate(there, token), there) - 3600) <= 60  # the answer took its time
    assert (
        abs(seconds(federate(there, token, DurationSeconds=900), there) - 900) <= 60
    )  # the answer took its time
    for wrong, fragment in ((899, "900"), (43201, "43200"), (3601, "MaxSessionDuration set for this role")):
        with refused("ValidationError", 400, fragment):
            federate(there, token, DurationSeconds=wrong)
    there.root.iam.update_role(RoleName="app", MaxSessionDuration=43200)
    answer = federate(there, token, DurationSeconds=43200)
    assert abs(seconds(answer, there) - 43200) <= 60  # the answer took its time
    there.advance(43199)  # it outlives its token
    there.person(answer["Credentials"]).iam.get_role(RoleName="app")
    there.advance(2)
    with refused("ExpiredToken", 403):
        there.person(answer["Credentials"]).iam.get_role(RoleName="app")


def test_a_duration_is_no_condition_key(there: LocalWorld, issuer: Issuer) -> None:
    app(there, issuer, NumericLessThanEquals={"sts:DurationSeconds": "1800"})
    for more in ({"DurationSeconds": 1800}, {}):
        with refused("AccessDenied", 403, NOT_ALLOWED):
            federate(there, issuer.token(), **more)
    restrict(there, issuer, Null={"sts:DurationSeconds": "true"})
    federate(there, issuer.token(), DurationSeconds=1800)


def test_session_policies_limit_it(there: LocalWorld, issuer: Issuer) -> None:
    app(there, issuer)
    may(there, allow("iam:GetRole", "iam:ListRoles"))
    reader = there.root.iam.create_policy(PolicyName="reader", PolicyDocument=policy(allow("iam:GetRole")))
    arn = reader["Policy"]["Arn"]
    for limit in ({"Policy": policy(allow("iam:GetRole"))}, {"PolicyArns": [{"arn": arn}]}):
        answer = federate(there, issuer.token(), **limit)
        assert 0 < answer["PackedPolicySize"] < 100
        limited = there.person(answer["Credentials"])
        limited.iam.get_role(RoleName="app")
        with refused("AccessDenied", 403, "session policy"):
            limited.iam.list_roles()
    restrict(there, issuer, TAG)
    many = {"principal_tags": {f"tag{number}": "x" * 250 for number in range(20)}}
    with refused("PackedPolicyTooLarge", 400, "session tags consumes"):
        federate(there, issuer.token(**{TAGS: many}))
    with refused("MalformedPolicyDocument", 400):
        federate(there, issuer.token(), Policy="{}")
    with refused("MalformedPolicyDocument", 400):
        federate(there, issuer.token(), PolicyArns=[{"arn": arn.replace("reader", "none")}])


def test_an_access_token_of_another_kind_is_not_taken(there: LocalWorld, issuer: Issuer) -> None:
    app(there, issuer)
    with refused("ValidationError", 400, "OAuth 2.0"):
        federate(there, issuer.token(), ProviderId="www.amazon.com")


def test_a_session_by_web_identity_is_no_user_and_no_root(there: LocalWorld, issuer: Issuer) -> None:
    app(there, issuer)
    may(there, allow("*"))
    holder = session(there, issuer.token())
    for call in (holder.sts.get_session_token, lambda: holder.sts.get_federation_token(Name="bob")):
        with refused("AccessDenied", 403):
            call()
    assert json.dumps(there.events()[-1]).count("webIdFederationData") == 1
