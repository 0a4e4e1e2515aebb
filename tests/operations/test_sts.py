"""STS: session policies, tags and identities, GetSessionToken, and who may call what."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.client import Person, World
from tests.people import allow, assume, deny, managed, policy, refused, role, trusting, user

fact = pytest.mark.fact


@pytest.fixture
def bob(root: Person) -> Person:
    """A user who may assume whatever trusts the account."""
    return user(root, "bob", allow("sts:AssumeRole"))


@pytest.fixture
def admin(root: Person) -> str:
    """A role that trusts the account and may do everything in IAM."""
    return role(root, "admin", root.account, allow("iam:*", "sts:*"))


def session_of(person: Person, **more: Any) -> Person:
    return person.world.person(person.sts.get_session_token(**more)["Credentials"])


# -- session policies -----------------------------------------------------------------------------


@fact(12)
def test_a_session_policy_limits_and_does_not_grant(bob: Person, admin: str) -> None:
    dev = assume(bob, admin, Policy=policy(allow("iam:ListRoles", "sts:GetAccessKeyInfo", "s3:*")))
    dev.iam.list_roles()
    with refused("AccessDenied", 403, "because no session policy allows the iam:ListUsers action"):
        dev.iam.list_users()


@fact(12)
def test_what_the_role_may_not_no_session_policy_gives(root: Person, bob: Person) -> None:
    dev = assume(bob, role(root, "dev", root.account, allow("iam:ListRoles")), Policy=policy(allow("*")))
    dev.iam.list_roles()
    with refused("AccessDenied", 403, "because no identity-based policy allows the iam:ListUsers action"):
        dev.iam.list_users()


@fact(6)
def test_a_deny_in_a_session_policy_says_so(bob: Person, admin: str) -> None:
    dev = assume(bob, admin, Policy=policy(allow("*"), deny("iam:ListUsers")))
    dev.iam.list_roles()
    with refused("AccessDenied", 403, "with an explicit deny in a session policy"):
        dev.iam.list_users()


@fact(12)
def test_session_policies_add_up_before_they_limit(root: Person, bob: Person, admin: str) -> None:
    arns = [{"arn": managed(root, name, allow(f"iam:List{name}"))} for name in ("Roles", "Users")]
    dev = assume(bob, admin, Policy=policy(allow("iam:ListGroups")), PolicyArns=arns)
    for allowed in (dev.iam.list_roles, dev.iam.list_users, dev.iam.list_groups):
        allowed()
    with refused("AccessDenied", 403, "because no session policy allows the iam:ListPolicies action"):
        dev.iam.list_policies()


def test_a_managed_session_policy_is_read_when_it_is_used(root: Person, bob: Person, admin: str) -> None:
    arn = managed(root, "p", allow("iam:ListRoles"))
    dev = assume(bob, admin, PolicyArns=[{"arn": arn}])
    dev.iam.list_roles()
    new = policy(allow("iam:ListUsers"))
    root.iam.create_policy_version(PolicyArn=arn, PolicyDocument=new, SetAsDefault=True)
    dev.iam.list_users()
    with refused("AccessDenied", 403, "because no session policy allows the iam:ListRoles action"):
        dev.iam.list_roles()
    root.iam.delete_policy_version(PolicyArn=arn, VersionId="v1")
    root.iam.delete_policy(PolicyArn=arn)
    with refused("AccessDenied", 403, "because no session policy allows the iam:ListUsers action"):
        dev.iam.list_users()


def test_a_managed_session_policy_must_be_the_roles_accounts(
    root: Person, other: Person, bob: Person, admin: str
) -> None:
    theirs = managed(other, "theirs", allow("*"))
    for arn in (theirs, f"arn:aws:iam::{root.account}:policy/none"):
        with refused("MalformedPolicyDocument", 400):
            assume(bob, admin, PolicyArns=[{"arn": arn}])


def test_ten_managed_session_policies_and_no_more(root: Person, bob: Person, admin: str) -> None:
    arns = [{"arn": managed(root, f"p{number}", allow("iam:ListRoles"))} for number in range(11)]
    with refused("ValidationError", 400):
        assume(bob, admin, PolicyArns=arns)
    assume(bob, admin, PolicyArns=arns[:10]).iam.list_roles()


@pytest.mark.parametrize(
    "text", ["x", "{}", policy(allow("*", Principal="*")), policy({"Effect": "Allow", "Action": "*"})]
)
def test_what_is_no_session_policy_is_refused(bob: Person, admin: str, text: str) -> None:
    with refused("MalformedPolicyDocument", 400):
        assume(bob, admin, Policy=text)


@fact(95)
def test_fact_095_a_session_policy_has_2048_characters(bob: Person, admin: str) -> None:
    room = 2048 - len(policy(allow("*", Sid="")))
    fits = policy(allow("*", Sid="x" * room))
    answer = bob.sts.assume_role(RoleArn=admin, RoleSessionName="session", Policy=fits)
    assert 1 <= answer["PackedPolicySize"] <= 100
    with refused("PackedPolicyTooLarge", 400):
        assume(bob, admin, Policy=fits + " ")


def test_a_session_without_a_policy_has_no_packed_size(bob: Person, admin: str) -> None:
    assert "PackedPolicySize" not in bob.sts.assume_role(RoleArn=admin, RoleSessionName="session")


@fact(4)
def test_a_session_policy_limits_what_the_next_role_gives_to_the_role(
    root: Person, bob: Person, admin: str
) -> None:
    session_arn = f"arn:aws:sts::{root.account}:assumed-role/admin/session"
    limited = assume(bob, admin, Policy=policy(allow("iam:*")))
    with refused("AccessDenied", 403):
        assume(limited, role(root, "trusts-the-role", admin))
    assume(assume(bob, admin), role(root, "trusts-it-too", admin))
    # What trusts the session itself is not limited by the session's policy.
    assume(limited, role(root, "trusts-the-session", session_arn))


@fact(2)
@fact(3)
def test_a_boundary_limits_what_the_next_role_gives_to_the_role(root: Person, bob: Person) -> None:
    boundary = managed(root, "b", allow("iam:*"))
    arn = role(root, "dev", root.account, allow("*"), PermissionsBoundary=boundary)
    session_arn = f"arn:aws:sts::{root.account}:assumed-role/dev/session"
    dev = assume(bob, arn)
    with refused("AccessDenied", 403):
        assume(dev, role(root, "trusts-the-role", arn))
    assume(dev, role(root, "trusts-the-session", session_arn))


@fact(1)
def test_a_boundary_does_not_limit_what_names_the_user(root: Person) -> None:
    bob = user(root, "bob", PermissionsBoundary=managed(root, "b", allow("iam:*")))
    assume(bob, role(root, "trusts-bob", bob.arn))
    root.iam.put_user_policy(UserName="bob", PolicyName="p", PolicyDocument=policy(allow("*")))
    with refused("AccessDenied", 403):
        assume(bob, role(root, "trusts-the-account", root.account))


@fact(14)
def test_a_boundary_limits_across_accounts(root: Person, other: Person) -> None:
    boundary = managed(other, "b", allow("iam:*"))
    bob = user(other, "bob", allow("*"), PermissionsBoundary=boundary)
    arn = role(root, "dev", bob.arn)
    with refused("AccessDenied", 403):
        assume(bob, arn)
    other.iam.delete_user_permissions_boundary(UserName="bob")
    assume(bob, arn)


# -- tags and the source identity of a session ----------------------------------------------------


@fact(91)
def test_fact_091_session_tags_need_tag_session_on_both_sides(root: Person, other: Person) -> None:
    tags = [{"Key": "Team", "Value": "web"}]
    both = ["sts:AssumeRole", "sts:TagSession"]
    bob, eve = user(other, "bob", allow(*both)), user(other, "eve", allow("sts:AssumeRole"))
    plain = role(root, "plain", other.account)
    tagged = role(root, "tagged", trusting(other.account, both))
    for person, arn in ((bob, plain), (eve, tagged)):
        assume(person, arn)
        with refused("AccessDenied", 403, "is not authorized to perform: sts:TagSession"):
            assume(person, arn, Tags=tags)
    assume(bob, tagged, Tags=tags)


@fact(91)
def test_fact_091_a_session_tag_wins_over_the_roles_without_regard_to_case(root: Person) -> None:
    bob = user(root, "bob")
    mine = {"StringEquals": {"aws:PrincipalTag/Team": "web"}}
    arn = role(
        root,
        "dev",
        trusting(bob.arn, ["sts:AssumeRole", "sts:TagSession"]),
        allow("iam:ListRoles", Condition=mine),
        Tags=[{"Key": "Team", "Value": "db"}],
    )
    with refused("AccessDenied", 403):
        assume(bob, arn).iam.list_roles()
    assume(bob, arn, Tags=[{"Key": "TEAM", "Value": "web"}]).iam.list_roles()
    with refused("AccessDenied", 403):
        assume(bob, arn, Tags=[{"Key": "Team", "Value": "hr"}]).iam.list_roles()


@fact(92)
def test_fact_092_transitive_tags_go_on_and_cannot_be_overridden(root: Person) -> None:
    bob = user(root, "bob")
    both = ["sts:AssumeRole", "sts:TagSession"]
    first = role(root, "first", trusting(bob.arn, both))
    tied = {"StringEquals": {"aws:PrincipalTag/Cost": "1"}, "Null": {"aws:PrincipalTag/Team": "true"}}
    second = role(root, "second", trusting(first, both), allow("iam:ListRoles", Condition=tied))
    tags = [{"Key": "Cost", "Value": "1"}, {"Key": "Team", "Value": "web"}]
    session = assume(bob, first, Tags=tags, TransitiveTagKeys=["cost"])
    assume(session, second).iam.list_roles()
    with refused("InvalidParameterValue", 400, "conflicts with a transitive tag key from the calling"):
        assume(session, second, Tags=[{"Key": "COST", "Value": "2"}])
    with refused("AccessDenied", 403):
        assume(assume(bob, first, Tags=tags), second).iam.list_roles()


def test_a_transitive_tag_key_is_one_of_the_tags_of_the_request(root: Person) -> None:
    bob = user(root, "bob")
    both = ["sts:AssumeRole", "sts:TagSession"]
    first = role(root, "first", trusting(bob.arn, both))
    second = role(root, "second", trusting(first, both))
    tags = [{"Key": "Cost", "Value": "1"}]
    session = assume(bob, first, Tags=tags, TransitiveTagKeys=["cost"])
    for person, arn in ((bob, first), (session, second)):
        with refused("InvalidParameterValue", 400, "must be included in the requested tags"):
            assume(person, arn, Tags=[{"Key": "Team", "Value": "web"}], TransitiveTagKeys=["Cost"])


def test_a_session_tag_that_stands_twice_is_refused(root: Person) -> None:
    bob = user(root, "bob")
    arn = role(root, "dev", trusting(bob.arn, ["sts:AssumeRole", "sts:TagSession"]))
    twice = [{"Key": "Team", "Value": "web"}, {"Key": "TEAM", "Value": "db"}]
    with refused("InvalidParameterValue", 400, "Duplicate tag keys found"):
        assume(bob, arn, Tags=twice)
    assume(bob, arn, Tags=twice[:1])


@fact(93)
def test_fact_093_a_source_identity_is_kept_along_a_chain(root: Person) -> None:
    bob = user(root, "bob")
    both = ["sts:AssumeRole", "sts:SetSourceIdentity"]
    first = role(root, "first", trusting(bob.arn, both))
    second = role(root, "second", trusting(first, both))
    plain = role(root, "plain", trusting([bob.arn, first]))
    with refused("AccessDenied", 403, "is not authorized to perform: sts:SetSourceIdentity"):
        assume(bob, plain, SourceIdentity="bob")
    session = assume(bob, first, SourceIdentity="bob")
    answer = session.sts.assume_role(RoleArn=second, RoleSessionName="session")
    assert answer["SourceIdentity"] == "bob"
    with refused("ValidationError", 400, "already set for this assume role session"):
        assume(session, second, SourceIdentity="eve")
    with refused("AccessDenied", 403, "sts:SetSourceIdentity"):
        assume(session, plain)


# -- GetSessionToken ------------------------------------------------------------------------------


@fact(26)
def test_get_session_token_needs_no_permission_and_no_deny_stops_it(root: Person) -> None:
    for name, statements in (("bob", []), ("eve", [deny("*")])):
        person = user(root, name, *statements)
        assert session_of(person).arn == person.arn


@fact(96)
def test_fact_096_its_credentials_do_not_reach_iam_nor_most_of_sts(root: Person) -> None:
    session = session_of(user(root, "bob", allow("*")))
    with refused("InvalidClientTokenId", 403, "The security token included in the request is invalid"):
        session.iam.list_roles()
    with refused("AccessDenied", 403, "Cannot call GetSessionToken with session credentials"):
        session_of(session)
    with refused("AccessDenied", 403):
        session.sts.get_access_key_info(AccessKeyId=session.key_id)
    assume(session, role(root, "dev", root.account))
    session.sts.get_caller_identity()


def test_no_session_makes_a_session_of_its_own(bob: Person, admin: str) -> None:
    with refused("AccessDenied", 403, "Cannot call GetSessionToken with session credentials"):
        session_of(assume(bob, admin))
    session_of(bob)


def test_a_users_session_is_no_link_of_a_chain(root: Person, bob: Person) -> None:
    long = role(root, "long", root.account, MaxSessionDuration=43200)
    assume(session_of(bob), long, DurationSeconds=43200)


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
    person = root if who == "root" else user(root, "bob")
    more = {} if asked is None else {"DurationSeconds": asked}
    end = person.sts.get_session_token(**more)["Credentials"]["Expiration"]
    assert (end - datetime.now(UTC)).total_seconds() == pytest.approx(seconds, abs=60)


@pytest.mark.parametrize("seconds", [899, 129_601])
def test_a_length_that_is_none_is_refused(root: Person, seconds: int) -> None:
    with refused("ValidationError", 400, "at 'durationSeconds' failed to satisfy constraint"):
        session_of(root, DurationSeconds=seconds)


def test_it_ends_with_its_time_and_with_its_user(root: Person, world: World) -> None:
    bob = user(root, "bob")
    short, long = session_of(bob, DurationSeconds=900), session_of(bob)
    world.advance(901)
    with refused("ExpiredToken", 403):
        short.sts.get_caller_identity()
    long.sts.get_caller_identity()
    root.iam.delete_access_key(UserName="bob", AccessKeyId=bob.key_id)
    root.iam.delete_user(UserName="bob")
    user(root, "bob")
    with refused("InvalidClientTokenId", 403):
        long.sts.get_caller_identity()


def test_a_session_of_root_assumes_no_role_either(root: Person) -> None:
    arn = role(root, "dev", "*")
    session = session_of(root)
    assert session.arn == f"arn:aws:iam::{root.account}:root"
    with refused("AccessDenied", 403, "Roles may not be assumed by root accounts."):
        assume(session, arn)


@pytest.mark.parametrize("operation", ["get_session_token", "assume_role"])
def test_a_device_that_is_not_there_is_refused(root: Person, bob: Person, admin: str, operation: str) -> None:
    device = {"SerialNumber": f"arn:aws:iam::{root.account}:mfa/bob", "TokenCode": "123456"}
    more = {"RoleArn": admin, "RoleSessionName": "session"} if operation == "assume_role" else {}
    with refused("AccessDenied", 403, "MultiFactorAuthentication failed, unable to validate MFA code."):
        getattr(bob.sts, operation)(**more, **device)
    getattr(bob.sts, operation)(**more)


@pytest.mark.parametrize("operation", ["get_session_token", "assume_role"])
def test_a_token_is_as_long_as_it_is_asked_to_be(bob: Person, admin: str, operation: str) -> None:
    more = {"RoleArn": admin, "RoleSessionName": "session"} if operation == "assume_role" else {}
    call = getattr(bob.sts, operation)
    answer = call(**more, MinimumSessionTokenSize=4096)["Credentials"]
    assert len(answer["SessionToken"]) >= 4096
    bob.world.person(answer).sts.get_caller_identity()
    with refused("ValidationError", 400, "at 'minimumSessionTokenSize' failed to satisfy constraint"):
        call(**more, MinimumSessionTokenSize=4097)


def test_a_context_that_sts_did_not_sign_is_refused(root: Person, bob: Person, admin: str) -> None:
    context = {"ProviderArn": "arn:aws:iam::aws:contextProvider/IdentityCenter", "ContextAssertion": "mine"}
    with refused("AccessDenied", 403, "is not authorized to perform: sts:SetContext"):
        assume(bob, admin, ProvidedContexts=[context])
    arn = role(root, "context", trusting(bob.arn, ["sts:AssumeRole", "sts:SetContext"]))
    with refused("ValidationError", 400, "The context assertion of a provided context is not valid."):
        assume(bob, arn, ProvidedContexts=[context])
    with refused("ValidationError", 400, "at 'providedContexts' failed to satisfy constraint"):
        assume(bob, arn, ProvidedContexts=[context] * 6)
    assume(bob, arn)


# -- who am I, whose key is it --------------------------------------------------------------------


@fact(25)
def test_get_caller_identity_answers_in_spite_of_a_deny(root: Person) -> None:
    bob = user(root, "bob", deny("*"))
    with refused("AccessDenied", 403, "with an explicit deny in an identity-based policy"):
        bob.sts.get_access_key_info(AccessKeyId=bob.key_id)
    found = bob.sts.get_caller_identity()
    assert found["UserId"] == root.iam.get_user(UserName="bob")["User"]["UserId"]
    assert (found["Account"], found["Arn"]) == (root.account, f"arn:aws:iam::{root.account}:user/bob")


def test_the_root_user_is_the_account(root: Person) -> None:
    found = root.sts.get_caller_identity()
    assert (found["UserId"], found["Arn"]) == (root.account, f"arn:aws:iam::{root.account}:root")


def test_a_key_tells_its_account_whoever_asks(root: Person, other: Person) -> None:
    theirs = user(other, "bob")
    assert root.sts.get_access_key_info(AccessKeyId=theirs.key_id)["Account"] == other.account
    with refused("AccessDenied", 403, "sts:GetAccessKeyInfo"):
        theirs.sts.get_access_key_info(AccessKeyId=theirs.key_id)
    other.iam.delete_access_key(UserName="bob", AccessKeyId=theirs.key_id)
    assert root.sts.get_access_key_info(AccessKeyId=theirs.key_id)["Account"] == other.account


@pytest.mark.parametrize("key", ["AKIA1111111111111111", "x" * 20, "AKIA", "AKIA" + "7" * 16])
def test_a_key_that_is_none_has_no_account(root: Person, key: str) -> None:
    with refused("ValidationError", 400):
        root.sts.get_access_key_info(AccessKeyId=key)


# -- partitions -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("region", "partition"),
    [("us-east-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")],
)
def test_arns_are_of_the_partition_that_is_called(root: Person, region: str, partition: str) -> None:
    here = root.in_region(region)
    bob = user(here, "bob", allow("sts:AssumeRole", on=f"arn:{partition}:iam::*:role/*")).in_region(region)
    arn = role(here, "dev", bob.arn)
    assert arn == f"arn:{partition}:iam::{root.account}:role/dev"
    session = assume(bob, arn).in_region(region)
    assert session.arn == f"arn:{partition}:sts::{root.account}:assumed-role/dev/session"
    with refused("ValidationError", 400):
        assume(bob, arn.replace(":iam:", ":s3:"))
    for elsewhere in {"aws", "aws-cn", "aws-us-gov"} - {partition}:
        with refused("AccessDenied", 403):
            assume(bob, arn.replace(f"arn:{partition}:", f"arn:{elsewhere}:"))
