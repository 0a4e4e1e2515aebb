"""Sessions along a chain of roles: rows SR-022, SR-023, SR-025, SR-026, SR-041 and SR-130, hop by hop."""

from __future__ import annotations

import pytest

from tests.authenticator import enabled
from tests.client import Person
from tests.people import allow, assume, deny, policy, refused, role, trusting, user

requirement = pytest.mark.requirement

TAGGED = ["sts:AssumeRole", "sts:TagSession"]
NAMED = ["sts:AssumeRole", "sts:SetSourceIdentity"]
EVERYTHING = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]


def tag(**pairs: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in pairs.items()]


# -- tags along a chain ---------------------------------------------------------------------------


@requirement("SR-025")
def test_sr_025_transitive_tags_reach_every_later_session(root: Person, other: Person) -> None:
    bob = user(root, "bob")
    cost = {"StringEquals": {"aws:PrincipalTag/Cost": "7"}, "Null": {"aws:PrincipalTag/Team": "true"}}
    one = role(root, "one", trusting(bob.arn, TAGGED), allow(*TAGGED))
    two = role(root, "two", trusting(one, TAGGED), allow(*TAGGED))
    three = role(other, "three", trusting(two, TAGGED), allow("iam:ListRoles", Condition=cost))
    first = assume(bob, one, Tags=tag(Cost="7", Team="web"), TransitiveTagKeys=["Cost"])
    assume(assume(first, two), three).iam.list_roles()
    plain = assume(bob, one, Tags=tag(Cost="7", Team="web"))
    with refused("AccessDenied", 403, "no identity-based policy allows the iam:ListRoles action"):
        assume(assume(plain, two), three).iam.list_roles()


@requirement("SR-025")
@pytest.mark.parametrize("key", ["Cost", "COST"])
def test_sr_025_a_transitive_tag_is_overridden_at_no_hop(root: Person, key: str) -> None:
    bob = user(root, "bob")
    one = role(root, "one", trusting(bob.arn, TAGGED))
    two = role(root, "two", trusting(one, TAGGED))
    three = role(root, "three", trusting(two, TAGGED))
    first = assume(bob, one, Tags=tag(Cost="7"), TransitiveTagKeys=["Cost"])
    second = assume(first, two, Tags=tag(Site="Oslo"))
    for session, arn in ((first, two), (second, three)):
        with refused("InvalidParameterValue", 400, "conflicts with a transitive tag key"):
            assume(session, arn, Tags=tag(**{key: "7"}))
    assume(second, three, Tags=tag(Site="Rome"))


@requirement("SR-025")
def test_sr_025_a_tag_handed_down_wins_over_the_next_roles_own(root: Person) -> None:
    bob = user(root, "bob")
    cost = {"StringEquals": {"aws:PrincipalTag/Cost": "7"}}
    one = role(root, "one", trusting(bob.arn, TAGGED))
    two = role(root, "two", trusting(one, TAGGED), allow("iam:ListRoles", Condition=cost), Tags=tag(cost="1"))
    first = assume(bob, one, Tags=tag(Cost="7"), TransitiveTagKeys=["Cost"])
    assume(first, two).iam.list_roles()
    with refused("AccessDenied", 403):
        assume(assume(bob, one), two).iam.list_roles()


@requirement("SR-025")
def test_sr_025_handing_tags_down_needs_tag_session_at_each_hop(root: Person, other: Person) -> None:
    bob = user(root, "bob")
    one = role(root, "one", trusting(bob.arn, TAGGED), allow("sts:AssumeRole"))
    closed = role(other, "closed", trusting(one))
    open_ = role(other, "open", trusting(one, TAGGED))
    first = assume(bob, one, Tags=tag(Cost="7"), TransitiveTagKeys=["Cost"])
    for arn in (closed, open_):
        with refused("AccessDenied", 403, "is not authorized to perform: sts:TagSession"):
            assume(first, arn)
    root.iam.put_role_policy(RoleName="one", PolicyName="own", PolicyDocument=policy(allow(*TAGGED)))
    assume(first, open_)
    with refused("AccessDenied", 403, "is not authorized to perform: sts:TagSession"):
        assume(first, closed)


@requirement("SR-025")
def test_sr_025_a_trust_policy_says_which_tags_and_which_of_them_go_on(root: Person) -> None:
    bob = user(root, "bob")
    which = {
        "StringEquals": {"aws:RequestTag/Team": ["web", "db"]},
        "ForAllValues:StringEquals": {"aws:TagKeys": ["Team", "Cost"], "sts:TransitiveTagKeys": ["Cost"]},
    }
    arn = role(root, "dev", trusting(bob.arn, TAGGED, Condition=which))
    assume(bob, arn, Tags=tag(Team="web", Cost="7"), TransitiveTagKeys=["Cost"])
    for wrong in (
        {},
        {"Tags": tag(Team="hr")},
        {"Tags": tag(Team="web", Site="Oslo")},
        {"Tags": tag(Team="web", Cost="7"), "TransitiveTagKeys": ["Team"]},
    ):
        with refused("AccessDenied", 403, "is not authorized to perform: sts:AssumeRole"):
            assume(bob, arn, **wrong)


# -- the source identity along a chain ------------------------------------------------------------


@requirement("SR-022")
def test_sr_022_a_source_identity_stays_the_same_along_the_chain(root: Person, other: Person) -> None:
    bob = user(root, "bob")
    ours = {"StringEquals": {"aws:SourceIdentity": "bob"}}
    one = role(root, "one", trusting(bob.arn, NAMED), allow(*NAMED))
    two = role(other, "two", trusting(one, NAMED), allow("iam:ListRoles", Condition=ours))
    first = assume(bob, one, SourceIdentity="bob")
    answer = first.sts.assume_role(RoleArn=two, RoleSessionName="session")
    assert answer["SourceIdentity"] == "bob"
    root.world.person(answer["Credentials"]).iam.list_roles()
    assume(first, two, SourceIdentity="bob").iam.list_roles()
    with refused("ValidationError", 400, "already set"):
        assume(first, two, SourceIdentity="eve")
    with refused("AccessDenied", 403):
        assume(assume(bob, one), two).iam.list_roles()


@requirement("SR-022")
def test_sr_022_a_trust_policy_says_which_source_identity(root: Person) -> None:
    bob = user(root, "bob")
    own = {"StringLike": {"sts:SourceIdentity": "${aws:username}"}}
    arn = role(root, "dev", trusting(bob.arn, NAMED, Condition=own))
    assert "SourceIdentity" in bob.sts.assume_role(
        RoleArn=arn, RoleSessionName="session", SourceIdentity="bob"
    )
    for wrong in ({}, {"SourceIdentity": "eve"}, {"SourceIdentity": "Bob"}):
        with refused("AccessDenied", 403, "is not authorized to perform: sts:AssumeRole"):
            assume(bob, arn, **wrong)


@requirement("SR-022")
def test_sr_022_the_next_role_of_a_chain_asks_for_the_source_identity_that_is_there(root: Person) -> None:
    alice = user(root, "alice", allow(*NAMED))
    first = role(root, "first", trusting(root.account, NAMED), allow(*NAMED))
    asked = {"StringLike": {"sts:SourceIdentity": ["Saanvi", "Diego"]}}
    second = role(root, "second", trusting(root.account, NAMED, Condition=asked))
    for name, more in (("none", {}), ("other", {"SourceIdentity": "Mallory"})):
        with refused("AccessDenied", 403, "sts:AssumeRole on resource: " + second):
            assume(assume(alice, first, name, **more), second)
    inside = assume(assume(alice, first, SourceIdentity="Diego"), second)
    assert inside.arn.endswith("/second/session")


@requirement("SR-022")
@pytest.mark.parametrize("name", ["b", "b" * 65, "bob!", "aws:bob", "bob smith"])
def test_sr_022_what_is_no_source_identity_is_refused(root: Person, name: str) -> None:
    bob = user(root, "bob")
    arn = role(root, "dev", trusting(bob.arn, NAMED))
    with refused("ValidationError", 400):
        assume(bob, arn, SourceIdentity=name)


# -- the whole chain ------------------------------------------------------------------------------


@requirement("SR-022", "SR-025", "SR-041")
def test_sr_022_a_chain_over_two_accounts_is_decided_at_each_hop(root: Person, other: Person) -> None:
    """User in A, role in A, role in C, an action on a resource of C."""
    asked = {
        "StringEquals": {"sts:ExternalId": "unload-7", "sts:SourceIdentity": "bob"},
        "Bool": {"aws:MultiFactorAuthPresent": "true"},
    }
    needed = {"StringEquals": {"aws:PrincipalTag/Project": "unload", "aws:SourceIdentity": "bob"}}
    bob = user(root, "bob")
    phone = enabled(root, "bob")
    warehouse = role(root, "warehouse", trusting(bob.arn, EVERYTHING, Condition=asked), allow(*EVERYTHING))
    guard = {"StringEquals": {"sts:ExternalId": "target-9"}}
    unload = role(
        other,
        "unload",
        trusting(warehouse, EVERYTHING, Condition=guard),
        allow("iam:GetRole", Condition=needed),
    )
    role(other, "data", other.account)
    right = {
        "ExternalId": "unload-7",
        "SourceIdentity": "bob",
        "Tags": tag(Project="unload"),
        "TransitiveTagKeys": ["Project"],
        "SerialNumber": phone.serial,
    }
    for missing in ("ExternalId", "SourceIdentity", "SerialNumber"):
        wrong = {name: value for name, value in right.items() if name != missing}
        if missing != "SerialNumber":
            wrong["TokenCode"] = phone.next(root)
        with refused("AccessDenied", 403, "is not authorized to perform: sts:AssumeRole"):
            assume(bob, warehouse, **wrong)
    with refused("AccessDenied", 403):
        assume(bob, unload, ExternalId="target-9")
    hop = assume(bob, warehouse, **right, TokenCode=phone.next(root))
    for wrong in ({}, {"ExternalId": "unload-7"}):
        with refused("AccessDenied", 403, "is not authorized to perform: sts:AssumeRole"):
            assume(hop, unload, **wrong)
    there = assume(hop, unload, ExternalId="target-9")
    assert there.iam.get_role(RoleName="data")["Role"]["RoleName"] == "data"
    with refused("AccessDenied", 403, "no identity-based policy allows the iam:DeleteRole action"):
        there.iam.delete_role(RoleName="data")
    with refused("AccessDenied", 403):
        hop.iam.get_role(RoleName="data")


@requirement("SR-023")
def test_sr_023_mfa_and_tags_make_no_chained_session_longer(root: Person, other: Person) -> None:
    bob = user(root, "bob")
    one = role(root, "one", trusting(bob.arn, TAGGED), allow(*TAGGED), MaxSessionDuration=43200)
    two = role(other, "two", trusting(one, TAGGED), MaxSessionDuration=43200)
    first = assume(bob, one, DurationSeconds=43200, Tags=tag(Cost="7"), TransitiveTagKeys=["Cost"])
    with refused("ValidationError", 400, "1 hour session limit for roles assumed by role chaining"):
        assume(first, two, DurationSeconds=3601)
    assume(first, two, DurationSeconds=3600)


# -- the end of running sessions ------------------------------------------------------------------


@requirement("SR-026")
def test_sr_026_revoking_the_first_role_stops_it_and_not_what_it_has_become(root: Person) -> None:
    """A chain's later sessions are the later role's: each role is revoked by itself."""
    bob = user(root, "bob")
    one = role(root, "one", bob.arn, allow("iam:ListRoles"))
    two = role(root, "two", one, allow("iam:ListRoles"))
    first = assume(bob, one)
    second = assume(first, two)
    older = {"DateLessThan": {"aws:TokenIssueTime": "2099-01-01T00:00:00Z"}}
    document = policy(deny("*", Condition=older))
    root.iam.put_role_policy(RoleName="one", PolicyName="AWSRevokeOlderSessions", PolicyDocument=document)
    with refused("AccessDenied", 403, "with an explicit deny in an identity-based policy"):
        first.iam.list_roles()
    with refused("AccessDenied", 403):
        assume(first, two)
    second.iam.list_roles()
    root.iam.put_role_policy(RoleName="two", PolicyName="AWSRevokeOlderSessions", PolicyDocument=document)
    with refused("AccessDenied", 403, "with an explicit deny in an identity-based policy"):
        second.iam.list_roles()


@requirement("SR-026")
def test_sr_026_a_remade_role_is_not_the_one_of_running_sessions(root: Person) -> None:
    bob = user(root, "bob")
    one = role(root, "one", bob.arn)
    two = role(root, "two", one)
    first = assume(bob, one)
    root.iam.delete_role(RoleName="one")
    assert role(root, "one", bob.arn) == one
    with refused("InvalidClientTokenId", 403, "The security token included in the request is invalid"):
        first.sts.get_caller_identity()
    with refused("AccessDenied", 403):
        assume(assume(bob, one), two)  # the role that is trusted is the one that is gone


# -- principals whose number nobody knows ---------------------------------------------------------


@requirement("SR-130")
def test_sr_130_who_is_made_later_gets_in_by_what_is_said_of_them(root: Person, other: Person) -> None:
    """The role's trust names no person: an account, and a tag."""
    engineers = {"StringEquals": {"aws:PrincipalTag/Job": "engineer"}}
    arn = role(root, "tools", trusting(other.account, Condition=engineers), allow("iam:ListRoles"))
    trust = root.iam.get_role(RoleName="tools")["Role"]["AssumeRolePolicyDocument"]
    may = allow("sts:AssumeRole", on=arn)
    for number in range(5):
        person = user(other, f"engineer-{number}", may, Tags=tag(Job="engineer"))
        assume(person, arn, f"engineer-{number}").iam.list_roles()
    for name, more in (("clerk", {"Tags": tag(Job="clerk")}), ("nobody", {})):
        with refused("AccessDenied", 403, "is not authorized to perform: sts:AssumeRole"):
            assume(user(other, name, may, **more), arn)
    with refused("AccessDenied", 403):
        assume(user(other, "without", Tags=tag(Job="engineer")), arn)
    assert root.iam.get_role(RoleName="tools")["Role"]["AssumeRolePolicyDocument"] == trust
