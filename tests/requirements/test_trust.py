"""The trust policy, which says who may assume: rows SR-028 to SR-042."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests import saml
from tests.client import Person
from tests.people import Statement, allow, assume, deny, policy, refused, role, trusting, user

requirement = pytest.mark.requirement
fact = pytest.mark.fact

EC2 = """{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {
                "Service": "ec2.amazonaws.com"
            },
            "Action": "sts:AssumeRole"
        }
    ]
}"""


def trust_of(root: Person, name: str) -> Any:
    return root.iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]


@requirement("SR-028")
def test_sr_028_a_role_needs_a_trust_policy(root: Person) -> None:
    told = "Value null at 'assumeRolePolicyDocument' failed to satisfy constraint: Member must not be null"
    with refused("ValidationError", 400, told):
        root.iam.create_role(RoleName="dev")
    with refused("NoSuchEntity", 404):
        root.iam.get_role(RoleName="dev")


@requirement("SR-028")
@pytest.mark.parametrize(
    "text",
    [
        "not JSON",
        "{}",
        "[]",
        '{"Version": "2012-10-17"}',
        '{"Version": "2012-10-17", "Statement": []}',
        '{"Version": "2013", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}}',
        '{"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole"}]}',
        '{"Statement": [{"Effect": "allow", "Principal": "*", "Action": "sts:AssumeRole"}]}',
        '{"Statement": [{"Effect": "Allow", "Principal": "*"}]}',
        '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}]}',
        '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole", "Resource": "*"}]}',
        '{"Statement": [{"Effect": "Allow", "Principal": {"Nobody": "x"}, "Action": "sts:AssumeRole"}]}',
    ],
)
def test_sr_028_what_is_no_trust_policy_is_refused(root: Person, text: str) -> None:
    with refused("MalformedPolicyDocument", 400):
        root.iam.create_role(RoleName="dev", AssumeRolePolicyDocument=text)
    role(root, "dev", root.account)
    with refused("MalformedPolicyDocument", 400):
        root.iam.update_assume_role_policy(RoleName="dev", PolicyDocument=text)


@requirement("SR-028")
def test_sr_028_a_role_has_one_trust_policy(root: Person) -> None:
    bob, eve = (user(root, name) for name in ("bob", "eve"))
    arn = role(root, "dev", bob.arn)
    assume(bob, arn)
    root.iam.update_assume_role_policy(RoleName="dev", PolicyDocument=policy(trusting(eve.arn)))
    assert trust_of(root, "dev")["Statement"][0]["Principal"] == {"AWS": eve.arn}
    assume(eve, arn)
    with refused("AccessDenied", 403):
        assume(bob, arn)


@requirement("SR-028")
def test_sr_028_a_changed_trust_policy_does_not_end_sessions(root: Person) -> None:
    bob, eve = (user(root, name) for name in ("bob", "eve"))
    arn = role(root, "dev", bob.arn, allow("iam:ListRoles"))
    session = assume(bob, arn)
    root.iam.update_assume_role_policy(RoleName="dev", PolicyDocument=policy(trusting(eve.arn)))
    session.iam.list_roles()
    with refused("AccessDenied", 403):
        assume(bob, arn)


@requirement("SR-029", "SR-031")
def test_sr_029_the_trust_policy_of_ec2_is_accepted_and_means_only_ec2(root: Person) -> None:
    made = root.iam.create_role(RoleName="web", AssumeRolePolicyDocument=EC2)
    assert trust_of(root, "web") == json.loads(EC2)
    bob = user(root, "bob", allow("*"))
    with refused("AccessDenied", 403, "is not authorized to perform: sts:AssumeRole"):
        assume(bob, made["Role"]["Arn"])


@requirement("SR-030")
def test_sr_030_it_names_users_of_the_account(root: Person) -> None:
    bob, eve = (user(root, name) for name in ("bob", "eve"))
    arn = role(root, "dev", bob.arn)
    assume(bob, arn)
    with refused("AccessDenied", 403):
        assume(eve, arn)


@requirement("SR-030")
def test_sr_030_it_names_roles_of_the_account(root: Person) -> None:
    bob = user(root, "bob", allow("sts:AssumeRole"))
    first, stranger = role(root, "first", root.account, Path="/a/b/"), role(root, "stranger", root.account)
    second = role(root, "second", first)
    assume(assume(bob, first), second)
    with refused("AccessDenied", 403):
        assume(assume(bob, stranger), second)


@requirement("SR-030")
def test_sr_030_it_names_one_session_of_a_role(root: Person) -> None:
    bob = user(root, "bob", allow("sts:AssumeRole"))
    first = role(root, "first", root.account)
    second = role(root, "second", f"arn:aws:sts::{root.account}:assumed-role/first/monday")
    assume(assume(bob, first, "monday"), second)
    with refused("AccessDenied", 403):
        assume(assume(bob, first, "tuesday"), second)


@requirement("SR-031")
@pytest.mark.parametrize("service", ["ec2.amazonaws.com", "lambda.amazonaws.com", "ecs-tasks.amazonaws.com"])
def test_sr_031_it_names_services(root: Person, service: str) -> None:
    role(root, "web", {"Service": service})
    assert trust_of(root, "web")["Statement"][0]["Principal"] == {"Service": service}


@requirement("SR-031")
@pytest.mark.parametrize(
    "service", ["", "ec2", "ec2.example.com", "*", "*.amazonaws.com", "ec2.amazonaws.com/x"]
)
def test_sr_031_what_is_no_service_is_refused(root: Person, service: str) -> None:
    with refused("MalformedPolicyDocument", 400):
        role(root, "web", {"Service": service})


@requirement("SR-032", "SR-038")
def test_sr_032_it_names_a_user_of_another_account(root: Person, other: Person) -> None:
    bob, eve = (user(other, name, allow("sts:AssumeRole")) for name in ("bob", "eve"))
    arn = role(root, "dev", bob.arn)
    assume(bob, arn)
    with refused("AccessDenied", 403):
        assume(eve, arn)


@requirement("SR-032")
def test_sr_032_it_names_a_role_of_another_account(root: Person, other: Person) -> None:
    bob = user(other, "bob", allow("sts:AssumeRole"))
    theirs = role(other, "theirs", other.account, allow("sts:AssumeRole"))
    arn = role(root, "dev", theirs, allow("iam:ListRoles"))
    session = assume(assume(bob, theirs), arn)
    assert session.account == root.account
    session.iam.list_roles()
    with refused("AccessDenied", 403):
        assume(bob, arn)


@requirement("SR-032")
@pytest.mark.parametrize("form", ["{}", "arn:aws:iam::{}:root"])
def test_sr_032_it_names_a_whole_account(root: Person, other: Person, form: str) -> None:
    theirs, ours = (user(one, "bob", allow("sts:AssumeRole")) for one in (other, root))
    arn = role(root, "dev", form.format(other.account))
    assert trust_of(root, "dev")["Statement"][0]["Principal"] == {"AWS": f"arn:aws:iam::{other.account}:root"}
    assume(theirs, arn)
    with refused("AccessDenied", 403):
        assume(ours, arn)


@requirement("SR-034")
@fact(20)
def test_sr_034_nobody_else_gets_in(root: Person, other: Person) -> None:
    bob = user(root, "bob")
    arn = role(root, "dev", bob.arn)
    for account in (root, other):
        stranger = user(account, "stranger", allow("*"))
        with refused(
            "AccessDenied", 403, f"User: {stranger.arn} is not authorized to perform: sts:AssumeRole"
        ):
            assume(stranger, arn)
    assume(bob, arn)


@requirement("SR-034")
def test_sr_034_a_refusal_does_not_tell_whether_the_role_exists(root: Person, other: Person) -> None:
    stranger = user(other, "stranger", allow("*"))
    texts = []
    for arn in (role(root, "dev", root.account), f"arn:aws:iam::{root.account}:role/none"):
        with refused("AccessDenied", 403) as caught:
            assume(stranger, arn)
        texts.append(str(caught.value).replace(arn, "ARN"))
    assert texts[0] == texts[1]


@requirement("SR-034")
@pytest.mark.parametrize("trust", ["account", "user"])
def test_sr_034_root_assumes_no_role(root: Person, trust: str) -> None:
    arn = role(root, "dev", root.account if trust == "account" else "*")
    with refused("AccessDenied", 403, "Roles may not be assumed by root accounts."):
        assume(root, arn)
    assume(user(root, "bob", allow("sts:AssumeRole")), arn)


@requirement("SR-035")
@pytest.mark.parametrize(
    "principal",
    [
        "arn:aws:iam::111111111111:user/nobody",
        "arn:aws:iam::111111111111:role/nobody",
        "arn:aws:iam::111111111111:group/staff",
        "arn:aws:iam::111111111111:user/BOB",
        "arn:aws:iam::111111111111:user/wrong/path/bob",
        "arn:aws:iam::999999999999:root",
        "arn:aws:iam::999999999999:user/bob",
        "arn:aws-cn:iam::111111111111:root",
        "arn:aws:sts::111111111111:assumed-role/nobody/session",
        "arn:aws:s3:::bucket",
        "999999999999",
        "AIDAAAAAAAAAAAAAAAAAA",
        "bob",
        "",
    ],
)
def test_sr_035_a_principal_that_does_not_exist_is_an_error(root: Person, principal: str) -> None:
    user(root, "bob")
    root.iam.create_group(GroupName="staff")
    with refused("MalformedPolicyDocument", 400, "Invalid principal in policy"):
        role(root, "dev", {"AWS": principal})
    with refused("MalformedPolicyDocument", 400, "Invalid principal in policy"):
        role(root, "dev", {"AWS": [f"arn:aws:iam::{root.account}:user/bob", principal]})
    role(root, "dev", f"arn:aws:iam::{root.account}:user/bob")
    with refused("MalformedPolicyDocument", 400, "Invalid principal in policy"):
        root.iam.update_assume_role_policy(
            RoleName="dev", PolicyDocument=policy(trusting({"AWS": principal}))
        )


@requirement("SR-035")
@fact(82)
def test_sr_035_a_deleted_principal_is_shown_by_its_id_and_a_new_one_is_not_it(root: Person) -> None:
    bob = user(root, "bob")
    identifier = root.iam.get_user(UserName="bob")["User"]["UserId"]
    arn = role(root, "dev", bob.arn)
    root.iam.delete_access_key(UserName="bob", AccessKeyId=bob.key_id)
    root.iam.delete_user(UserName="bob")
    assert trust_of(root, "dev")["Statement"][0]["Principal"] == {"AWS": identifier}
    second = user(root, "bob", allow("sts:AssumeRole"))
    with refused("AccessDenied", 403):
        assume(second, arn)
    # What is shown cannot be written back: the ID means nobody any more.
    with refused("MalformedPolicyDocument", 400, "Invalid principal in policy"):
        root.iam.update_assume_role_policy(RoleName="dev", PolicyDocument=json.dumps(trust_of(root, "dev")))


@requirement("SR-035")
@fact(82)
def test_sr_035_a_deleted_role_is_shown_by_its_id(root: Person) -> None:
    bob = user(root, "bob", allow("sts:AssumeRole"))
    first = role(root, "first", root.account)
    identifier = root.iam.get_role(RoleName="first")["Role"]["RoleId"]
    second = role(root, "second", first)
    assume(assume(bob, first), second)
    root.iam.delete_role(RoleName="first")
    assert trust_of(root, "second")["Statement"][0]["Principal"] == {"AWS": identifier}
    assert role(root, "first", root.account, allow("sts:AssumeRole")) == first
    with refused("AccessDenied", 403):
        assume(assume(bob, first), second)


@requirement("SR-030")
def test_sr_030_a_renamed_user_stays_trusted(root: Person) -> None:
    bob, eve = (user(root, name) for name in ("bob", "eve"))
    arn = role(root, "dev", bob.arn)
    root.iam.update_user(UserName="bob", NewUserName="robert")
    assert trust_of(root, "dev")["Statement"][0]["Principal"] == {"AWS": bob.arn}
    assume(bob, arn)
    root.iam.update_user(UserName="eve", NewUserName="bob")
    with refused("AccessDenied", 403):
        assume(eve, arn)


@requirement("SR-036")
@fact(33)
@pytest.mark.parametrize(
    "principal",
    [
        "arn:aws:iam::{}:user/*",
        "arn:aws:iam::{}:role/*",
        "arn:aws:iam::{}:*",
        "arn:aws:iam::*:root",
        "arn:aws:iam::*:user/bob",
        "arn:aws:sts::{}:assumed-role/dev/*",
        "arn:*:iam::{}:root",
        "11111111111*",
    ],
)
def test_sr_036_no_part_of_a_principal_is_a_wildcard(root: Person, principal: str) -> None:
    role(root, "dev", root.account)
    with refused("MalformedPolicyDocument", 400, "Invalid principal in policy"):
        role(root, "other", principal.format(root.account))


@requirement("SR-036")
@fact(34)
@pytest.mark.parametrize("everyone", ["*", {"AWS": "*"}, {"AWS": ["*"]}])
def test_sr_036_a_bare_star_is_everyone(root: Person, other: Person, everyone: Any) -> None:
    arn = role(root, "dev", everyone)
    assume(user(root, "bob"), arn)
    # Everyone of another account, too; but there the own account has to allow it.
    assume(user(other, "bob", allow("sts:AssumeRole")), arn)
    with refused("AccessDenied", 403):
        assume(user(other, "eve"), arn)


@requirement("SR-037")
@fact(19)
def test_sr_037_trusting_the_account_is_half(root: Person) -> None:
    bob = user(root, "bob")
    arn = role(root, "dev", root.account)
    with refused("AccessDenied", 403, f"User: {bob.arn} is not authorized to perform: sts:AssumeRole"):
        assume(bob, arn)
    root.iam.put_user_policy(
        UserName="bob", PolicyName="p", PolicyDocument=policy(allow("sts:AssumeRole", on=arn))
    )
    assume(bob, arn)


@requirement("SR-037")
@fact(18)
def test_sr_037_naming_the_user_is_enough_in_the_same_account(root: Person) -> None:
    bob, eve = (user(root, name) for name in ("bob", "eve"))
    arn = role(root, "dev", bob.arn)
    assume(bob, arn)
    with refused("AccessDenied", 403):
        assume(eve, arn)


@requirement("SR-038")
@fact(22)
@pytest.mark.parametrize("named", ["account", "user"])
def test_sr_038_across_accounts_both_sides_are_needed(root: Person, other: Person, named: str) -> None:
    bob = user(other, "bob")
    arn = role(root, "dev", other.account if named == "account" else bob.arn)
    with refused("AccessDenied", 403):
        assume(bob, arn)
    grant = policy(allow("sts:AssumeRole", on=arn))
    other.iam.put_user_policy(UserName="bob", PolicyName="p", PolicyDocument=grant)
    assert assume(bob, arn).account == root.account


@requirement("SR-039")
def test_sr_039_the_grant_is_limited_to_roles_with_wildcards(root: Person) -> None:
    bob = user(root, "bob", allow("sts:AssumeRole", on=f"arn:aws:iam::{root.account}:role/team/*-reader"))
    assume(bob, role(root, "web-reader", root.account, Path="/team/"))
    assume(bob, role(root, "db-reader", root.account, Path="/team/x/"))
    for name, path in (("web-writer", "/team/"), ("reader", "/team/"), ("all-reader", "/")):
        with refused("AccessDenied", 403):
            assume(bob, role(root, name, root.account, Path=path))


@requirement("SR-039")
@fact(45)
def test_sr_039_the_roles_name_counts_with_its_case(root: Person) -> None:
    arn = role(root, "Reader", root.account)
    bob = user(root, "bob", allow("sts:AssumeRole", on=arn.lower()))
    with refused("AccessDenied", 403):
        assume(bob, arn)
    assume(user(root, "eve", allow("sts:AssumeRole", on=arn)), arn)
    # Nor is the role found under another case.
    with refused("AccessDenied", 403):
        assume(user(root, "ann", allow("sts:AssumeRole")), arn.lower())


@requirement("SR-040")
@fact(6)
def test_sr_040_a_deny_on_the_callers_side_wins(root: Person) -> None:
    bob = user(root, "bob", allow("sts:*"), deny("sts:AssumeRole"))
    arn = role(root, "dev", bob.arn)
    with refused("AccessDenied", 403, "with an explicit deny in an identity-based policy"):
        assume(bob, arn)
    assume(user(root, "eve", allow("sts:*")), role(root, "other", root.account))


@requirement("SR-040")
@fact(6)
def test_sr_040_a_deny_in_the_trust_policy_wins(root: Person) -> None:
    bob, eve = (user(root, name, allow("sts:AssumeRole")) for name in ("bob", "eve"))
    statements = [trusting(root.account), {**trusting(bob.arn), "Effect": "Deny"}]
    made = root.iam.create_role(RoleName="dev", AssumeRolePolicyDocument=policy(*statements))
    with refused("AccessDenied", 403, "is not authorized to perform: sts:AssumeRole"):
        assume(bob, made["Role"]["Arn"])
    assume(eve, made["Role"]["Arn"])


@requirement("SR-041")
@fact(23)
@pytest.mark.parametrize(
    "given", [{}, {"ExternalId": "wrong"}, {"ExternalId": "AGREED"}, {"ExternalId": "agreed."}]
)
def test_sr_041_without_the_external_id_nobody_gets_in(
    root: Person, other: Person, given: dict[str, str]
) -> None:
    vendor = user(other, "vendor", allow("sts:AssumeRole"))
    agreed = {"StringEquals": {"sts:ExternalId": "agreed"}}
    arn = role(root, "audit", trusting(other.account, Condition=agreed))
    with refused("AccessDenied", 403):
        assume(vendor, arn, **given)
    assume(vendor, arn, ExternalId="agreed")


@requirement("SR-041")
@pytest.mark.parametrize("external_id", ["x", "x" * 1225, "with space", "ex*"])
def test_sr_041_an_external_id_that_is_none_is_refused(root: Person, external_id: str) -> None:
    arn = role(root, "audit", root.account)
    with refused("ValidationError", 400, "at 'externalId' failed to satisfy constraint"):
        assume(user(root, "bob", allow("sts:AssumeRole")), arn, ExternalId=external_id)


@requirement("SR-042")
@fact(21)
def test_sr_042_a_role_assumes_itself_only_if_it_trusts_itself(root: Person) -> None:
    bob = user(root, "bob")
    arn = role(root, "dev", bob.arn, allow("sts:AssumeRole"))
    session = assume(bob, arn)
    with refused("AccessDenied", 403):
        assume(session, arn)
    both: list[Statement] = [trusting([bob.arn, arn])]
    root.iam.update_assume_role_policy(RoleName="dev", PolicyDocument=policy(*both))
    assert assume(session, arn, "again").arn.endswith(":assumed-role/dev/again")


@requirement("SR-030")
@pytest.mark.parametrize(
    ("condition", "right", "wrong"),
    [
        ({"StringLike": {"sts:RoleSessionName": "bob-*"}}, "bob-1", "eve-1"),
        ({"StringEquals": {"sts:RoleSessionName": "${aws:username}"}}, "bob", "eve"),
    ],
)
def test_sr_030_a_condition_of_the_trust_policy_counts(
    root: Person, condition: Any, right: str, wrong: str
) -> None:
    bob = user(root, "bob")
    arn = role(root, "dev", trusting(bob.arn, Condition=condition))
    assume(bob, arn, right)
    with refused("AccessDenied", 403):
        assume(bob, arn, wrong)


@requirement("SR-033", "SR-035")
def test_sr_033_it_names_identity_providers_of_its_account(root: Person) -> None:
    oidc = f"arn:aws:iam::{root.account}:oidc-provider/idp.example"
    corporate = f"arn:aws:iam::{root.account}:saml-provider/corporate"
    for provider, action in (
        (oidc, "sts:AssumeRoleWithWebIdentity"),
        (corporate, "sts:AssumeRoleWithSAML"),
    ):
        with refused(
            "MalformedPolicyDocument", 400, f'Invalid principal in policy: "FEDERATED":"{provider}"'
        ):
            role(root, "early", trusting({"Federated": provider}, action))
    root.iam.create_open_id_connect_provider(Url="https://idp.example")
    root.iam.create_saml_provider(Name="corporate", SAMLMetadataDocument=saml.metadata())
    role(root, "web", trusting({"Federated": oidc}, "sts:AssumeRoleWithWebIdentity"))
    role(root, "office", trusting({"Federated": corporate}, "sts:AssumeRoleWithSAML"))
    role(root, "google", trusting({"Federated": "accounts.google.com"}, "sts:AssumeRoleWithWebIdentity"))
    (statement,) = root.iam.get_role(RoleName="office")["Role"]["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Federated": corporate}
