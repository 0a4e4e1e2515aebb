"""Reports on last access: their IDs, whose they are, their pages, and that they stay as they were."""

from __future__ import annotations

import uuid

from rolekeeper.iam.access_reports import AccessReport
from rolekeeper.operations import access_reports
from tests.client import ACCOUNT, LocalWorld, Person
from tests.operations.access_asking import arn_of, details, entities, generate, services, who
from tests.people import allow, assume, policy, refused, role, user


def test_ids_are_uuids_in_the_order_in_which_they_are_made(local: LocalWorld) -> None:
    local.root.iam.create_user(UserName="bob")
    made = []
    for _ in range(5):
        made.append(generate(local.root, arn_of("bob")))
        local.advance(1)
    assert made == sorted(made)
    found = [uuid.UUID(job) for job in made]
    assert {one.version for one in found} == {7}
    assert {one.variant for one in found} == {uuid.RFC_4122}
    assert len({job[20:] for job in made}) == 5


def test_a_report_is_of_its_account_and_keeps_no_key_of_a_user(local: LocalWorld) -> None:
    root = local.root
    bob = user(root, "bob", allow("sts:*", "iam:*"))
    arn = role(root, "app", root.account, allow("iam:*"))
    app = assume(bob, arn)
    jobs = {person.key_id: generate(person, arn) for person in (root, bob, app)}
    with local.server.store.read() as tx:
        reports = tx.account(ACCOUNT).collection(AccessReport)
        owners = {key_id: reports.get(job).owner for key_id, job in jobs.items()}
        bobs = tx.account(ACCOUNT).users.get("bob").id
    assert owners == {root.key_id: ACCOUNT, bob.key_id: bobs, app.key_id: app.key_id}


def test_services_come_in_pages_of_their_order(root: Person) -> None:
    user(root, "bob", allow("sqs:*", "s3:*", "ec2:*", "kms:*"))
    job = generate(root, arn_of("bob"))
    first = details(root, job, MaxItems=1)
    more = details(root, job, MaxItems=2, Marker=first["Marker"])
    last = details(root, job, MaxItems=2, Marker=more["Marker"])
    pages = [first, more, last]
    assert [page["IsTruncated"] for page in pages] == [True, True, False]
    assert [one["ServiceNamespace"] for page in pages for one in page["ServicesLastAccessed"]] == [
        *("ec2", "kms", "s3", "sqs"),
    ]


def test_a_hundred_services_are_on_a_page_where_nobody_says(root: Person) -> None:
    job = generate(root, "arn:aws:iam::aws:policy/AdministratorAccess")
    assert len(details(root, job)["ServicesLastAccessed"]) == 100


def test_entities_come_in_pages(root: Person) -> None:
    root.iam.create_group(GroupName="dev")
    root.iam.put_group_policy(
        GroupName="dev", PolicyName="all", PolicyDocument=policy(allow("iam:*", "s3:*"))
    )
    for name in ("ana", "bob", "eve"):
        root.iam.create_user(UserName=name)
        root.iam.add_user_to_group(GroupName="dev", UserName=name)
    job = generate(root, arn_of("dev", "group"))
    first = entities(root, job, MaxItems=2)
    assert (who(first), first["IsTruncated"]) == (["ana", "bob"], True)
    rest = entities(root, job, MaxItems=2, Marker=first["Marker"])
    assert (who(rest), rest["IsTruncated"], "Marker" in rest) == (["eve"], False, False)
    assert who(entities(root, job, "s3", Marker=first["Marker"])) == ["eve"]


def test_a_report_stays_as_it_was_and_names_people_as_they_are(root: Person) -> None:
    bob = user(root, "bob", allow("iam:GetUser"))
    bob.iam.get_user()
    job = generate(root, arn_of("bob"))
    before = details(root, job)
    root.iam.put_user_policy(UserName="bob", PolicyName="own", PolicyDocument=policy(allow("sns:*")))
    bob.sts.get_caller_identity()
    root.iam.update_user(UserName="bob", NewUserName="rob", NewPath="/new/")
    assert details(root, job)["ServicesLastAccessed"] == before["ServicesLastAccessed"]
    (found,) = entities(root, job)["EntityDetailsList"]
    assert (found["EntityInfo"]["Arn"], found["EntityInfo"]["Path"]) == (arn_of("new/rob"), "/new/")
    assert set(services(root, arn_of("new/rob"))) == {"sns"}


def test_a_report_outlives_whom_it_is_about(root: Person) -> None:
    root.iam.create_user(UserName="bob")
    root.iam.put_user_policy(UserName="bob", PolicyName="own", PolicyDocument=policy(allow("s3:*")))
    job = generate(root, arn_of("bob"))
    root.iam.delete_user_policy(UserName="bob", PolicyName="own")
    root.iam.delete_user(UserName="bob")
    root.iam.create_user(UserName="bob")
    assert [one["ServiceNamespace"] for one in details(root, job)["ServicesLastAccessed"]] == ["s3"]
    assert entities(root, job, "s3")["EntityDetailsList"] == []
    assert services(root, arn_of("bob")) == {}


def test_old_reports_go_when_new_ones_are_made(local: LocalWorld) -> None:
    root = local.root
    root.iam.create_user(UserName="bob")
    old = [generate(root, arn_of("bob")) for _ in range(3)]
    local.advance(access_reports.KEPT.total_seconds() - 60)
    young = generate(root, arn_of("bob"))
    assert all(details(root, job) for job in old)
    local.advance(120)
    generate(root, arn_of("bob"))
    for job in old:
        with refused("NoSuchEntity", 404, f"Job {job} does not exist."):
            details(root, job)
    assert details(root, young)["JobStatus"] == "COMPLETED"
    with local.server.store.read() as tx:
        assert tx.account(ACCOUNT).collection(AccessReport).count() == 2
