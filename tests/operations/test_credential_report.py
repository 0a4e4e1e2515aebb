"""The credential report: who may have it, how long it stands, and what it says of everybody."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.authenticator import enabled
from tests.client import Person, World
from tests.operations.test_signing_certificates import upload
from tests.people import allow, refused, user

HOUR = 3600
NOTHING = "N/A"


def _content(person: Person) -> str:
    answer = person.iam.get_credential_report()
    assert answer["ReportFormat"] == "text/csv"
    content: bytes = answer["Content"]
    return content.decode()


def _report(person: Person) -> dict[str, dict[str, str]]:
    """A new account's report: each one's row, by name."""
    person.iam.generate_credential_report()
    return {row["user"]: row for row in csv.DictReader(io.StringIO(_content(person)))}


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


# -- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", ["generate", "get"])
def test_each_needs_its_permission(root: Person, operation: str) -> None:
    other = {"generate": "Get", "get": "Generate"}[operation]
    alice = user(root, "alice", allow(f"iam:{other}CredentialReport"))
    with refused("AccessDenied", 403, f"iam:{operation.title()}CredentialReport on resource: *"):
        getattr(alice.iam, f"{operation}_credential_report")()


def test_a_report_that_nobody_asked_for_is_not_there(root: Person, other: Person) -> None:
    other.iam.generate_credential_report()
    with refused("ReportNotPresent", 410):
        root.iam.get_credential_report()


def test_a_report_ends_after_four_hours(root: Person, world: World) -> None:
    root.iam.generate_credential_report()
    world.advance(4 * HOUR - 60)
    assert root.iam.get_credential_report()["ReportFormat"] == "text/csv"
    world.advance(120)
    with refused("ReportExpired", 410):
        root.iam.get_credential_report()


# -- states ---------------------------------------------------------------------------------------


def test_a_report_is_there_at_once(root: Person) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    first = root.iam.generate_credential_report()
    assert (first["State"], first["Description"]) == (
        "STARTED",
        "No report exists. Starting a new report generation task",
    )
    second = root.iam.generate_credential_report()
    assert second["State"] == "COMPLETE"
    assert "Description" not in second
    assert before <= root.iam.get_credential_report()["GeneratedTime"] <= datetime.now(UTC)


def test_a_report_stands_for_four_hours_whatever_changes(root: Person, world: World) -> None:
    user(root, "alice")
    root.iam.generate_credential_report()
    told = _content(root)
    root.iam.create_user(UserName="bob")
    world.advance(3 * HOUR)
    assert root.iam.generate_credential_report()["State"] == "COMPLETE"
    assert _content(root) == told
    world.advance(2 * HOUR)
    assert root.iam.generate_credential_report()["State"] == "STARTED"
    assert "bob" in _content(root)
    assert root.iam.generate_credential_report()["State"] == "COMPLETE"


# -- rows -----------------------------------------------------------------------------------------


def test_the_root_user_is_first_and_the_others_follow_by_name(root: Person) -> None:
    for name in ("zoe", "Bob", "ann"):
        root.iam.create_user(UserName=name, Path="/team/")
    rows = _report(root)
    assert list(rows) == ["<root_account>", "ann", "Bob", "zoe"]
    assert rows["Bob"]["arn"] == f"arn:aws:iam::{root.account}:user/team/Bob"


def test_the_root_user_has_a_key_and_no_password(root: Person) -> None:
    row = _report(root)["<root_account>"]
    assert row["arn"] == f"arn:aws:iam::{root.account}:root"
    assert row["user_creation_time"] == _stamp(root.iam.get_user()["User"]["CreateDate"])
    assert [row[column] for column in row if column.startswith("password")] == [
        *("false", NOTHING, NOTHING, "not_supported")
    ]
    assert (row["mfa_active"], row["access_key_1_active"], row["access_key_2_active"]) == (
        *("false", "true", "false"),
    )
    # What the key was last used for before the report was asked for: nothing.
    assert row["access_key_1_last_used_service"] == NOTHING


def test_a_user_with_nothing(root: Person) -> None:
    made = root.iam.create_user(UserName="bob")["User"]
    row = _report(root)["bob"]
    assert row.pop("user") == "bob"
    assert row.pop("arn") == made["Arn"]
    assert row.pop("user_creation_time") == _stamp(made["CreateDate"])
    flags = {column for column in row if column.endswith(("_active", "_enabled"))}
    assert len(flags) == 6
    assert row == {column: "false" if column in flags else NOTHING for column in row}


def test_a_password_is_told_of(root: Person, world: World) -> None:
    root.iam.create_user(UserName="bob")
    root.iam.create_login_profile(UserName="bob", Password="first-Passw0rd")
    world.advance(60)
    root.iam.update_login_profile(UserName="bob", Password="second-Passw0rd")
    changed = datetime.now(UTC) + timedelta(seconds=60)
    row = _report(root)["bob"]
    assert (row["password_enabled"], row["password_last_used"]) == ("true", "no_information")
    assert abs(datetime.fromisoformat(row["password_last_changed"]) - changed) < timedelta(seconds=30)
    assert row["password_next_rotation"] == NOTHING
    assert "PasswordLastUsed" not in root.iam.get_user(UserName="bob")["User"]


def test_a_password_that_expires_has_a_next_rotation(root: Person) -> None:
    root.iam.update_account_password_policy(MaxPasswordAge=90)
    for name in ("bob", "eve"):
        root.iam.create_user(UserName=name)
    root.iam.create_login_profile(UserName="bob", Password="first-Passw0rd")
    rows = _report(root)
    changed, rotation = (
        datetime.fromisoformat(rows["bob"][f"password_{one}"]) for one in ("last_changed", "next_rotation")
    )
    assert rotation - changed == timedelta(days=90)
    assert rows["eve"]["password_next_rotation"] == NOTHING
    assert rows["<root_account>"]["password_next_rotation"] == "not_supported"


@pytest.mark.requirement("SR-132")
def test_keys_are_told_of_with_their_last_use(root: Person) -> None:
    bob = user(root, "bob", allow("sts:*"))
    bob.in_region("eu-west-1").sts.get_caller_identity()
    used = root.iam.get_access_key_last_used(AccessKeyId=bob.key_id)["AccessKeyLastUsed"]
    unused = root.iam.create_access_key(UserName="bob")["AccessKey"]["AccessKeyId"]
    root.iam.update_access_key(UserName="bob", AccessKeyId=unused, Status="Inactive")
    made = {
        key["AccessKeyId"]: _stamp(key["CreateDate"])
        for key in root.iam.list_access_keys(UserName="bob")["AccessKeyMetadata"]
    }
    row = _report(root)["bob"]
    expected: dict[str, list[str]] = {
        bob.key_id: ["true", made[bob.key_id], _stamp(used["LastUsedDate"]), "eu-west-1", "sts"],
        unused: ["false", made[unused], NOTHING, NOTHING, NOTHING],
    }
    told = [[row[column] for column in row if column.startswith(f"access_key_{n}")] for n in (1, 2)]
    assert told == [expected[key_id] for key_id in sorted(expected)]


def test_devices_and_certificates_are_told_of(root: Person) -> None:
    for name in ("bob", "eve"):
        root.iam.create_user(UserName=name)
    enabled(root, "bob")
    made: dict[str, Any] = upload(root, UserName="bob")
    rows = _report(root)
    assert (rows["bob"]["mfa_active"], rows["eve"]["mfa_active"]) == ("true", "false")
    assert rows["bob"]["cert_1_active"] == "true"
    assert rows["bob"]["cert_1_last_rotated"] == _stamp(made["UploadDate"])
    assert (rows["bob"]["cert_2_active"], rows["eve"]["cert_1_active"]) == ("false", "false")


def test_a_report_is_of_one_account(root: Person, other: Person) -> None:
    user(root, "alice")
    user(other, "mallory")
    assert list(_report(root)) == ["<root_account>", "alice"]
    assert list(_report(other)) == ["<root_account>", "mallory"]
