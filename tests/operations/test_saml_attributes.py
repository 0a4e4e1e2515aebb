"""AssumeRoleWithSAML: what the attributes of an assertion make of a session, and of a condition."""

from __future__ import annotations

import pytest

from tests import saml, saml_idp
from tests.client import ACCOUNT, LocalWorld
from tests.people import allow, policy, refused
from tests.saml_idp import ENDPOINT, PROVIDER, signed
from tests.saml_world import ACTIONS, TRUSTED, federate, saying, trust_where, with_provider


@pytest.fixture
def there(local: LocalWorld) -> LocalWorld:
    return with_provider(local)


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
        ({"PrincipalTag__team": ["a\tb"]}, "has not the form of a tag"),
        ({"PrincipalTag__team": ["a" * 257]}, "has not the form of a tag"),
        ({"PrincipalTag__" + "a" * 129: ["a"]}, "has not the form of a tag"),
        ({"PrincipalTag__": ["a"]}, "has not the form of a tag"),
    ],
)
def test_attributes_that_are_wrong_are_refused(
    there: LocalWorld, values: dict[str, list[str] | None], fragment: str
) -> None:
    with refused("InvalidIdentityToken", 400, fragment):
        federate(there, saying(**values))


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
        trust_where(there, {operator: {name: value}})
        if code is None:
            federate(there, document)
        else:
            with refused(code, 403):
                federate(there, document)


def test_a_key_of_one_value_is_absent_where_the_provider_gives_two(there: LocalWorld) -> None:
    trust_where(there, {"Null": {"saml:surname": "true"}})
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
    for document in (signed(values=saml_idp.usual_attributes() | long), signed(subject="x" * 10_000)):
        with refused("InvalidIdentityToken", 400, "too long for a session"):
            federate(there, document)


def test_a_session_that_carries_as_much_as_it_can_is_good(there: LocalWorld) -> None:
    long = {"urn:oid:1.3.6.1.4.1.5923.1.1.1.7": ["x" * 100] * 70}
    tags = {f"{saml_idp.AWS}PrincipalTag:{n:0>100}": ["y" * 200] for n in range(12)}
    keys = {f"{saml_idp.AWS}TransitiveTagKeys": [f"{n:0>100}" for n in range(12)]}
    answer = federate(there, signed(values=saml_idp.usual_attributes() | long | tags | keys))
    assert answer["PackedPolicySize"] > 85
    there.person(answer["Credentials"]).iam.get_role(RoleName="app")


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
    trust_where(there, TRUSTED, rest)
    with refused("AccessDenied", 403, f"Not authorized to perform {missing}"):
        federate(there, saying(**values))
    federate(there, saying())


def test_a_transitive_key_must_be_a_tag(there: LocalWorld) -> None:
    with refused("InvalidParameterValue", 400, "transitive tag key"):
        federate(there, saying(TransitiveTagKeys=["team"]))
