from __future__ import annotations

import json
import subprocess

import boto3
import pytest
from botocore.config import Config

from tests.cli.conftest import BIN
from tests.moving.dumps import arn, attached, inline, managed, page, role, user

ACCOUNT = "123456789012"
IMPORT = ("import", "authorization-details")
LOST = user("lost", account=ACCOUNT, **attached("arn:aws:iam::aws:policy/NotOfThisCatalogue"))


def written(home, *pages, name="dump.json"):
    """A file with a dump."""
    file = home.path / name
    file.write_text("\n".join(map(json.dumps, pages)))
    return file


def users(*names):
    return page(users=[user(name, account=ACCOUNT) for name in names])


def iam(ready):
    return boto3.client(
        "iam",
        endpoint_url=ready["endpoint"],
        region_name="us-east-1",
        aws_access_key_id=ready["root_access_key_id"],
        aws_secret_access_key=ready["root_secret_access_key"],
        config=Config(retries={"total_max_attempts": 1}),
    )


@pytest.fixture
def server(home):
    with home.up("--ephemeral") as server:
        yield server


@pytest.fixture
def folder(home):
    """A data folder whose server has run."""
    place = home.path / "state"
    with home.up("--data", str(place)) as server:
        server.stop()
    return place


def test_a_file_that_is_not_there_is_a_wrong_use(command, home):
    result = command(*IMPORT, home.path / "none", home=home)
    assert (result.status, result.out) == (2, "")
    assert "cannot read" in result.err


def test_a_file_that_is_no_dump(command, home):
    file = home.path / "dump.json"
    file.write_text('{"Roles":\n oops}')
    result = command(*IMPORT, file, home=home)
    assert (result.status, result.out) == (3, "")
    assert f"{file}: no JSON" in result.err and "line 2" in result.err


def test_no_server_is_an_error(command, home):
    result = command(*IMPORT, written(home, users("bob")), home=home)
    assert result.status == 3
    assert "no server is running" in result.err


def test_a_folder_without_a_store_is_an_error(command, home):
    result = command(*IMPORT, written(home, users("bob")), "--data", home.path / "none", home=home)
    assert result.status == 3
    assert "there is no store" in result.err
    assert not (home.path / "none").exists()


def test_a_dump_of_another_account_needs_a_word(command, home, server):
    file = written(home, page(users=[user("bob", account="999999999999")]))
    result = command(*IMPORT, file, home=home)
    assert result.status == 3
    assert "there is no account 999999999999 here" in result.err and "--account" in result.err
    assert iam(server.ready).list_users()["Users"] == []
    result = command(*IMPORT, file, "--account", ACCOUNT, home=home)
    assert result.status == 0
    assert f"account {ACCOUNT}, from the dump of 999999999999" in result.out
    assert iam(server.ready).get_user(UserName="bob")["User"]["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/bob"


def test_the_report_on_a_terminal(command, home, server):
    strange = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole"}}
    strange["Statement"]["Principal"] = {"AWS": "999999999999"}
    file = written(home, page(users=[LOST], roles=[role("r", strange, account=ACCOUNT)]))
    result = command(*IMPORT, file, home=home)
    assert result.status == 1
    lines = result.out.splitlines()
    assert lines[0] == f"account {ACCOUNT}"
    assert lines[1].split() == ["made", "changed", "unchanged", "left", "out"]
    assert lines[4].split() == ["user", "1", "0", "0", "0"]
    assert "user lost, managed policy arn:aws:iam::aws:policy/NotOfThisCatalogue: NoSuchEntity" in result.out
    assert "role r: 999999999999" in result.out
    assert "in no dump: passwords" in result.out
    assert "nothing to change" in command(*IMPORT, file, home=home).out


def test_the_report_as_json(command, home, server):
    report = json.loads(command(*IMPORT, written(home, page(users=[LOST])), "--json", home=home).out)
    assert (report["account"], report["account_of_the_dump"], report["changes"]) == (ACCOUNT, ACCOUNT, 1)
    assert report["counts"]["user"] == {"made": 1, "changed": 0, "unchanged": 0, "left_out": 0}
    assert report["losses"][0]["name"] == "lost"
    assert "access keys" in report["not_in_a_dump"]


def test_a_name_cannot_write_to_the_terminal(command, home, server):
    file = written(home, page(users=[user("a\x1b[2Jb\r", account=ACCOUNT)]))
    result = command(*IMPORT, file, home=home)
    assert result.status == 1
    assert "\x1b" not in result.out and "a\ufffd[2Jb\ufffd" in result.out


def test_a_thing_that_is_too_large_is_left_out_and_the_rest_comes(command, home, server):
    large = user("large", account=ACCOUNT, **inline("User", own={"x": "y" * (2 << 20)}))
    file = written(home, page(users=[large, user("bob", account=ACCOUNT)]))
    result = command(*IMPORT, file, home=home)
    assert result.status == 1
    assert "user large: it has more than 1 MiB" in result.out
    assert [one["UserName"] for one in iam(server.ready).list_users()["Users"]] == ["bob"]


def test_several_files_and_standard_input(home, server):
    run = subprocess.run(
        [BIN / "rolekeeper", *IMPORT, written(home, users("a"), users("b")), "-", "--json"],
        input=json.dumps(users("c")),
        env=home.environment,
        capture_output=True,
        text=True,
    )
    assert json.loads(run.stdout)["counts"]["user"]["made"] == 3, run.stderr


def test_a_data_folder_whose_server_does_not_run(command, home, folder):
    file = written(home, users("bob"))
    assert command(*IMPORT, file, "--data", folder, home=home).status == 0
    with home.up("--data", str(folder)) as server:
        assert "nothing to change" in command(*IMPORT, file, "--data", folder, home=home).out
        assert command(*IMPORT, file, home=home).status == 0
        assert server.stop()[0] == 0


def test_the_quotas_of_a_configuration_file_hold_for_a_folder(command, home, folder):
    config = home.path / "config.toml"
    config.write_text("[limits]\nroles = 1\n")
    file = written(home, page(roles=[role("a", account=ACCOUNT), role("b", account=ACCOUNT)]))
    result = command(*IMPORT, file, "--data", folder, "--config", config, home=home)
    assert result.status == 1
    assert "role b: LimitExceeded" in result.out


def test_a_running_server_with_data_takes_who_has_its_key(command, home):
    place = home.path / "state"
    things = page(
        users=[user("bob", account=ACCOUNT)],
        policies=[managed("p", account=ACCOUNT)],
        roles=[role("r", account=ACCOUNT, **attached(arn("policy", "p", account=ACCOUNT)))],
    )
    with home.up("--data", str(place)):
        assert command(*IMPORT, written(home, things), home=home).status == 0
        exported = command("export", home=home)
    shown = json.loads(exported.out)
    assert shown["RoleDetailList"][0]["AttachedManagedPolicies"][0]["PolicyName"] == "p"
    assert json.loads(command("export", "--data", place, home=home).out) == shown


def test_export_to_a_file(command, home, folder):
    command(*IMPORT, written(home, users("b", "a")), "--data", folder, home=home)
    file = home.path / "out.json"
    result = command("export", "--data", folder, "--output", file, home=home)
    assert (result.status, result.out) == (0, "")
    assert [one["UserName"] for one in json.loads(file.read_text())["UserDetailList"]] == ["a", "b"]
    assert file.stat().st_mode & 0o777 == 0o600
    assert command(*IMPORT, file, "--data", folder, "--json", home=home).status == 0


def test_an_export_that_fails_leaves_no_file(command, home, folder):
    file = home.path / "out.json"
    result = command("export", "--data", folder, "--account", "1" * 12, "--output", file, home=home)
    assert (result.status, file.exists()) == (3, False)
    assert command("export", "--data", folder, "-o", home.path / "no" / "out", home=home).status == 2
    assert list(home.path.glob(".out*")) == []


def test_an_empty_account(command, home, folder):
    shown = json.loads(command("export", "--data", folder, home=home).out)
    assert shown == page()
    assert "nothing to change" in command(*IMPORT, written(home, shown), "--data", folder, home=home).out
