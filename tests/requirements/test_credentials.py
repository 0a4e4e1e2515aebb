"""Temporary credentials: rows SR-014 to SR-023 and SR-026."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.client import Person, World
from tests.people import allow, assume, deny, policy, refused, role, trusting, user

requirement = pytest.mark.requirement


@pytest.fixture
def bob(root: Person) -> Person:
    """A user who may assume whatever trusts the account."""
    return user(root, "bob", allow("sts:AssumeRole"))


def lifetime(person: Person, arn: str, **more: Any) -> int:
    """How long a new session lasts, in seconds."""
    before = datetime.now(UTC)
    answer: dict[str, Any] = person.sts.assume_role(RoleArn=arn, RoleSessionName="session", **more)
    end: datetime = answer["Credentials"]["Expiration"]
    return round((end - before).total_seconds())


@requirement("SR-014")
def test_sr_014_assuming_a_role_returns_credentials_and_their_end(root: Person, bob: Person) -> None:
    arn = role(root, "dev", root.account, Path="/team/")
    answer = bob.sts.assume_role(RoleArn=arn, RoleSessionName="work")
    credentials, who = answer["Credentials"], answer["AssumedRoleUser"]
    assert credentials["AccessKeyId"].startswith("ASIA")
    assert len(credentials["SecretAccessKey"]) == 40
    assert credentials["SessionToken"]
    assert credentials["Expiration"] > datetime.now(UTC) + timedelta(minutes=59)
    assert who["Arn"] == f"arn:aws:sts::{root.account}:assumed-role/dev/work"
    assert who["AssumedRoleId"] == root.iam.get_role(RoleName="dev")["Role"]["RoleId"] + ":work"


@requirement("SR-014")
def test_sr_014_every_session_has_credentials_of_its_own(root: Person, bob: Person) -> None:
    arn = role(root, "dev", root.account)
    answers = [bob.sts.assume_role(RoleArn=arn, RoleSessionName="same")["Credentials"] for _ in range(3)]
    for member in ("AccessKeyId", "SecretAccessKey", "SessionToken"):
        assert len({answer[member] for answer in answers}) == 3


@requirement("SR-014")
@pytest.mark.parametrize("name", ["", "x", "n" * 65, "a b", "a/b", "a:b", "é"])
def test_sr_014_a_session_name_that_is_none_is_refused(root: Person, bob: Person, name: str) -> None:
    arn = role(root, "dev", root.account)
    with refused("ValidationError", 400, "at 'roleSessionName' failed to satisfy constraint"):
        assume(bob, arn, name)
    assume(bob, arn, "n" * 64)


@requirement("SR-014")
@pytest.mark.parametrize(
    "arn", ["arn:aws:iam::111111111111:user/dev", "arn:aws:s3:::a-bucket-of-mine", "x" * 20, "x" * 19]
)
def test_sr_014_only_a_role_is_assumed(bob: Person, arn: str) -> None:
    with refused("ValidationError", 400):
        assume(bob, arn)


@requirement("SR-015")
def test_sr_015_a_sessions_credentials_work_for_every_service(root: Person, bob: Person) -> None:
    dev = assume(bob, role(root, "dev", root.account, allow("iam:ListUsers", "sts:GetAccessKeyInfo")))
    assert [one["UserName"] for one in dev.iam.list_users()["Users"]] == ["bob"]
    assert dev.sts.get_access_key_info(AccessKeyId=bob.key_id)["Account"] == root.account
    assert dev.in_region("eu-west-1").arn == dev.arn


@requirement("SR-015")
@pytest.mark.parametrize("member", ["AccessKeyId", "SessionToken"])
def test_sr_015_the_three_go_together(root: Person, bob: Person, world: World, member: str) -> None:
    arn = role(root, "dev", root.account)
    first, second = (
        bob.sts.assume_role(RoleArn=arn, RoleSessionName="session")["Credentials"] for _ in range(2)
    )
    mixed = world.person({**first, member: second[member]})
    with refused("InvalidClientTokenId", 403, "The security token included in the request is invalid."):
        mixed.sts.get_caller_identity()
    wrong = world.person({**first, "SecretAccessKey": second["SecretAccessKey"]})
    with refused("SignatureDoesNotMatch", 403):
        wrong.sts.get_caller_identity()


@requirement("SR-015")
def test_sr_015_without_the_token_the_key_is_unknown(root: Person, bob: Person, world: World) -> None:
    arn = role(root, "dev", root.account)
    credentials = bob.sts.assume_role(RoleArn=arn, RoleSessionName="session")["Credentials"]
    credentials.pop("SessionToken")
    with refused("InvalidClientTokenId", 403):
        world.person(credentials).sts.get_caller_identity()


@requirement("SR-015")
def test_sr_015_a_changed_token_is_refused(root: Person, bob: Person, world: World) -> None:
    arn = role(root, "dev", root.account)
    credentials = bob.sts.assume_role(RoleArn=arn, RoleSessionName="session")["Credentials"]
    token = credentials["SessionToken"]
    for changed in (token[:-8], token.swapcase(), token[8:], "not a token", token + "AAAA"):
        with refused("InvalidClientTokenId", 403):
            world.person({**credentials, "SessionToken": changed}).sts.get_caller_identity()
    world.person(credentials).sts.get_caller_identity()


@requirement("SR-016")
def test_sr_016_the_shortest_session_has_15_minutes(root: Person, bob: Person) -> None:
    arn = role(root, "dev", root.account)
    with refused("ValidationError", 400, "Member must have value greater than or equal to 900"):
        assume(bob, arn, DurationSeconds=899)
    assert lifetime(bob, arn, DurationSeconds=900) == pytest.approx(900, abs=5)


@requirement("SR-017")
def test_sr_017_the_longest_session_has_12_hours_if_the_role_allows_it(root: Person, bob: Person) -> None:
    arn = role(root, "dev", root.account, MaxSessionDuration=43200)
    with refused("ValidationError", 400, "Member must have value less than or equal to 43200"):
        assume(bob, arn, DurationSeconds=43201)
    assert lifetime(bob, arn, DurationSeconds=43200) == pytest.approx(43200, abs=5)


@requirement("SR-017")
@pytest.mark.parametrize("seconds", [3599, 43201, 0, -1])
def test_sr_017_a_roles_maximum_is_1_to_12_hours(root: Person, seconds: int) -> None:
    with refused("ValidationError", 400, "at 'maxSessionDuration' failed to satisfy constraint"):
        role(root, "dev", root.account, MaxSessionDuration=seconds)
    role(root, "dev", root.account, MaxSessionDuration=3600)
    with refused("ValidationError", 400, "at 'maxSessionDuration' failed to satisfy constraint"):
        root.iam.update_role(RoleName="dev", MaxSessionDuration=seconds)


@requirement("SR-018")
def test_sr_018_the_default_is_an_hour(root: Person, bob: Person) -> None:
    assert lifetime(bob, role(root, "dev", root.account)) == pytest.approx(3600, abs=5)
    long = role(root, "long", root.account, MaxSessionDuration=43200)
    assert lifetime(bob, long) == pytest.approx(3600, abs=5)


@requirement("SR-018")
def test_sr_018_more_than_the_roles_maximum_fails(root: Person, bob: Person) -> None:
    arn = role(root, "dev", root.account)
    told = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
    with refused("ValidationError", 400, told):
        assume(bob, arn, DurationSeconds=3601)
    root.iam.update_role(RoleName="dev", MaxSessionDuration=7200)
    assert lifetime(bob, arn, DurationSeconds=7200) == pytest.approx(7200, abs=5)
    with refused("ValidationError", 400, told):
        assume(bob, arn, DurationSeconds=7201)


@requirement("SR-019", "SR-020")
def test_sr_019_after_the_end_credentials_are_refused(root: Person, bob: Person, world: World) -> None:
    arn = role(root, "dev", root.account, allow("iam:ListRoles"))
    dev = assume(bob, arn, DurationSeconds=900)
    world.advance(890)
    dev.iam.list_roles()
    world.advance(20)
    with refused("ExpiredToken", 403, "The security token included in the request is expired"):
        dev.iam.list_roles()
    with refused("ExpiredToken", 403):
        dev.sts.get_caller_identity()
    assume(bob, arn).iam.list_roles()


@requirement("SR-021")
def test_sr_021_a_users_key_lasts_until_it_is_removed(root: Person, world: World) -> None:
    bob = user(root, "bob")
    world.advance(365 * 24 * 3600)
    assert bob.arn == f"arn:aws:iam::{root.account}:user/bob"
    root.iam.delete_access_key(UserName="bob", AccessKeyId=bob.key_id)
    with refused("InvalidClientTokenId", 403):
        bob.sts.get_caller_identity()


@requirement("SR-021")
def test_sr_021_an_inactive_key_is_refused_while_it_is_inactive(root: Person) -> None:
    bob = user(root, "bob")
    root.iam.update_access_key(UserName="bob", AccessKeyId=bob.key_id, Status="Inactive")
    with refused("InvalidClientTokenId", 403, "The security token included in the request is invalid."):
        bob.sts.get_caller_identity()
    root.iam.update_access_key(UserName="bob", AccessKeyId=bob.key_id, Status="Active")
    bob.sts.get_caller_identity()


@requirement("SR-021")
def test_sr_021_a_secret_is_shown_once(root: Person) -> None:
    root.iam.create_user(UserName="bob")
    key = root.iam.create_access_key(UserName="bob")["AccessKey"]
    assert key["AccessKeyId"].startswith("AKIA")
    assert len(key["SecretAccessKey"]) == 40
    assert key["SecretAccessKey"] not in str(root.iam.list_access_keys(UserName="bob"))
    wrong = root.world.person({**key, "SecretAccessKey": key["SecretAccessKey"][::-1]})
    with refused("SignatureDoesNotMatch", 403):
        wrong.sts.get_caller_identity()


@requirement("SR-022", "SR-023")
def test_sr_022_a_roles_session_assumes_a_role(root: Person, bob: Person) -> None:
    first = role(root, "first", root.account, allow("sts:AssumeRole"))
    second = role(root, "second", first, allow("iam:ListRoles"), MaxSessionDuration=43200)
    with refused("AccessDenied", 403):
        assume(bob, second)
    chained = assume(assume(bob, first), second)
    chained.iam.list_roles()
    assert chained.arn.endswith(":assumed-role/second/session")


@requirement("SR-023")
def test_sr_023_a_chained_session_has_an_hour_at_most(root: Person, bob: Person) -> None:
    first = role(root, "first", root.account, MaxSessionDuration=43200)
    second = role(root, "second", first, MaxSessionDuration=43200)
    session = assume(bob, first, DurationSeconds=43200)
    told = "exceeds the 1 hour session limit for roles assumed by role chaining"
    for seconds in (3601, 43200):
        with refused("ValidationError", 400, told):
            assume(session, second, DurationSeconds=seconds)
    assert lifetime(session, second, DurationSeconds=3600) == pytest.approx(3600, abs=5)
    assert lifetime(session, second) == pytest.approx(3600, abs=5)


@requirement("SR-023")
def test_sr_023_a_longer_chain_does_not_lengthen_it(root: Person, bob: Person) -> None:
    first = role(root, "first", root.account)
    second = role(root, "second", first)
    third = role(root, "third", second, MaxSessionDuration=43200)
    session = assume(assume(bob, first), second)
    with refused("ValidationError", 400, "role chaining"):
        assume(session, third, DurationSeconds=7200)
    assert lifetime(session, third) == pytest.approx(3600, abs=5)


@requirement("SR-026")
def test_sr_026_all_older_sessions_are_revoked_and_new_ones_work(
    root: Person, bob: Person, world: World
) -> None:
    arn = role(root, "dev", root.account, allow("iam:*"))
    old = [assume(bob, arn, f"old{number}") for number in range(2)]
    world.advance(60)
    now = root.iam.create_user(UserName="the-time")["User"]["CreateDate"].isoformat()
    revoke = deny("*", Condition={"DateLessThan": {"aws:TokenIssueTime": now}})
    root.iam.put_role_policy(
        RoleName="dev", PolicyName="AWSRevokeOlderSessions", PolicyDocument=policy(revoke)
    )
    for session in old:
        with refused("AccessDenied", 403, "with an explicit deny in an identity-based policy"):
            session.iam.list_roles()
    assume(bob, arn, "new").iam.list_roles()


@requirement("SR-026", "SR-047")
def test_sr_026_deleting_the_role_ends_its_sessions_for_good(root: Person, bob: Person) -> None:
    arn = role(root, "dev", root.account)
    dev = assume(bob, arn)
    dev.sts.get_caller_identity()
    root.iam.delete_role(RoleName="dev")
    with refused("InvalidClientTokenId", 403):
        dev.sts.get_caller_identity()
    assert role(root, "dev", trusting(root.account)) == arn
    with refused("InvalidClientTokenId", 403):
        dev.sts.get_caller_identity()
