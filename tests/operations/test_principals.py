"""Principals of trust policies: bound to unique IDs when written, shown as ARNs when read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rolekeeper.operations import principals
from tests import saml
from tests.client import LocalWorld, Person
from tests.people import allow, assume, policy, refused, role, trusting, user


def kept(world: LocalWorld, name: str) -> str:
    """The trust policy of a role as the store has it."""
    with world.server.store.read() as tx:
        return tx.account(world.root.account).roles.get(name).trust


def trust_of(root: Person, name: str) -> Any:
    return root.iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]


def test_a_user_and_a_role_are_kept_by_their_ids(local: LocalWorld) -> None:
    root = local.root
    bob, first = user(root, "bob", Path="/team/"), role(root, "first", "*", Path="/team/")
    named = [bob.arn, first, f"arn:aws:iam::{root.account}:root"]
    role(root, "dev", named)
    assert "user/team/bob" not in kept(local, "dev")
    assert root.iam.get_user(UserName="bob")["User"]["UserId"] in kept(local, "dev")
    assert root.iam.get_role(RoleName="first")["Role"]["RoleId"] in kept(local, "dev")
    assert trust_of(root, "dev")["Statement"][0]["Principal"] == {"AWS": named}


def test_what_is_no_principal_is_left_as_it_is(local: LocalWorld) -> None:
    identifier = local.root.iam.create_user(UserName="bob")["User"]["UserId"]
    condition = {"StringEquals": {"aws:userid": identifier}}
    role(local.root, "dev", trusting("*", Condition=condition, Sid=identifier))
    (statement,) = trust_of(local.root, "dev")["Statement"]
    assert statement["Condition"] == condition
    assert statement["Sid"] == identifier


def test_an_id_may_be_written_while_its_owner_lives(root: Person) -> None:
    bob = user(root, "bob")
    identifier = root.iam.get_user(UserName="bob")["User"]["UserId"]
    assume(bob, role(root, "dev", identifier))
    assert trust_of(root, "dev")["Statement"][0]["Principal"] == {"AWS": bob.arn}
    assert root.iam.delete_access_key(UserName="bob", AccessKeyId=bob.key_id)
    root.iam.delete_user(UserName="bob")
    with refused("MalformedPolicyDocument", 400, f'Invalid principal in policy: "AWS":"{identifier}"'):
        role(root, "prod", identifier)


def test_a_group_or_a_policy_has_an_id_and_is_no_principal(root: Person) -> None:
    group = root.iam.create_group(GroupName="staff")["Group"]["GroupId"]
    made = root.iam.create_policy(PolicyName="p", PolicyDocument=policy(allow("*")))["Policy"]["PolicyId"]
    for identifier in (group, made):
        with refused("MalformedPolicyDocument", 400, "Invalid principal in policy"):
            role(root, "dev", identifier)


OIDC = "arn:aws:iam::111111111111:oidc-provider/idp.example"
SAML = "arn:aws:iam::111111111111:saml-provider/corporate"
WEB = "sts:AssumeRoleWithWebIdentity"


def make_providers(person: Person) -> None:
    person.iam.create_open_id_connect_provider(Url="https://idp.example")
    person.iam.create_saml_provider(Name="corporate", SAMLMetadataDocument=saml.metadata())


@pytest.mark.parametrize(
    "host", ["accounts.google.com", "cognito-identity.amazonaws.com", "www.amazon.com", "graph.facebook.com"]
)
def test_a_provider_that_all_accounts_have_needs_no_provider(root: Person, host: str) -> None:
    asked = {"StringEquals": {f"{host}:aud": "app"}}
    role(root, "dev", trusting({"Federated": host}, WEB, Condition=asked))
    assert trust_of(root, "dev")["Statement"][0]["Principal"] == {"Federated": host}


@pytest.mark.parametrize("federated", [OIDC, SAML])
def test_a_provider_that_is_not_there_is_refused(root: Person, other: Person, federated: str) -> None:
    make_providers(other)
    theirs = federated.replace(root.account, other.account)
    for arn in (federated, theirs):  # a provider is one of the role's own account
        with refused("MalformedPolicyDocument", 400, f'Invalid principal in policy: "FEDERATED":"{arn}"'):
            role(root, "dev", trusting({"Federated": arn}, WEB))
    role(root, "dev", root.account)
    with refused("MalformedPolicyDocument", 400, "Invalid principal in policy"):
        root.iam.update_assume_role_policy(
            RoleName="dev", PolicyDocument=policy(trusting({"Federated": federated}, WEB))
        )


def test_an_issuer_that_others_share_is_not_trusted_by_its_name_alone(root: Person) -> None:
    host = "token.actions.githubusercontent.com"
    made = root.iam.create_open_id_connect_provider(Url=f"https://{host}")
    shared = {"Federated": made["OpenIDConnectProviderArn"]}
    with refused("MalformedPolicyDocument", 400, f"{host}:sub which is not scoped to all"):
        role(root, "dev", trusting(shared, WEB))
    asked = {"StringLike": {f"{host}:sub": "repo:o/r:*"}}
    role(root, "dev", trusting(shared, WEB, Condition=asked))
    with refused("MalformedPolicyDocument", 400, f"{host}:sub which is not scoped to all"):
        root.iam.update_assume_role_policy(RoleName="dev", PolicyDocument=policy(trusting(shared, WEB)))
    assert trust_of(root, "dev")["Statement"][0]["Condition"] == asked


@pytest.mark.parametrize("federated", [OIDC, SAML])
def test_a_provider_is_kept_and_outlived(root: Person, federated: str) -> None:
    make_providers(root)
    role(root, "dev", trusting({"Federated": federated}, WEB))
    with refused("MalformedPolicyDocument", 400, "Invalid principal in policy"):
        role(root, "prod", trusting({"Federated": federated.replace("-provider/", "-provider/x")}, WEB))
    with refused("MalformedPolicyDocument", 400, "Invalid principal in policy"):
        role(root, "prod", trusting({"Federated": federated.replace("corporate", "CORPORATE") + "/"}, WEB))
    root.iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=OIDC)
    root.iam.delete_saml_provider(SAMLProviderArn=SAML)
    assert trust_of(root, "dev")["Statement"][0]["Principal"] == {"Federated": federated}


@pytest.mark.parametrize(
    "federated",
    [
        "",
        "*",
        "Not a host",
        "arn:aws:iam::111111111111:user/bob",
        "arn:aws:iam::999999999999:saml-provider/x",
    ],
)
def test_what_is_no_federated_principal_is_refused(root: Person, federated: str) -> None:
    with refused("MalformedPolicyDocument", 400):
        role(root, "dev", trusting({"Federated": federated}, "sts:AssumeRoleWithWebIdentity"))


def test_one_statement_may_stand_without_a_list(root: Person) -> None:
    bob = user(root, "bob")
    text = json.dumps({"Version": "2012-10-17", "Statement": trusting(bob.arn)})
    made = root.iam.create_role(RoleName="dev", AssumeRolePolicyDocument=text)
    assume(bob, made["Role"]["Arn"])
    assert trust_of(root, "dev") == json.loads(text)


@pytest.mark.parametrize("number", ["1e400", "1e-400", "900", "900.0", "9e2", "-0.0"])
def test_a_number_goes_on_as_it_was_written(root: Person, number: str) -> None:
    bob = user(root, "bob")
    statement = trusting(bob.arn, Condition={"NumericGreaterThanEquals": {"aws:EpochTime": "NUMBER"}})
    text = policy(statement).replace('"NUMBER"', number)
    made = root.iam.create_role(RoleName="dev", AssumeRolePolicyDocument=text)["Role"]
    found = trust_of(root, "dev")["Statement"][0]["Condition"]["NumericGreaterThanEquals"]
    assert str(found["aws:EpochTime"]) == number
    if float(number) > 1e12:
        with refused("AccessDenied", 403):
            assume(bob, made["Arn"])
    else:
        assume(bob, made["Arn"])


def test_a_document_without_ids_is_shown_as_it_is_kept(local: LocalWorld) -> None:
    text = policy(trusting({"Service": "ec2.amazonaws.com"}))
    with local.server.store.read() as tx:
        assert principals.show(tx, "aws", text) is text
        assert json.loads(principals.bind(tx, "aws", local.root.account, text)) == json.loads(text)
