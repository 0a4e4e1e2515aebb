"""AssumeRoot: who may act as the root user of a member, for which task, and what such a session may."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from rolekeeper.iam.organizations import ATTACHED, Organization, OrganizationAccount, OrganizationPolicy
from rolekeeper.service.organization import RCP, SCP
from tests.client import ACCOUNT, OTHER_ACCOUNT, LocalWorld, Person
from tests.operations.organizing import NOW, organized
from tests.people import allow, assume, deny, policy, refused, role, trusting, user

TASKS = "arn:aws:iam::aws:policy/root-task"
AUDIT, DELETE = f"{TASKS}/IAMAuditRootUserCredentials", f"{TASKS}/IAMDeleteRootUserCredentials"
MEMBER = f"arn:aws:iam::{OTHER_ACCOUNT}:root"
MAY = allow("sts:AssumeRoot", on=MEMBER)


@pytest.fixture
def there(local: LocalWorld) -> LocalWorld:
    """The first account manages an organization with root sessions; the second is a member."""
    return organized(local, ACCOUNT, OTHER_ACCOUNT)


def change(world: LocalWorld, kind: Any, name: str, **more: Any) -> None:
    with world.server.store.write() as tx:
        kept = tx.account(ACCOUNT).collection(kind)
        kept.put(msgspec.structs.replace(kept.get(name), **more))


def attach(world: LocalWorld, target: str, kind: str, text: str) -> None:
    with world.server.store.write() as tx:
        state = tx.account(ACCOUNT)
        made = OrganizationPolicy(account=ACCOUNT, id=f"p-{target}", name=target, type=kind, content=text)
        state.collection(OrganizationPolicy).add(made)
        state.links.add(ATTACHED, target, made.id)


def ask(person: Person, target: str = OTHER_ACCOUNT, task: str = AUDIT, **more: Any) -> Person:
    answer = person.sts.assume_root(TargetPrincipal=target, TaskPolicyArn={"arn": task}, **more)
    return person.world.person(answer["Credentials"])


# -- who may not ------------------------------------------------------------------------------------


def test_it_needs_its_permission_on_the_members_root_user(there: LocalWorld) -> None:
    for name, statement in {
        "none": allow("sts:AssumeRole"),
        "other": allow("sts:AssumeRoot", on=f"arn:aws:iam::{ACCOUNT}:root"),
    }.items():
        with refused("AccessDenied", 403, f"sts:AssumeRoot on resource: {MEMBER}"):
            ask(user(there.root, name, statement))
    ask(user(there.root, "bob", MAY))


def test_a_root_user_may_not(there: LocalWorld) -> None:
    with refused("AccessDenied", 403, "may not be called by root"):
        ask(there.root)


def test_an_account_without_an_organization(local: LocalWorld) -> None:
    with refused("AccessDenied", 403, "sts:AssumeRoot"):
        ask(user(local.root, "bob", MAY))


@pytest.mark.parametrize(
    "more", [{"root_features": ()}, {"root_features": ("RootCredentialsManagement",)}, {"services": {}}]
)
def test_an_organization_that_has_it_not_switched_on(there: LocalWorld, more: dict[str, Any]) -> None:
    bob = user(there.root, "bob", MAY)
    change(there, Organization, "organization", **more)
    with refused("AccessDenied", 403, "sts:AssumeRoot"):
        ask(bob)


def test_a_member_may_not_and_nobody_becomes_the_management_account(there: LocalWorld) -> None:
    for person, target in ((there.other, ACCOUNT), (there.other, OTHER_ACCOUNT), (there.root, ACCOUNT)):
        bob = user(person, f"bob-{target}", allow("sts:AssumeRoot"))
        with refused("AccessDenied", 403, f"sts:AssumeRoot on resource: arn:aws:iam::{target}:root"):
            ask(bob, target)


@pytest.mark.parametrize("target", ["333333333333", "arn:aws:iam::333333333333:root"])
def test_an_account_that_is_no_member(there: LocalWorld, target: str) -> None:
    with refused("AccessDenied", 403, "arn:aws:iam::333333333333:root"):
        ask(user(there.root, "bob", allow("sts:AssumeRoot")), target)


def test_a_suspended_account(there: LocalWorld) -> None:
    change(there, OrganizationAccount, OTHER_ACCOUNT, status="SUSPENDED")
    with refused("AccessDenied", 403, "sts:AssumeRoot"):
        ask(user(there.root, "bob", MAY))


@pytest.mark.parametrize(
    "target",
    [
        "22222222222",
        "x" * 12,
        f"{OTHER_ACCOUNT}:root",
        f"arn:aws:iam::{OTHER_ACCOUNT}:user/root",
        f"arn:aws-cn:iam::{OTHER_ACCOUNT}:root",
        f"arn:aws:iam::{OTHER_ACCOUNT}:root\n",
    ],
)
def test_what_is_no_root_user(there: LocalWorld, target: str) -> None:
    with refused("ValidationError", 400):
        ask(user(there.root, "bob", allow("sts:AssumeRoot")), target)


@pytest.mark.parametrize(
    "task",
    [
        "arn:aws:iam::aws:policy/AdministratorAccess",
        "arn:aws:iam::aws:policy/IAMAuditRootUserCredentials",
        f"arn:aws:iam::{ACCOUNT}:policy/root-task/IAMAuditRootUserCredentials",
        f"{TASKS}/SomethingElse-------",
    ],
)
def test_what_is_no_task(there: LocalWorld, task: str) -> None:
    there.root.iam.create_policy(
        PolicyName="IAMAuditRootUserCredentials", Path="/root-task/", PolicyDocument=policy(allow("*"))
    )
    bob = user(there.root, "bob", MAY)
    with refused("ValidationError", 400, "is not one of the task policies"):
        ask(bob, task=task)
    with refused("ValidationError", 400):
        bob.sts.assume_root(TargetPrincipal=OTHER_ACCOUNT, TaskPolicyArn={})


def test_it_lasts_a_quarter_of_an_hour_at_most(there: LocalWorld) -> None:
    bob = user(there.root, "bob", MAY)
    with refused("ValidationError", 400):
        ask(bob, DurationSeconds=901)
    session = ask(bob)
    assert session.arn == MEMBER
    there.advance(901)
    with refused("ExpiredToken", 403):
        session.sts.get_caller_identity()


def test_the_global_endpoint_has_it_not(there: LocalWorld) -> None:
    bob = user(there.root, "bob", MAY)

    def lead_to_it(request: Any, **_: Any) -> None:
        request.url = request.url.replace("sts.us-east-1.", "sts.")

    bob.sts.meta.events.register("before-sign.sts", lead_to_it)
    with refused("InvalidAction", 400, "Unknown Operation"):
        ask(bob)


def test_the_condition_key_of_the_task(there: LocalWorld) -> None:
    bob = user(there.root, "bob", {**MAY, "Condition": {"StringEquals": {"sts:TaskPolicyArn": AUDIT}}})
    ask(bob, task=AUDIT)
    with refused("AccessDenied", 403, "sts:AssumeRoot"):
        ask(bob, task=DELETE)


def test_policies_of_the_organization_bear_on_it(there: LocalWorld) -> None:
    bob = user(there.root, "bob", MAY)
    ask(bob)
    attach(there, OTHER_ACCOUNT, RCP, policy({**deny("sts:AssumeRoot"), "Principal": "*"}))
    with refused("AccessDenied", 403, "with an explicit deny in a resource control policy"):
        ask(bob)


# -- what such a session may ------------------------------------------------------------------------


def test_all_five_tasks(there: LocalWorld) -> None:
    bob = user(there.root, "bob", MAY)
    for name in (
        "IAMAuditRootUserCredentials",
        "IAMCreateRootUserPassword",
        "IAMDeleteRootUserCredentials",
        "S3UnlockBucketPolicy",
        "SQSUnlockQueuePolicy",
    ):
        session = ask(bob, MEMBER, f"{TASKS}/{name}")
        found = session.sts.get_caller_identity()
        assert (found["UserId"], found["Account"], found["Arn"]) == (OTHER_ACCOUNT, OTHER_ACCOUNT, MEMBER)
        with refused("AccessDenied", 403, "with an explicit deny in a session policy"):
            session.iam.create_user(UserName="eve")


def test_the_task_is_done_and_nothing_else(there: LocalWorld) -> None:
    bob = user(there.root, "bob", MAY)
    user(there.other, "kim")
    audit, delete = ask(bob), ask(bob, task=DELETE)
    key = there.other.iam.create_access_key()["AccessKey"]
    listed = [each["AccessKeyId"] for each in audit.iam.list_access_keys()["AccessKeyMetadata"]]
    assert key["AccessKeyId"] in listed
    with refused("AccessDenied", 403, "explicit deny in a session policy"):
        audit.iam.delete_access_key(AccessKeyId=key["AccessKeyId"])
    with refused("AccessDenied", 403, "explicit deny in a session policy"):
        audit.iam.list_access_keys(UserName="kim")
    delete.iam.delete_access_key(AccessKeyId=key["AccessKeyId"])
    with refused("InvalidClientTokenId", 403):
        there.person(key).iam.list_users()


def test_it_makes_no_further_sessions(there: LocalWorld) -> None:
    session = ask(user(there.root, "bob", MAY))
    arn = role(there.other, "app", OTHER_ACCOUNT)
    for call in (
        session.sts.get_session_token,
        lambda: assume(session, arn),
        lambda: ask(session),
        lambda: session.sts.get_web_identity_token(Audience=["a"], SigningAlgorithm="RS256"),
    ):
        with refused("AccessDenied", 403):
            call()


def test_service_control_policies_hold_it_as_the_members_root_user(there: LocalWorld) -> None:
    session = ask(user(there.root, "bob", MAY))
    session.iam.list_access_keys()
    attach(there, OTHER_ACCOUNT, SCP, policy(deny("iam:ListAccessKeys")))
    with refused("AccessDenied", 403, "with an explicit deny in a service control policy"):
        session.iam.list_access_keys()


def test_a_delegated_administrator_may(local: LocalWorld) -> None:
    organized(local, ACCOUNT, OTHER_ACCOUNT)
    bob = user(local.other, "bob", allow("sts:AssumeRoot"))
    with refused("AccessDenied", 403):
        ask(bob)
    change(local, OrganizationAccount, OTHER_ACCOUNT, delegated={"sso.amazonaws.com": NOW})
    with refused("AccessDenied", 403):
        ask(bob)
    change(local, OrganizationAccount, OTHER_ACCOUNT, delegated={"iam.amazonaws.com": NOW})
    assert ask(bob).arn == MEMBER


def test_its_events(there: LocalWorld) -> None:
    trust = trusting(ACCOUNT, ["sts:AssumeRole", "sts:SetSourceIdentity"])
    arn = role(there.root, "auditor", trust, MAY)
    person = assume(user(there.root, "bob", allow("sts:*")), arn, SourceIdentity="bob")
    given = person.sts.assume_root(TargetPrincipal=OTHER_ACCOUNT, TaskPolicyArn={"arn": AUDIT})
    assert given["SourceIdentity"] == "bob"
    there.person(given["Credentials"]).iam.list_access_keys()
    asked, known, done = there.events()[-3:]
    assert asked["eventName"] == "AssumeRoot"
    assert (asked["recipientAccountId"], known["recipientAccountId"]) == (ACCOUNT, OTHER_ACCOUNT)
    assert asked["requestParameters"] == {"targetPrincipal": OTHER_ACCOUNT, "taskPolicyArn": {"arn": AUDIT}}
    shown = asked["responseElements"]["credentials"]
    assert shown["accessKeyId"] == given["Credentials"]["AccessKeyId"]
    assert given["Credentials"]["SecretAccessKey"] not in str(there.events())
    identity = done["userIdentity"]
    context = identity.pop("sessionContext")
    assert identity == {
        "type": "Root",
        "principalId": OTHER_ACCOUNT,
        "arn": MEMBER,
        "accountId": OTHER_ACCOUNT,
        "accessKeyId": shown["accessKeyId"],
    }
    assert (context["assumedRoot"], context["sourceIdentity"]) == ("true", "bob")
    assert context["attributes"]["mfaAuthenticated"] == "false"


def test_it_is_in_both_trails(there: LocalWorld) -> None:
    person = user(there.root, "bob", MAY)
    ask(person)
    mine, known = (one for one in there.events() if one["eventName"] == "AssumeRoot")
    assert mine["sharedEventID"] == known["sharedEventID"] != ""
    assert mine["eventID"] != known["eventID"]
    assert mine["requestID"] == known["requestID"]
    assert mine["userIdentity"]["userName"] == "bob"
    assert known["userIdentity"].keys() == {"type", "principalId", "accountId"}
    assert (known["userIdentity"]["type"], known["userIdentity"]["accountId"]) == ("AWSAccount", ACCOUNT)
    assert known["requestParameters"] == mine["requestParameters"]
    assert "resources" not in mine | known


def test_a_refusal_is_in_the_callers_trail_only(there: LocalWorld) -> None:
    before = len(there.events())
    with refused("AccessDenied", 403):
        ask(user(there.root, "bob"))
    recipients = {one["recipientAccountId"] for one in there.events()[before:]}
    assert recipients == {ACCOUNT}
