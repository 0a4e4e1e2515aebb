"""GetFederationToken: who may ask for a federated user, what that may do, and what it may never do."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from rolekeeper.errors import AccessDenied
from tests.asking import ask
from tests.authenticator import enabled
from tests.client import LocalWorld, Person, World
from tests.people import allow, deny, managed, policy, refused, role, user

fact = pytest.mark.fact

OBJECT = "arn:aws:s3:::reports/q1.csv"
JANE = "arn:aws:sts::111111111111:federated-user/jane"
MAY = allow("sts:GetFederationToken", "sts:TagSession")


def federated(person: Person, name: str = "jane", **more: Any) -> Person:
    return person.world.person(person.sts.get_federation_token(Name=name, **more)["Credentials"])


def bucket(principal: str, effect: str = "Allow") -> dict[str, str]:
    """The policy of a bucket that lets somebody read its objects."""
    who = {"AWS": principal}
    return {"policy": policy({"Effect": effect, "Principal": who, "Action": "s3:GetObject", "Resource": "*"})}


def reads(person: Person, **more: Any) -> bool:
    try:
        ask(person, "s3:GetObject", OBJECT, **more)
    except AccessDenied:
        return False
    return True


# -- asking for one -------------------------------------------------------------------------------


def test_it_needs_the_permission_on_the_federated_user(root: Person) -> None:
    bob = user(root, "bob", allow("sts:GetFederationToken", on=f"{JANE[:-4]}j*"))
    text = f"not authorized to perform: sts:GetFederationToken on resource: {JANE[:-4]}kim"
    with refused("AccessDenied", 403, text):
        federated(bob, "kim")
    with refused("AccessDenied", 403):
        federated(user(root, "eve"))
    answer = bob.sts.get_federation_token(Name="jane")
    assert answer["FederatedUser"] == {"FederatedUserId": "111111111111:jane", "Arn": JANE}
    assert "PackedPolicySize" not in answer


def test_who_it_is(root: Person) -> None:
    identity = federated(user(root, "bob", MAY)).sts.get_caller_identity()
    assert identity["UserId"] == "111111111111:jane"
    assert (identity["Account"], identity["Arn"]) == ("111111111111", JANE)


@pytest.mark.parametrize("name", ["j", "j" * 33, "ja ne", "ja/ne", "jane\n"])
def test_a_name_that_is_none_is_refused(root: Person, name: str) -> None:
    with refused("ValidationError", 400):
        federated(root, name)


@pytest.mark.parametrize(
    ("who", "asked", "seconds"),
    [
        ("user", None, 43_200),
        ("user", 900, 900),
        ("user", 129_600, 129_600),
        ("root", None, 3600),
        ("root", 900, 900),
        ("root", 129_600, 3600),
    ],
)
def test_how_long_it_lasts(root: Person, who: str, asked: int | None, seconds: int) -> None:
    person = root if who == "root" else user(root, "bob", MAY)
    more = {} if asked is None else {"DurationSeconds": asked}
    end = person.sts.get_federation_token(Name="jane", **more)["Credentials"]["Expiration"]
    assert (end - datetime.now(UTC)).total_seconds() == pytest.approx(seconds, abs=60)


@pytest.mark.parametrize("seconds", [899, 129_601])
def test_a_length_that_is_none_is_refused(root: Person, seconds: int) -> None:
    with refused("ValidationError", 400, "at 'durationSeconds' failed to satisfy constraint"):
        federated(root, DurationSeconds=seconds)


def test_no_session_asks_for_one(root: Person) -> None:
    root.iam.create_role(
        RoleName="dev",
        AssumeRolePolicyDocument=policy(
            {"Effect": "Allow", "Principal": {"AWS": root.account}, "Action": "sts:AssumeRole"}
        ),
    )
    bob = user(root, "bob", allow("*"))
    role_session = bob.sts.assume_role(RoleArn=f"arn:aws:iam::{root.account}:role/dev", RoleSessionName="se")
    root.iam.put_role_policy(RoleName="dev", PolicyName="p", PolicyDocument=policy(allow("*")))
    sessions = [role_session, bob.sts.get_session_token(), root.sts.get_session_token()]
    sessions.append(bob.sts.get_federation_token(Name="jane", Policy=policy(allow("*"))))
    for answer in sessions:
        with refused("AccessDenied", 403, "Cannot call GetFederationToken with session credentials"):
            federated(root.world.person(answer["Credentials"]))


def test_its_token_can_be_asked_to_be_long(root: Person) -> None:
    answer = root.sts.get_federation_token(Name="jane", MinimumSessionTokenSize=2000)
    assert len(answer["Credentials"]["SessionToken"]) >= 2000


# -- what it may ----------------------------------------------------------------------------------


def test_it_may_what_both_the_user_and_the_session_policy_allow(local: LocalWorld) -> None:
    bob = user(local.root, "bob", MAY, allow("s3:Get*"))
    jane = federated(bob, Policy=policy(allow("s3:*")))
    assert reads(jane)
    with pytest.raises(AccessDenied, match="because no identity-based policy allows the s3:PutObject action"):
        ask(jane, "s3:PutObject", OBJECT)
    with pytest.raises(AccessDenied, match="because no session policy allows the s3:GetObject action"):
        ask(federated(bob, Policy=policy(allow("s3:PutObject"))), "s3:GetObject", OBJECT)
    with pytest.raises(AccessDenied, match="explicit deny in a session policy"):
        ask(federated(bob, Policy=policy(allow("*"), deny("s3:*"))), "s3:GetObject", OBJECT)


def test_a_change_of_the_users_policies_counts_at_once(local: LocalWorld) -> None:
    jane = federated(user(local.root, "bob", MAY, allow("s3:*")), Policy=policy(allow("s3:*")))
    assert reads(jane)
    local.root.iam.delete_user_policy(UserName="bob", PolicyName="own")
    assert not reads(jane)
    local.root.iam.attach_user_policy(
        UserName="bob", PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
    )
    assert reads(jane)


@fact(97)
def test_fact_097_its_policies_are_an_intersection_and_iam_is_out_of_reach(local: LocalWorld) -> None:
    jane = federated(user(local.root, "bob", allow("*")), Policy=policy(allow("*")))
    assert reads(jane)
    with refused("InvalidClientTokenId", 403, "The security token included in the request is invalid"):
        jane.iam.list_roles()


@fact(8)
def test_fact_008_without_a_session_policy_it_may_nothing_but_what_names_it(local: LocalWorld) -> None:
    bob = user(local.root, "bob", MAY, allow("*"))
    jane, kim = federated(bob), federated(bob, "kim")
    assert reads(bob)
    assert not reads(jane)
    assert not reads(jane, **bucket("arn:aws:iam::111111111111:root"))
    assert not reads(jane, **bucket(bob.arn))
    assert reads(jane, **bucket(JANE))
    assert not reads(kim, **bucket(JANE))
    assert reads(bob, **bucket(JANE, "Deny"))
    assert not reads(jane, **bucket(JANE, "Deny"))


@fact(7)
def test_fact_007_what_names_it_is_not_limited_by_session_policy_and_boundary(local: LocalWorld) -> None:
    boundary = managed(local.root, "b", allow("sts:*"))
    bob = user(local.root, "bob", MAY, PermissionsBoundary=boundary)
    jane = federated(bob, Policy=policy(allow("sqs:*")))
    assert reads(jane, **bucket(JANE))
    assert not reads(jane, **bucket(bob.arn))
    local.root.iam.delete_user_permissions_boundary(UserName="bob")
    assert not reads(jane, **bucket(bob.arn))
    assert reads(federated(bob, Policy=policy(allow("s3:*"))), **bucket(bob.arn))


def test_root_s_federated_user_may_what_its_session_policies_allow(local: LocalWorld) -> None:
    root = local.root
    assert not reads(federated(root))
    assert reads(federated(root, Policy=policy(allow("s3:*"))))
    assert not reads(federated(root, Policy=policy(allow("sqs:*"))))
    arn = managed(root, "reads", allow("s3:GetObject"))
    assert reads(federated(root, PolicyArns=[{"arn": arn}]))


def test_in_another_account_both_sides_are_needed(local: LocalWorld) -> None:
    bob = user(local.root, "bob", MAY, allow("s3:*"))
    jane = federated(bob, Policy=policy(allow("s3:*")))
    theirs = {"account": local.other.account}
    assert not reads(jane, **theirs)
    assert reads(jane, **theirs, **bucket(JANE))
    assert not reads(federated(bob), **theirs, **bucket(JANE))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("aws:userid", "111111111111:jane"),
        ("aws:PrincipalType", "FederatedUser"),
        ("aws:PrincipalArn", JANE),
        ("aws:MultiFactorAuthPresent", "false"),
        ("aws:PrincipalTag/Team", "web"),
        ("aws:PrincipalTag/Site", "Oslo"),
    ],
)
def test_its_condition_keys(local: LocalWorld, key: str, value: str) -> None:
    root = local.root
    tags = [{"Key": "team", "Value": "db"}, {"Key": "Site", "Value": "Oslo"}]
    bob = user(root, "bob", MAY, allow("s3:*", Condition={"StringEquals": {key: value}}), Tags=tags)
    own = [{"Key": "Team", "Value": "web"}]
    assert reads(federated(bob, Policy=policy(allow("*")), Tags=own))
    assert not reads(bob) or key == "aws:PrincipalTag/Site"


def test_it_has_no_user_name(local: LocalWorld) -> None:
    absent = {"Null": {"aws:username": "true"}, "Bool": {"aws:PrincipalIsAWSService": "false"}}
    bob = user(local.root, "bob", MAY, allow("s3:*", Condition=absent))
    assert reads(federated(bob, Policy=policy(allow("*"))))
    assert not reads(bob)


# -- what it may not call -------------------------------------------------------------------------


def test_of_sts_it_calls_one_operation(local: LocalWorld) -> None:
    jane = federated(user(local.root, "bob", allow("*")), Policy=policy(allow("*")))
    trusting = role(local.root, "dev", "*")
    for call in (
        lambda: jane.sts.get_session_token(),
        lambda: jane.sts.get_access_key_info(AccessKeyId=jane.key_id),
        lambda: jane.sts.assume_role(RoleArn=trusting, RoleSessionName="session"),
    ):
        with refused("AccessDenied", 403, "with session credentials"):
            call()
    jane.sts.get_caller_identity()


def test_it_uses_up_no_code_of_anybodys_device(local: LocalWorld) -> None:
    """The code of root's device, which is no user's, is not even looked at."""
    root = local.root
    mine = enabled(root, "rolekeeper")
    jane = federated(user(root, "bob", allow("*")), Policy=policy(allow("*")))
    more = {"RoleArn": role(root, "dev", "*"), "RoleSessionName": "session"}
    code = mine.next(root)
    for tried in (code, mine.wrong()):
        with refused("AccessDenied", 403, "Cannot call AssumeRole with session credentials"):
            jane.sts.assume_role(**more, SerialNumber=mine.serial, TokenCode=tried)
    root.sts.get_session_token(SerialNumber=mine.serial, TokenCode=code)


def test_other_services_are_reached_by_what_is_allowed(root: Person) -> None:
    bob = user(root, "bob", MAY, allow("organizations:*"))
    with refused("AWSOrganizationsNotInUseException", 400):
        federated(bob, Policy=policy(allow("organizations:*"))).organizations.list_roots()
    for more in ({}, {"Policy": policy(allow("s3:*"))}):
        with refused("AccessDeniedException", 400):
            federated(bob, **more).organizations.list_roots()


# -- its end --------------------------------------------------------------------------------------


def test_it_ends_with_its_time_and_with_its_user(root: Person, world: World) -> None:
    bob = user(root, "bob", MAY)
    short, long = federated(bob, DurationSeconds=900), federated(bob, "kim")
    world.advance(901)
    with refused("ExpiredToken", 403):
        short.sts.get_caller_identity()
    long.sts.get_caller_identity()
    root.iam.delete_access_key(UserName="bob", AccessKeyId=bob.key_id)
    long.sts.get_caller_identity()  # its own key is another
    root.iam.delete_user_policy(UserName="bob", PolicyName="own")
    root.iam.delete_user(UserName="bob")
    user(root, "bob", MAY)
    with refused("InvalidClientTokenId", 403):
        long.sts.get_caller_identity()


# -- tags and policies ----------------------------------------------------------------------------


def test_tags_need_a_permission_of_their_own(root: Person) -> None:
    tags = [{"Key": "Team", "Value": "web"}]
    only = {
        "StringEquals": {"aws:RequestTag/Team": "web"},
        "ForAllValues:StringEquals": {"aws:TagKeys": ["Team"]},
    }
    bob = user(root, "bob", allow("sts:GetFederationToken"), allow("sts:TagSession", Condition=only))
    eve = user(root, "eve", allow("sts:GetFederationToken"))
    with refused("AccessDenied", 403, f"not authorized to perform: sts:TagSession on resource: {JANE}"):
        federated(eve, Tags=tags)
    for wrong in ([{"Key": "Team", "Value": "hr"}], [*tags, {"Key": "Cost", "Value": "1"}]):
        with refused("AccessDenied", 403, "sts:TagSession"):
            federated(bob, Tags=wrong)
    assert bob.sts.get_federation_token(Name="jane", Tags=tags)["PackedPolicySize"] >= 1


def test_managed_session_policies_are_of_the_users_account(root: Person, other: Person) -> None:
    bob = user(root, "bob", MAY)
    theirs = managed(other, "theirs", allow("*"))
    for arn in (theirs, f"arn:aws:iam::{root.account}:policy/none"):
        with refused("MalformedPolicyDocument", 400):
            federated(bob, PolicyArns=[{"arn": arn}])
    federated(bob, PolicyArns=[{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}])
    with refused("MalformedPolicyDocument", 400):
        federated(bob, Policy="{}")


# -- the trail ------------------------------------------------------------------------------------


def events(world: LocalWorld, name: str) -> list[dict[str, Any]]:
    return [one for one in world.events() if one["eventName"] == name]


def test_who_it_is_in_the_trail(local: LocalWorld) -> None:
    bob = user(local.root, "bob", MAY)
    jane = federated(bob)
    jane.sts.get_caller_identity()
    made, called = events(local, "GetFederationToken")[-1], events(local, "GetCallerIdentity")[-1]
    assert made["userIdentity"]["type"] == "IAMUser"
    shown = made["responseElements"]["credentials"]
    assert shown["accessKeyId"] == called["userIdentity"]["accessKeyId"] == jane.key_id
    assert made["responseElements"]["federatedUser"]["arn"] == JANE
    assert "sessionToken" not in shown
    identity = called["userIdentity"]
    assert (identity["type"], identity["arn"]) == ("FederatedUser", JANE)
    assert (identity["principalId"], identity["accountId"]) == ("111111111111:jane", "111111111111")
    assert "userName" not in identity
    assert identity["sessionContext"]["sessionIssuer"] == {
        "type": "IAMUser",
        "principalId": local.root.iam.get_user(UserName="bob")["User"]["UserId"],
        "arn": "arn:aws:iam::111111111111:user/bob",
        "accountId": "111111111111",
        "userName": "bob",
    }
    assert identity["sessionContext"]["attributes"]["mfaAuthenticated"] == "false"
    assert all(secret not in json.dumps(local.events()) for secret in jane._keys[1:])


def test_root_s_federated_user_in_the_trail(local: LocalWorld) -> None:
    federated(local.root).sts.get_caller_identity()
    identity = events(local, "GetCallerIdentity")[-1]["userIdentity"]
    assert identity["type"] == "FederatedUser"
    assert identity["sessionContext"]["sessionIssuer"] == {
        "type": "Root",
        "principalId": "111111111111",
        "arn": "arn:aws:iam::111111111111:root",
        "accountId": "111111111111",
    }
