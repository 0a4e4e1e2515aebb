"""AssumeRoleWithSAML: whom a provider's word lets in, and what is refused. Forgeries have their own file."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from rolekeeper.operations.saml_federation import name_qualifier
from rolekeeper.wire.http import HttpRequest
from tests import saml, saml_idp
from tests.client import ACCOUNT, OTHER_ACCOUNT, LocalWorld
from tests.people import allow, policy, refused, role, trusting
from tests.saml_idp import ENDPOINT, PROVIDER, ROLE, SigningKey, assertion, key, response, signed
from tests.saml_world import TRUSTED, federate, saying, trust, trust_all, trust_where, with_provider


@pytest.fixture
def there(local: LocalWorld) -> LocalWorld:
    return with_provider(local)


@pytest.mark.parametrize("sign", ["assertion", "both"])
def test_a_good_response_gives_a_session_that_does_what_the_role_may(there: LocalWorld, sign: str) -> None:
    answer = federate(there, signed(sign=sign))
    assert answer["Subject"] == "alice@example.com"
    assert answer["SubjectType"] == "persistent"
    assert answer["Issuer"] == saml.ISSUER
    assert answer["Audience"] == ENDPOINT
    assert "PackedPolicySize" not in answer and "SourceIdentity" not in answer
    session = there.person(answer["Credentials"])
    assert session.arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/app/alice"
    session.iam.get_role(RoleName="app")
    with refused("AccessDenied", 403, "iam:DeleteRole"):
        session.iam.delete_role(RoleName="app")


def test_the_name_qualifier_is_aws_hash() -> None:
    # echo -n 'https://example.com/saml123456789012/MySAMLIdP' | openssl dgst -sha1 -binary | base64
    made = name_qualifier("https://example.com/saml", "123456789012", "MySAMLIdP")
    assert made == "1uAJanUnBc2XeUkHURMht+xam2c="


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("urn:oasis:names:tc:SAML:2.0:nameid-format:transient", "transient"),
        ("urn:oasis:names:tc:SAML:2.0:nameid-format:persistent", "persistent"),
        (
            "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
            "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
        ),
        (None, "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"),
    ],
)
def test_the_type_of_a_subject(there: LocalWorld, given: str | None, shown: str) -> None:
    name_format = "" if given is None else f' Format="{given}"'
    assert federate(there, signed(name_format=name_format))["SubjectType"] == shown


def test_a_response_may_be_used_again_for_five_minutes(there: LocalWorld) -> None:
    document = signed(ends=3600, confirmed_until=3600)
    federate(there, document)
    there.advance(240)
    federate(there, document)
    there.advance(70)
    with refused("ExpiredTokenException", 400, "Token must be redeemed within 5 minutes of issuance"):
        federate(there, document)


OTHER_URN = "<saml:AudienceRestriction><saml:Audience>urn:other</saml:Audience></saml:AudienceRestriction>"
AWS_URN = OTHER_URN.replace("urn:other", "urn:amazon:webservices")
IN_IRELAND = "https://eu-west-1.signin.aws.amazon.com/saml"

INVALID = "InvalidIdentityToken"
EXPIRED = "ExpiredTokenException"


@pytest.mark.parametrize(
    ("change", "code", "fragment"),
    [
        ({"issuer": "https://elsewhere.example"}, INVALID, "Issuer not present in specified provider"),
        ({"audience": OTHER_URN}, INVALID, "Response does not contain the required audience."),
        ({"audience": ""}, INVALID, "Response does not contain the required audience."),
        ({"audience": AWS_URN + OTHER_URN}, INVALID, "Response does not contain the required audience."),
        ({"audience": AWS_URN + "<saml:Condition/>"}, INVALID, "a condition that is not understood"),
        ({"recipient": "https://elsewhere.example/saml"}, INVALID, "its Recipient"),
        ({"recipient": ENDPOINT + ".evil.example"}, INVALID, "its Recipient"),
        ({"recipient": "https://evil.example/?https://signin.aws.amazon.com/saml"}, INVALID, "its Recipient"),
        ({"recipient": "http://signin.aws.amazon.com/saml"}, INVALID, "its Recipient"),
        ({"recipient": ENDPOINT + "/acs/ASPAOTHERPROVIDER"}, INVALID, "its Recipient"),
        ({"recipient": ""}, INVALID, "its Recipient"),
        ({"method": "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"}, INVALID, "bearing"),
        ({"subject": ""}, INVALID, "its NameID is empty"),
        ({"begins": 600}, INVALID, "not valid yet"),
        ({"issued": 600}, INVALID, "not valid yet"),
        ({"issued": -301}, EXPIRED, "Token must be redeemed within 5 minutes of issuance"),
        ({"ends": -1}, EXPIRED, "Token expired"),
        ({"confirmed_until": -1}, EXPIRED, "Token expired"),
        ({"session_ends": -1}, EXPIRED, "Token expired"),
    ],
)
def test_a_response_that_is_wrong_is_refused(
    there: LocalWorld, change: dict[str, Any], code: str, fragment: str
) -> None:
    with refused(code, 400, fragment):
        federate(there, signed(**change))


@pytest.mark.parametrize(
    "change",
    [
        {"audience": AWS_URN},
        {"audience": AWS_URN + AWS_URN},
        {"audience": OTHER_URN.replace("<saml:Audience>", AWS_URN[26:-27] + "<saml:Audience>")},
        {"recipient": IN_IRELAND},
        {"recipient": "https://us-gov-west-1.signin.aws.amazon.com/saml"},
        {"begins": None, "ends": None},
        {"begins": 30, "issued": 30},
        {"session_ends": 300},
    ],
)
def test_a_response_that_is_unusual_is_good(there: LocalWorld, change: dict[str, Any]) -> None:
    trust_all(there)
    federate(there, signed(**change))


CHINA, GOVCLOUD = "aws-cn", "aws-us-gov"
SIGN_IN = {
    "aws": (ENDPOINT, "urn:amazon:webservices"),
    CHINA: ("https://signin.amazonaws.cn/saml", "urn:amazon:webservices:cn-north-1"),
    GOVCLOUD: ("https://signin.amazonaws-us-gov.com/saml", "urn:amazon:webservices:govcloud"),
}


def into(world: LocalWorld, partition: str, recipient: str, audience: str) -> dict[str, Any]:
    """The answer to who brings a response for a recipient and an audience into a partition."""
    role, provider = (arn.replace("arn:aws:", f"arn:{partition}:") for arn in (ROLE, PROVIDER))
    document = signed(
        recipient=recipient,
        audience=OTHER_URN.replace("urn:other", audience),
        values=saml_idp.usual_attributes(Role=[f"{role},{provider}"]),
    )
    return federate(world, document, RoleArn=role, PrincipalArn=provider)


@pytest.mark.parametrize(("partition", "region"), [(CHINA, "cn-north-1"), (GOVCLOUD, "us-gov-west-1")])
def test_each_partition_has_an_endpoint_and_an_audience_of_its_own(
    there: LocalWorld, partition: str, region: str
) -> None:
    endpoint, entity = SIGN_IN[partition]
    federated = {"Federated": PROVIDER.replace("arn:aws:", f"arn:{partition}:")}
    condition = {"StringEquals": {"saml:aud": endpoint}}
    document = policy(trusting(federated, "sts:AssumeRoleWithSAML", Condition=condition))
    own = there.root.in_region(region)
    own.iam.update_assume_role_policy(RoleName="app", PolicyDocument=document)
    for elsewhere in SIGN_IN.keys() - {partition}:
        other, other_entity = SIGN_IN[elsewhere]
        with refused(INVALID, 400, "its Recipient"):
            into(there, partition, other, entity)
        with refused(INVALID, 400, "Response does not contain the required audience."):
            into(there, partition, endpoint, other_entity)
        with refused(INVALID, 400):
            into(there, elsewhere, endpoint, entity)
        with refused("AccessDenied", 403, "Not authorized to perform sts:AssumeRoleWithSAML"):
            into(there, elsewhere, other, other_entity)
    for audience in (entity, endpoint):
        answer = into(there, partition, endpoint, audience)
        assert answer["AssumedRoleUser"]["Arn"] == f"arn:{partition}:sts::{ACCOUNT}:assumed-role/app/alice"
        assert answer["Audience"] == endpoint


def test_the_recipient_may_name_the_provider(there: LocalWorld) -> None:
    trust_all(there)
    own = there.root.iam.get_saml_provider(SAMLProviderArn=PROVIDER)["SAMLProviderUUID"]
    federate(there, signed(recipient=f"{IN_IRELAND}/acs/{own}"))


@pytest.mark.parametrize(
    ("region", "partition", "host", "entity"),
    [
        ("cn-north-1", "aws-cn", "signin.amazonaws.cn", "urn:amazon:webservices:cn-north-1"),
        ("us-gov-west-1", "aws-us-gov", "signin.amazonaws-us-gov.com", "urn:amazon:webservices:govcloud"),
    ],
)
def test_another_partition_has_a_sign_in_of_its_own(
    local: LocalWorld, region: str, partition: str, host: str, entity: str
) -> None:
    root = local.root.in_region(region)
    metadata = saml.metadata(keys=key().descriptor)
    named = root.iam.create_saml_provider(SAMLMetadataDocument=metadata, Name="corporate")["SAMLProviderArn"]
    statement = trusting({"Federated": named}, "sts:AssumeRoleWithSAML")
    arn = root.iam.create_role(RoleName="app", AssumeRolePolicyDocument=policy(statement))["Role"]["Arn"]
    own = {"values": saml_idp.usual_attributes(Role=[f"{arn},{named}"])}
    asked = {"RoleArn": arn, "PrincipalArn": named}
    with refused(INVALID, 400, "its Recipient"):
        federate(local, signed(**own), **asked)
    recipient, audience = f"https://{host}/saml", AWS_URN.replace("urn:amazon:webservices", entity)
    with refused(INVALID, 400, "Response does not contain the required audience."):
        federate(local, signed(**own, recipient=recipient, audience=AWS_URN), **asked)
    for there in (recipient, f"https://{region}.{host}/saml"):
        for wanted in (audience, AWS_URN.replace("urn:amazon:webservices", there)):
            answer = federate(local, signed(**own, recipient=there, audience=wanted), **asked)
            assert answer["AssumedRoleUser"]["Arn"].startswith(f"arn:{partition}:sts:")
            assert answer["Audience"] == there


def test_a_status_that_is_no_success_is_refused(there: LocalWorld) -> None:
    inner = key().sign(saml_idp.etree.fromstring(assertion()))
    failed = response(inner, status="urn:oasis:names:tc:SAML:2.0:status:Responder")
    with refused("IDPRejectedClaim", 403, "The identity provider reported that authentication failed"):
        federate(there, failed)


@pytest.mark.parametrize(
    "pair",
    [
        f"{ROLE},{PROVIDER}2",
        f"{ROLE}2,{PROVIDER}",
        ROLE,
        f"{ROLE},{ROLE}",
        f"{ROLE},{PROVIDER},x",
        f"{ROLE.replace(ACCOUNT, OTHER_ACCOUNT)},{PROVIDER}",
        "",
    ],
)
def test_the_response_must_name_the_role_with_the_provider(there: LocalWorld, pair: str) -> None:
    with refused("AccessDenied", 403, "Not authorized to perform sts:AssumeRoleWithSAML"):
        federate(there, saying(Role=[pair]))


@pytest.mark.parametrize("pair", [f"{PROVIDER},{ROLE}", f" {ROLE} , {PROVIDER} "])
def test_a_pair_may_be_in_either_order_and_among_others(there: LocalWorld, pair: str) -> None:
    federate(there, saying(Role=[f"{ROLE}2,{PROVIDER}", pair]))


@pytest.mark.parametrize(
    ("more", "code", "fragment"),
    [
        ({"PrincipalArn": PROVIDER + "2"}, "InvalidIdentityToken", "Specified provider doesn't exist"),
        (
            {"PrincipalArn": PROVIDER.replace(ACCOUNT, OTHER_ACCOUNT)},
            "InvalidIdentityToken",
            "Specified provider doesn't exist",
        ),
        (
            {"RoleArn": ROLE.replace(ACCOUNT, "999999999999")},
            "InvalidIdentityToken",
            "Specified provider doesn't exist",
        ),
        (
            {"PrincipalArn": PROVIDER.replace("aws", "aws-cn")},
            "InvalidIdentityToken",
            "Specified provider doesn't exist",
        ),
        ({"PrincipalArn": ROLE}, "ValidationError", "Principal ARN is invalid"),
        ({"PrincipalArn": "a" * 20}, "ValidationError", "Principal ARN is invalid"),
        ({"RoleArn": PROVIDER}, "ValidationError", "is invalid"),
        ({"DurationSeconds": 3601}, "ValidationError", "exceeds the MaxSessionDuration set for this role"),
    ],
)
def test_what_is_asked_for_must_be_right(
    there: LocalWorld, more: dict[str, Any], code: str, fragment: str
) -> None:
    with refused(code, 400, fragment):
        federate(there, signed(), **more)


def test_the_trust_policy_decides(there: LocalWorld) -> None:
    for name, condition in (("dev", {"StringEquals": {"saml:sub": "bob"}}), ("ops", TRUSTED)):
        role(there.root, name, trust(["sts:AssumeRoleWithSAML"], condition))
    pairs = [f"arn:aws:iam::{ACCOUNT}:role/{name},{PROVIDER}" for name in ("dev", "ops", "nobody")]
    document = saying(Role=pairs)
    for name in ("dev", "nobody"):
        with refused("AccessDenied", 403, "Not authorized to perform sts:AssumeRoleWithSAML"):
            federate(there, document, RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{name}")
    federate(there, document, RoleArn=f"arn:aws:iam::{ACCOUNT}:role/ops")


def test_another_way_in_is_not_opened(there: LocalWorld) -> None:
    trust_where(there, {}, ["sts:AssumeRoleWithWebIdentity"])
    with refused("AccessDenied", 403, "Not authorized to perform sts:AssumeRoleWithSAML"):
        federate(there, signed())


def _lasts(answer: dict[str, Any]) -> float:
    left: timedelta = answer["Credentials"]["Expiration"] - datetime.now(UTC)
    return left.total_seconds()


def test_how_long_a_session_lasts(there: LocalWorld) -> None:
    there.root.iam.update_role(RoleName="app", MaxSessionDuration=7200)
    assert 3500 < _lasts(federate(there, saying())) <= 3600
    assert 900 < _lasts(federate(there, saying(SessionDuration=["1800"]))) <= 1800
    assert 5400 < _lasts(federate(there, saying(SessionDuration=["1800"]), DurationSeconds=7200)) <= 7200
    assert 0 < _lasts(federate(there, signed(session_ends=600))) <= 600
    with refused("ValidationError", 400, "exceeds the MaxSessionDuration set for this role"):
        federate(there, saying(SessionDuration=["7201"]))


def test_session_policies_limit_the_session(there: LocalWorld) -> None:
    answer = federate(there, signed(), Policy=policy(allow("iam:ListRoles")))
    with refused("AccessDenied", 403, "no session policy allows the iam:GetRole action"):
        there.person(answer["Credentials"]).iam.get_role(RoleName="app")


def test_metadata_that_have_ended_vouch_for_nobody(there: LocalWorld) -> None:
    ends = (datetime.now(UTC) + timedelta(minutes=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    there.root.iam.update_saml_provider(
        SAMLProviderArn=PROVIDER,
        SAMLMetadataDocument=saml.metadata(keys=key().descriptor, ends=f' validUntil="{ends}"'),
    )
    federate(there, signed())
    there.advance(130)
    with refused("InvalidIdentityToken", 400, "metadata of the specified provider are not valid any more"):
        federate(there, signed())


def test_keys_can_be_rotated(there: LocalWorld) -> None:
    def known(*keys: SigningKey) -> None:
        document = saml.metadata(keys="".join(one.descriptor for one in keys))
        there.root.iam.update_saml_provider(SAMLProviderArn=PROVIDER, SAMLMetadataDocument=document)

    old, new = key(), key("second", "ec")
    with refused("InvalidIdentityToken", 400, "Response signature invalid"):
        federate(there, signed(by=new))
    known(old, new)
    for one in (old, new):
        federate(there, signed(by=one))
    known(new)
    with refused("InvalidIdentityToken", 400, "Response signature invalid"):
        federate(there, signed(by=old))


# -- What is left behind


def test_the_trail_tells_who_came_and_never_by_what(there: LocalWorld) -> None:
    document = signed()
    answer = federate(there, document)
    event = there.events()[-1]
    assert event["userIdentity"] == {
        "type": "SAMLUser",
        "principalId": f"{answer['NameQualifier']}:alice@example.com",
        "userName": "alice@example.com",
        "identityProvider": answer["NameQualifier"],
    }
    assert event["eventName"] == "AssumeRoleWithSAML"
    assert event["requestParameters"]["principalArn"] == PROVIDER
    assert event["requestParameters"]["sAMLAssertionID"] == "_assertion"
    assert event["requestParameters"]["roleSessionName"] == "alice"
    assert event["requestParameters"]["sAMLAssertion"] == "HIDDEN_DUE_TO_SECURITY_REASONS"
    assert event["responseElements"]["subject"] == "alice@example.com"
    assert [(one["type"], one["ARN"]) for one in event["resources"]] == [
        ("AWS::IAM::Role", event["requestParameters"]["roleArn"]),
        ("AWS::IAM::SAMLProvider", PROVIDER),
    ]
    assert "additionalEventData" not in event
    with refused("InvalidIdentityToken", 400):
        federate(there, signed(issuer="other"))
    assert there.events()[-1]["errorCode"] == "InvalidIdentityToken"
    assert saml_idp.encode(document)[100:200] not in json.dumps(there.events())


@pytest.fixture
def world_of_two(world_with: Callable[..., LocalWorld]) -> LocalWorld:
    return world_with()


def test_a_provider_of_another_account_vouches_for_nobody(world_of_two: LocalWorld) -> None:
    """Two accounts know the same provider under the same name: each one's roles are its own."""
    world = world_of_two
    for root in (world.root, world.other):
        root.iam.create_saml_provider(
            SAMLMetadataDocument=saml.metadata(keys=key().descriptor), Name="corporate"
        )
    there = PROVIDER.replace(ACCOUNT, OTHER_ACCOUNT)
    statement = trusting({"Federated": PROVIDER}, "sts:AssumeRoleWithSAML")
    role(world.root, "app", statement)
    with refused("InvalidIdentityToken", 400, "Specified provider doesn't exist"):
        federate(world, saying(Role=[f"{ROLE},{there}"]), PrincipalArn=there)


# -- Where the time goes


def test_a_response_is_verified_where_nobody_else_waits(there: LocalWorld) -> None:
    """Until it has been, the rims are given the work; they do it in a thread, and ask then."""
    given = {
        "RoleArn": ROLE,
        "PrincipalArn": PROVIDER,
        "SAMLAssertion": saml_idp.encode(signed(subject="new")),
    }
    form = {"Action": "AssumeRoleWithSAML", "Version": "2011-06-15", **given}
    request = HttpRequest(
        method="POST",
        path="/",
        query="",
        headers=[("host", "localhost"), ("content-type", "application/x-www-form-urlencoded")],
        body=urlencode(form).encode(),
    )
    assert there.server.course(request) == "network"
    work = there.server.missing(request)
    assert work is not None
    work()
    assert there.server.missing(request) is None
    assert there.server.dispatch(request).status == 200
