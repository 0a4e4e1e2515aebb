"""Reports on last access: their IDs, and whose they are."""

from __future__ import annotations

import uuid

from rolekeeper.iam.access_reports import AccessReport
from tests.client import ACCOUNT, LocalWorld, Person
from tests.people import allow, assume, role, user


def generate(person: Person, arn: str) -> str:
    job: str = person.iam.generate_service_last_accessed_details(Arn=arn)["JobId"]
    return job


def test_ids_are_uuids_in_the_order_in_which_they_are_made(local: LocalWorld) -> None:
    local.root.iam.create_user(UserName="bob")
    made = []
    for _ in range(5):
        made.append(generate(local.root, f"arn:aws:iam::{ACCOUNT}:user/bob"))
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
