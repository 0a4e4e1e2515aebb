"""Service last accessed: who may ask and read, and what a report lists."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rolekeeper.policy import catalog
from tests.client import ACCOUNT, OTHER_ACCOUNT, LocalWorld, Person
from tests.operations.access_asking import arn_of, details, entities, generate, services, who
from tests.people import allow, assume, deny, managed, policy, refused, role, user

GENERATE = "iam:GenerateServiceLastAccessedDetails"
READ = ("iam:GetServiceLastAccessedDetails", "iam:GetServiceLastAccessedDetailsWithEntities")
UNKNOWN = "00000000-0000-0000-0000-000000000000"


# -- who may ask, and read ---------------------------------------------------------------------------


def test_asking_needs_the_permission_on_the_entity(root: Person) -> None:
    bob = user(root, "bob", allow(GENERATE, on=arn_of("bob")))
    user(root, "eve", Path="/secret/")
    for arn in (arn_of("eve"), arn_of("secret/eve")):
        with refused("AccessDenied", 403, f"{GENERATE} on resource: {arn_of('secret/eve')}"):
            generate(bob, arn)
    with refused("AccessDenied", 403, f"{GENERATE} on resource: {arn_of('nobody', 'role')}"):
        generate(bob, arn_of("nobody", "role"))
    assert len(generate(bob, arn_of("bob"))) == 36


def test_reading_needs_a_permission_of_its_own(root: Person) -> None:
    bob = user(root, "bob", allow(GENERATE))
    job = generate(bob, arn_of("bob"))
    with refused("AccessDenied", 403, f"{READ[0]} on resource: *"):
        details(bob, job)
    with refused("AccessDenied", 403, f"{READ[1]} on resource: *"):
        entities(bob, job)


def test_only_who_asked_can_read(root: Person, other: Person) -> None:
    bob, eve = (user(root, name, allow("iam:*", "sts:*")) for name in ("bob", "eve"))
    job = generate(bob, arn_of("bob"))
    for person in (root, eve, other, user(other, "bob", allow("*"))):
        with refused("NoSuchEntity", 404, f"Job {job} does not exist."):
            details(person, job)
        with refused("NoSuchEntity", 404, f"Job {job} does not exist."):
            entities(person, job)
    second = root.world.person(root.iam.create_access_key(UserName="bob")["AccessKey"])
    assert details(second, job)["JobStatus"] == "COMPLETED"


def test_a_role_reads_its_report_in_the_same_session_only(root: Person) -> None:
    bob = user(root, "bob", allow("sts:*"))
    arn = role(root, "app", root.account, allow("iam:*"))
    first, again = assume(bob, arn), assume(bob, arn)
    job = generate(first, arn)
    with refused("NoSuchEntity", 404, f"Job {job} does not exist."):
        details(again, job)
    assert details(first, job)["JobStatus"] == "COMPLETED"


@pytest.mark.parametrize("job", [UNKNOWN, "x" * 36])
def test_a_report_that_is_not_there(root: Person, job: str) -> None:
    with refused("NoSuchEntity", 404, f"Job {job} does not exist."):
        details(root, job)
    with refused("NoSuchEntity", 404, f"Job {job} does not exist."):
        entities(root, job)


# -- what is refused ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arn", "code", "status", "text"),
    [
        ("no arn, but long enough", "ValidationError", 400, "ARN no arn, but long enough is not valid."),
        ("arn:aws-cn:iam::111111111111:user/bob", "ValidationError", 400, "Invalid ARN partition"),
        ("arn:aws:s3::111111111111:user/bob", "ValidationError", 400, "Invalid service in ARN"),
        (
            arn_of("bob", account=OTHER_ACCOUNT),
            "AccessDenied",
            403,
            "perform the operation on arn:aws:iam::222",
        ),
        (
            arn_of("mine", "policy", OTHER_ACCOUNT),
            "AccessDenied",
            403,
            "perform the operation on arn:aws:iam::2",
        ),
        (
            f"arn:aws:iam::{ACCOUNT}:root",
            "InvalidInput",
            400,
            f"Arn: arn:aws:iam::{ACCOUNT}:root is not supp",
        ),
        (arn_of("web", "instance-profile"), "InvalidInput", 400, "instance-profile/web is not supported."),
        (arn_of("nobody"), "NoSuchEntity", 404, f"ARN {arn_of('nobody')} does not exist."),
        (arn_of("mine", "policy"), "NoSuchEntity", 404, "policy/mine does not exist."),
        ("arn:aws:iam::aws:policy/NoSuchPolicy", "NoSuchEntity", 404, "NoSuchPolicy does not exist."),
    ],
)
def test_what_there_is_no_report_about(root: Person, arn: str, code: str, status: int, text: str) -> None:
    user(root, "bob")
    with refused(code, status, text):
        generate(root, arn)


def test_what_the_model_refuses(root: Person) -> None:
    user(root, "bob")
    with refused("ValidationError", 400, "[SERVICE_LEVEL, ACTION_LEVEL]"):
        generate(root, arn_of("bob"), Granularity="service_level")
    with refused("ValidationError", 400, "'jobId'"):
        details(root, "bad")
    with refused("ValidationError", 400, "'maxItems'"):
        details(root, UNKNOWN, MaxItems=1001)


@pytest.mark.parametrize("service", ["nosuch", "S3", "no_such"])
def test_entities_are_asked_of_services_of_the_reference(root: Person, service: str) -> None:
    user(root, "bob")
    job = generate(root, arn_of("bob"))
    with refused("InvalidInput", 400, f"Service namepace {service} is either invalid or unsupported."):
        entities(root, job, service)


def test_a_marker_is_of_its_report_and_of_its_operation(root: Person) -> None:
    user(root, "bob", allow("s3:*", "iam:*"))
    job, another = generate(root, arn_of("bob")), generate(root, arn_of("bob"))
    marker = details(root, job, MaxItems=1)["Marker"]
    with refused("ValidationError", 400, "Invalid Marker."):
        details(root, job, Marker="invalid")
    for read, which in ((details, another), (entities, job)):
        with refused("InvalidInput", 400, "The marker passed in the request was invalid."):
            read(root, which, Marker=marker)


# -- what a report lists -----------------------------------------------------------------------------


def test_a_user_who_has_nothing_has_an_empty_report(root: Person) -> None:
    user(root, "bob")
    answer = details(root, generate(root, arn_of("bob")))
    assert answer["ServicesLastAccessed"] == []
    assert (answer["JobStatus"], answer["JobType"]) == ("COMPLETED", "SERVICE_LEVEL")
    assert answer["JobCreationDate"] <= answer["JobCompletionDate"]
    assert answer["IsTruncated"] is False
    assert "Error" not in answer


def test_a_service_that_nobody_tried_is_listed_without_details(root: Person) -> None:
    user(root, "bob", allow("s3:GetObject"))
    assert services(root, arn_of("bob")) == {
        "s3": {"ServiceName": "Amazon S3", "ServiceNamespace": "s3", "TotalAuthenticatedEntities": 0}
    }


def test_a_users_last_access_counts_where_it_was_refused_too(local: LocalWorld) -> None:
    root = local.root
    bob = user(root, "bob", allow("iam:ListUsers", "s3:GetObject"))
    local.advance(60)
    with refused("AccessDenied", 403):
        bob.iam.list_roles()
    found = services(root, arn_of("bob"))
    assert set(found) == {"iam", "s3"}
    assert found["iam"]["LastAuthenticatedEntity"] == arn_of("bob")
    assert found["iam"]["LastAuthenticatedRegion"] == "us-east-1"
    assert found["iam"]["TotalAuthenticatedEntities"] == 1
    age = details(root, generate(root, arn_of("bob")))["JobCreationDate"] - found["iam"]["LastAuthenticated"]
    assert timedelta(0) <= age < timedelta(seconds=60)
    assert "LastAuthenticated" not in found["s3"]


def test_what_the_policies_do_not_reach_is_not_listed_though_it_was_tried(root: Person) -> None:
    bob = user(root, "bob", allow("s3:GetObject"))
    bob.sts.get_caller_identity()
    assert set(services(root, arn_of("bob"))) == {"s3"}


def test_the_sessions_of_a_role_are_the_role(root: Person) -> None:
    arn = role(root, "app", root.account, allow("iam:GetRole", "sts:*"))
    bob = user(root, "bob", allow("sts:AssumeRole", "iam:GetUser"))
    assume(bob, arn, "one").iam.get_role(RoleName="app")
    found = services(root, arn)
    assert found["iam"]["LastAuthenticatedEntity"] == arn
    assert "LastAuthenticated" not in found["sts"]
    assert services(root, arn_of("bob"))["sts"]["LastAuthenticatedEntity"] == arn_of("bob")


def test_a_boundary_limits_nothing_and_a_deny_of_another_policy_does(root: Person) -> None:
    user(
        root,
        "bob",
        allow("s3:GetObject", "sqs:*"),
        PermissionsBoundary="arn:aws:iam::aws:policy/ReadOnlyAccess",
    )
    root.iam.put_user_policy(UserName="bob", PolicyName="no", PolicyDocument=policy(deny("s3:*")))
    assert set(services(root, arn_of("bob"))) == {"sqs"}


def test_a_group_gives_its_members_its_own_policies(root: Person) -> None:
    ana, bob = user(root, "ana", allow("s3:*")), user(root, "bob", allow("s3:*"))
    user(root, "eve", allow("iam:*")).iam.list_users()
    root.iam.create_group(GroupName="dev")
    root.iam.put_group_policy(
        GroupName="dev", PolicyName="list", PolicyDocument=policy(allow("iam:ListUsers", "sqs:*"))
    )
    for name in ("bob", "ana"):
        root.iam.add_user_to_group(GroupName="dev", UserName=name)
    bob.iam.list_users()
    ana.iam.list_users()
    job = generate(root, arn_of("dev", "group"))
    iam, sqs = details(root, job)["ServicesLastAccessed"]
    assert (iam["LastAuthenticatedEntity"], iam["TotalAuthenticatedEntities"]) == (arn_of("ana"), 2)
    assert (sqs["ServiceNamespace"], sqs["TotalAuthenticatedEntities"]) == ("sqs", 0)
    assert who(entities(root, job)) == ["ana", "bob"]
    assert who(entities(root, job, "sqs")) == ["ana", "bob"]
    assert who(entities(root, job, "s3")) == []
    assert services(root, arn_of("bob"))["iam"]["LastAuthenticatedEntity"] == arn_of("bob")


def test_a_policy_counts_for_whoever_has_it(root: Person) -> None:
    shared = managed(root, "shared", allow("iam:*", "sqs:SendMessage"))
    assert set(services(root, shared)) == {"iam", "sqs"}
    people = {name: user(root, name) for name in ("ana", "bob", "eve", "zoe")}
    root.iam.create_group(GroupName="dev")
    root.iam.attach_group_policy(GroupName="dev", PolicyArn=shared)
    for name in ("ana", "bob"):
        root.iam.add_user_to_group(GroupName="dev", UserName=name)
        root.iam.attach_user_policy(UserName=name, PolicyArn=shared)
    root.iam.put_user_permissions_boundary(UserName="zoe", PermissionsBoundary=shared)
    role(root, "app", root.account)
    root.iam.attach_role_policy(RoleName="app", PolicyArn=shared)
    people["bob"].iam.list_users()
    job = generate(root, shared)
    iam, sqs = details(root, job)["ServicesLastAccessed"]
    assert (iam["LastAuthenticatedEntity"], iam["TotalAuthenticatedEntities"]) == (arn_of("bob"), 1)
    assert sqs["TotalAuthenticatedEntities"] == 0
    found = entities(root, job)["EntityDetailsList"]
    assert [(one["EntityInfo"]["Type"], one["EntityInfo"]["Name"]) for one in found] == [
        ("USER", "bob"),
        ("USER", "ana"),
        ("ROLE", "app"),
    ]
    assert ["LastAuthenticated" in one for one in found] == [True, False, False]
    assert found[0]["LastAuthenticated"] == iam["LastAuthenticated"]


def test_aws_own_policies_have_reports_too(root: Person) -> None:
    arn = "arn:aws:iam::aws:policy/AdministratorAccess"
    first = details(root, generate(root, arn), MaxItems=1000)
    assert [one["ServiceNamespace"] for one in first["ServicesLastAccessed"]] == sorted(catalog.services())


def test_actions_are_told_on_request_those_that_the_api_has(root: Person) -> None:
    bob = user(root, "bob", allow("iam:GetUser", "iam:ListUsers", "iam:PassRole", "s3:GetObject"))
    bob.iam.list_users()
    with refused("AccessDenied", 403):
        bob.iam.list_roles()
    answer = details(root, generate(root, arn_of("bob"), Granularity="ACTION_LEVEL"))
    iam, s3 = answer["ServicesLastAccessed"]
    never, tried = iam["TrackedActionsLastAccessed"]
    assert answer["JobType"] == "ACTION_LEVEL"
    assert never == {"ActionName": "GetUser"}
    assert tried["ActionName"] == "ListUsers"
    assert (tried["LastAccessedEntity"], tried["LastAccessedRegion"]) == (arn_of("bob"), "us-east-1")
    assert tried["LastAccessedTime"] <= iam["LastAuthenticated"]
    assert "TrackedActionsLastAccessed" not in s3
    assert "TrackedActionsLastAccessed" not in services(root, arn_of("bob"))["iam"]


def test_a_service_of_which_only_passing_roles_is_allowed_has_no_actions(root: Person) -> None:
    user(root, "bob", allow("iam:PassRole"))
    (iam,) = details(root, generate(root, arn_of("bob"), Granularity="ACTION_LEVEL"))["ServicesLastAccessed"]
    assert iam["ServiceNamespace"] == "iam"
    assert "TrackedActionsLastAccessed" not in iam


def test_what_was_tried_is_forgotten_after_400_days(local: LocalWorld) -> None:
    bob = user(local.root, "bob", allow("iam:ListUsers"))
    bob.iam.list_users()
    local.advance(timedelta(days=399).total_seconds())
    assert "LastAuthenticated" in services(local.root, arn_of("bob"))["iam"]
    local.advance(timedelta(days=1).total_seconds())
    found = services(local.root, arn_of("bob"))["iam"]
    assert (found["TotalAuthenticatedEntities"], "LastAuthenticated" in found) == (0, False)
