"""AssumeRoleWithSAML: whom a provider's word lets in, and what is refused. Forgeries have their own file."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rolekeeper.operations.saml_federation import name_qualifier
from tests import saml, saml_idp
from tests.client import ACCOUNT, OTHER_ACCOUNT, LocalWorld, Person
from tests.people import Statement, allow, policy, refused, role, trusting
from tests.saml_idp import ENDPOINT, PROVIDER, ROLE, SigningKey, assertion, encrypted, key, response, signed

TRUSTED = {"StringEquals": {"SAML:aud": ENDPOINT}}
ACTIONS = ["sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity"]


def trust(actions: list[str], condition: dict[str, Any]) -> Statement:
    return trusting({"Federated": PROVIDER}, actions, Condition=condition)


@pytest.fixture
def there(local: LocalWorld) -> LocalWorld:
    """A server with a provider and a role that trusts it."""
    local.root.iam.create_saml_provider(
        SAMLMetadataDocument=saml.metadata(keys=key().descriptor), Name="corporate"
    )
    role(local.root, "app", trust(ACTIONS, TRUSTED), allow("iam:GetRole"))
    return local


def trust_all(world: LocalWorld) -> None:
    """Let the role trust all whom the provider vouches for."""
    document = policy(trust(ACTIONS, {"StringLike": {"saml:sub": "*"}}))
    world.root.iam.update_assume_role_policy(RoleName="app", PolicyDocument=document)


def federate(world: LocalWorld, document: Any, **more: Any) -> dict[str, Any]:
    given = {"RoleArn": ROLE, "PrincipalArn": PROVIDER, "SAMLAssertion": saml_idp.encode(document)}
    answer: dict[str, Any] = Person(world, "", "").unsigned_sts.assume_role_with_saml(**given | more)
    return answer


def saying(**values: list[str] | None) -> Any:
    """A response with attributes of AWS's in place of the usual ones, or besides."""
    return signed(values=saml_idp.usual_attributes(**values))


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


def test_the_recipient_may_name_the_provider(there: LocalWorld) -> None:
    trust_all(there)
    own = there.root.iam.get_saml_provider(SAMLProviderArn=PROVIDER)["SAMLProviderUUID"]
    federate(there, signed(recipient=f"{IN_IRELAND}/acs/{own}"))


def test_a_status_that_is_no_success_is_refused(there: LocalWorld) -> None:
    inner = key().sign(saml_idp.etree.fromstring(assertion()))
    failed = response(inner, status="urn:oasis:names:tc:SAML:2.0:status:Responder")
    with refused("IDPRejectedClaim", 403, "The identity provider reported that authentication failed"):
        federate(there, failed)


@pytest.mark.parametrize(
    ("values", "fragment"),
    [
        ({"Role": None}, "it has no Role attribute"),
        ({"RoleSessionName": None}, "RoleSessionName is required in AuthnResponse"),
        ({"RoleSessionName": ["a"]}, "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}"),
        ({"RoleSessionName": ["ali/ce"]}, "RoleSessionName in AuthnResponse must match"),
        ({"RoleSessionName": ["alice", "root"]}, "its attribute RoleSessionName must have one value"),
        (
            {"SourceIdentity": ["aws:alice"]},
            "Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin",
        ),
        ({"SourceIdentity": ["a b"]}, "Source Identity must match"),
        ({"SessionDuration": ["899"]}, "its SessionDuration must be between 900 and 43200"),
        ({"SessionDuration": ["43201"]}, "its SessionDuration must be between 900 and 43200"),
        ({"SessionDuration": ["1e3"]}, "its SessionDuration must be between 900 and 43200"),
        ({"PrincipalTag__team": ["a", "b"]}, "its attribute PrincipalTag:team must have one value"),
    ],
)
def test_attributes_that_are_wrong_are_refused(
    there: LocalWorld, values: dict[str, list[str] | None], fragment: str
) -> None:
    with refused("InvalidIdentityToken", 400, fragment):
        federate(there, saying(**values))


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
    there.root.iam.update_assume_role_policy(
        RoleName="app", PolicyDocument=policy(trust(["sts:AssumeRoleWithWebIdentity"], {}))
    )
    with refused("AccessDenied", 403, "Not authorized to perform sts:AssumeRoleWithSAML"):
        federate(there, signed())


KEYS = {
    "saml:aud": ENDPOINT,
    "saml:iss": saml.ISSUER,
    "saml:sub": "alice@example.com",
    "saml:sub_type": "persistent",
    "saml:doc": f"{ACCOUNT}/corporate",
    "saml:edupersonaffiliation": "staff",
    "saml:edupersonprincipalname": "alice@example.com",
    "saml:cn": "Alice",
    "saml:commonName": "Alice",
    "saml:mail": "alice@example.com",
    "saml:primaryGroupSID": "S-1-5",
    "saml:uid": "alice",
    "aws:FederatedProvider": PROVIDER,
    "sts:RoleSessionName": "alice",
}
OF_PEOPLE = {
    "urn:oid:1.3.6.1.4.1.5923.1.1.1.1": ["member", "staff"],
    "urn:oid:1.3.6.1.4.1.5923.1.1.1.6": ["alice@example.com"],
    "urn:oid:2.5.4.3": ["Alice"],
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress": ["alice@example.com"],
    "http://schemas.microsoft.com/ws/2008/06/identity/claims/primarygroupsid": ["S-1-5"],
    "urn:oid:0.9.2342.19200300.100.1.1": ["alice"],
    "urn:oid:2.5.4.4": ["two", "values"],
}
SEVERAL = ("saml:edupersonaffiliation", "saml:cn")


@pytest.mark.parametrize("name", KEYS)
def test_what_the_assertion_says_is_a_condition_key_of_the_trust(there: LocalWorld, name: str) -> None:
    document = signed(values=saml_idp.usual_attributes() | OF_PEOPLE)
    operator = "ForAnyValue:StringEquals" if name in SEVERAL else "StringEquals"
    for value, code in ((KEYS[name] + "x", "AccessDenied"), (KEYS[name], None)):
        there.root.iam.update_assume_role_policy(
            RoleName="app", PolicyDocument=policy(trust(ACTIONS, {operator: {name: value}}))
        )
        if code is None:
            federate(there, document)
        else:
            with refused(code, 403):
                federate(there, document)


def test_a_key_of_one_value_is_absent_where_the_provider_gives_two(there: LocalWorld) -> None:
    there.root.iam.update_assume_role_policy(
        RoleName="app", PolicyDocument=policy(trust(ACTIONS, {"Null": {"saml:surname": "true"}}))
    )
    federate(there, signed(values=saml_idp.usual_attributes() | OF_PEOPLE))


def test_the_session_carries_what_was_said(there: LocalWorld) -> None:
    answer = federate(there, signed())
    for wanted, code in ((answer["NameQualifier"], None), ("other", "AccessDenied")):
        condition = {"StringEquals": {"saml:namequalifier": wanted, "saml:sub": "alice@example.com"}}
        there.root.iam.put_role_policy(
            RoleName="app", PolicyName="own", PolicyDocument=policy(allow("iam:GetRole", Condition=condition))
        )
        session = there.person(answer["Credentials"])
        if code is None:
            session.iam.get_role(RoleName="app")
        else:
            with refused(code, 403):
                session.iam.get_role(RoleName="app")


def test_attributes_that_a_session_cannot_carry_are_refused(there: LocalWorld) -> None:
    long = {"urn:oid:1.3.6.1.4.1.5923.1.1.1.7": ["x" * 100] * 100}
    with refused("InvalidIdentityToken", 400, "too long for a session"):
        federate(there, signed(values=saml_idp.usual_attributes() | long))


def test_tags_and_a_source_identity_come_from_the_provider(there: LocalWorld) -> None:
    document = saying(
        PrincipalTag__team=["people"], TransitiveTagKeys=["team"], SourceIdentity=["alice@example.com"]
    )
    answer = federate(there, document)
    assert answer["SourceIdentity"] == "alice@example.com"
    assert answer["PackedPolicySize"] >= 1
    tagged = {"StringEquals": {"aws:PrincipalTag/team": "people", "aws:SourceIdentity": "alice@example.com"}}
    there.root.iam.put_role_policy(
        RoleName="app", PolicyName="own", PolicyDocument=policy(allow("iam:GetUser", Condition=tagged))
    )
    there.root.iam.create_user(UserName="bob")
    there.person(answer["Credentials"]).iam.get_user(UserName="bob")


@pytest.mark.parametrize(
    ("missing", "values"),
    [
        ("sts:TagSession", {"PrincipalTag__team": ["a"]}),
        ("sts:SetSourceIdentity", {"SourceIdentity": ["bob"]}),
    ],
)
def test_tags_and_a_source_identity_need_their_permissions(
    there: LocalWorld, missing: str, values: dict[str, list[str]]
) -> None:
    rest = [action for action in ACTIONS if action != missing]
    there.root.iam.update_assume_role_policy(RoleName="app", PolicyDocument=policy(trust(rest, TRUSTED)))
    with refused("AccessDenied", 403, f"Not authorized to perform {missing}"):
        federate(there, saying(**values))
    federate(there, saying())


def test_a_transitive_key_must_be_a_tag(there: LocalWorld) -> None:
    with refused("InvalidParameterValue", 400, "transitive tag key"):
        federate(there, saying(TransitiveTagKeys=["team"]))


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


# -- Encrypted assertions


def _closed(there: LocalWorld, mode: str = "Allowed") -> Any:
    """A private key that the provider has."""
    found = key("decrypting").private
    there.root.iam.update_saml_provider(
        SAMLProviderArn=PROVIDER,
        AssertionEncryptionMode=mode,
        AddPrivateKey=saml_idp.private_pem(found),  # type: ignore[arg-type]
    )
    return found


def _inner() -> Any:
    return key().sign(saml_idp.etree.fromstring(assertion()))


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"cipher": "cbc"},
        {"wrap": saml_idp.XENC + "rsa-oaep-mgf1p"},
        {"digest": saml_idp.hashes.SHA256()},
        {"aside": True},
    ],
)
def test_an_encrypted_assertion_is_opened(there: LocalWorld, how: dict[str, Any]) -> None:
    closed = encrypted(_inner(), _closed(there), **how)
    assert federate(there, response(closed))["Subject"] == "alice@example.com"
    federate(there, key().sign(response(closed)))


def test_where_encryption_is_required_nothing_else_is_taken(there: LocalWorld) -> None:
    private = _closed(there, "Required")
    with refused("InvalidIdentityToken", 400, "the provider wants encrypted assertions"):
        federate(there, signed())
    federate(there, response(encrypted(_inner(), private)))


def test_an_encrypted_assertion_is_believed_no_more_than_others(there: LocalWorld) -> None:
    private, told = _closed(there), "could not be decrypted with the provider's private keys"
    unsigned = saml_idp.etree.fromstring(assertion())
    for inner in (unsigned, key("second", "ec").sign(unsigned)):
        with refused("InvalidIdentityToken", 400, told):
            federate(there, response(encrypted(inner, private)))
        with refused("InvalidIdentityToken", 400, told):
            federate(there, key().sign(response(encrypted(inner, private))))
    with refused("InvalidIdentityToken", 400, told):
        federate(there, response(encrypted(response(_inner()), private)))


def test_what_the_providers_keys_do_not_open_is_refused(there: LocalWorld) -> None:
    told = "could not be decrypted with the provider's private keys"
    private = key("decrypting").private
    with refused("InvalidIdentityToken", 400, told):
        federate(there, response(encrypted(_inner(), private)))  # type: ignore[arg-type]
    _closed(there)
    with refused("InvalidIdentityToken", 400, told):
        federate(there, response(encrypted(_inner(), key("other").private)))  # type: ignore[arg-type]
    with refused("InvalidIdentityToken", 400, told):
        old = saml_idp.XENC + "rsa-1_5"
        federate(there, response(encrypted(_inner(), private, wrap=old)))  # type: ignore[arg-type]


def test_an_old_private_key_opens_until_it_is_removed(there: LocalWorld) -> None:
    first = _closed(there)
    closed = response(encrypted(_inner(), first))
    federate(there, closed)
    there.root.iam.update_saml_provider(SAMLProviderArn=PROVIDER, AddPrivateKey=saml.private_key())
    federate(there, closed)
    listed = there.root.iam.get_saml_provider(SAMLProviderArn=PROVIDER)["PrivateKeyList"]
    there.root.iam.update_saml_provider(SAMLProviderArn=PROVIDER, RemovePrivateKey=listed[0]["KeyId"])
    with refused("InvalidIdentityToken", 400, "could not be decrypted"):
        federate(there, closed)


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
    assert event["responseElements"]["subject"] == "alice@example.com"
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
