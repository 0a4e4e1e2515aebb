from __future__ import annotations

import json
import stat
import subprocess

import pytest

from tests.cli.places import ACCOUNT, ROLE, python


@pytest.fixture
def files(tmp_path):
    return {
        "AWS_CONFIG_FILE": str(tmp_path / "aws" / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "aws" / "credentials"),
    }


@pytest.fixture
def write(command, running, shared_home, files):
    def run(*arguments):
        return command("profile", "write", *arguments, home=shared_home, **files)

    return run


@pytest.mark.parametrize("name", ["", "a b", "a]b", "a\nb", "x" * 65])
def test_a_name_that_could_break_the_file_is_a_wrong_use(write, tmp_path, name):
    assert write("--name", name, "--yes").status == 2
    assert not (tmp_path / "aws").exists()


def test_json_does_not_ask_and_so_must_be_told(write):
    assert write("--json").status == 2


@pytest.mark.parametrize("answer", ["n\n", "\n", ""])
def test_without_a_yes_nothing_is_written(write, tmp_path, monkeypatch, answer):
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    assert write().status == 1
    assert not (tmp_path / "aws").exists()


def test_a_dry_run_shows_and_does_not_write(write, tmp_path):
    result = write("--dry-run")
    assert result.status == 0
    assert "+[profile rolekeeper]" in result.out
    assert not (tmp_path / "aws").exists()


def test_a_section_of_somebody_else_is_refused(write, tmp_path):
    (tmp_path / "aws").mkdir()
    config = tmp_path / "aws" / "config"
    config.write_text("[profile rolekeeper]\nregion = x\n")
    result = write("--yes")
    assert (result.status, config.read_text()) == (3, "[profile rolekeeper]\nregion = x\n")
    assert not (tmp_path / "aws" / "credentials").exists()


def test_no_secret_is_shown(write, running, tmp_path):
    (tmp_path / "aws").mkdir()
    (tmp_path / "aws" / "credentials").write_text("[work]\naws_secret_access_key = hidden\n")
    result = write("--dry-run")
    assert "aws_secret_access_key = ***" in result.out
    assert "hidden" not in result.out
    assert running.ready["root_secret_access_key"] not in result.out


def test_the_files_are_written_for_the_user_alone(write, running, tmp_path):
    assert write("--yes", "--name", "local").status == 0
    config, credentials = (tmp_path / "aws" / name for name in ("config", "credentials"))
    assert f"endpoint_url = {running.ready['endpoint']}\n" in config.read_text()
    assert f"aws_secret_access_key = {running.ready['root_secret_access_key']}\n" in credentials.read_text()
    assert {stat.S_IMODE(path.stat().st_mode) for path in (config, credentials)} == {0o600}
    assert sorted(path.name for path in config.parent.iterdir()) == ["config", "credentials"]


def test_the_mode_of_the_settings_is_kept_and_a_link_stays_one(write, tmp_path):
    (tmp_path / "aws").mkdir()
    real = tmp_path / "dotfiles"
    real.write_text("[default]\n")
    real.chmod(0o640)
    (tmp_path / "aws" / "config").symlink_to(real)
    assert write("--yes").status == 0
    assert (tmp_path / "aws" / "config").is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert real.read_text().startswith("[default]\n\n[profile rolekeeper]\n")


def test_a_second_time_there_is_nothing_to_change(write):
    write("--yes")
    assert write().out == "nothing to change\n"
    assert json.loads(write("--yes", "--json").out)["changes"] == []


def test_the_profile_works(write, running, files, monkeypatch):
    import boto3

    write("--yes", "--name", "local")
    for name, value in files.items():
        monkeypatch.setenv(name, value)
    session = boto3.Session(profile_name="local")
    assert session.client("sts").get_caller_identity()["Account"] == "123456789012"


# -- roles --------------------------------------------------------------------------------------------


@pytest.fixture
def in_files(place, bob, reader, tmp_path):
    """Commands and clients with AWS files of their own, in which there is bob's profile."""
    files = {
        "AWS_CONFIG_FILE": str(tmp_path / "aws" / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "aws" / "credentials"),
    }

    def run(*arguments, **more):
        return place.rolekeeper("profile", "write", "--yes", *arguments, **files | more)

    assert run("--name", "bob", "--own-keys", **bob).returncode == 0
    run.files, run.folder = files, tmp_path / "aws"
    return run


def who(place, files, profile):
    """Who boto3 is with a profile, in an environment that has nothing else."""
    done = subprocess.run(
        python("import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"),
        env=place.environment(AWS_PROFILE=profile, **files),
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.stdout.strip() or done.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--process"], "--process is of a role's profile"),
        (["--web-identity-token-file", "t"], "--web-identity-token-file is of a role's profile"),
        (["--session-name", "s"], "--session-name is of a role's profile"),
        (["--role", "reader", "--source-profile", "bob"], "by its ARN"),
        (["--role", ROLE], "--source-profile PROFILE"),
        (["--role", ROLE, "--own-keys"], "--own-keys"),
        (["--role", ROLE, "--process", "--web-identity-token-file", "t"], "exclude"),
        (["--role", ROLE, "--source-profile", "bob", "--tag", "a=b"], "--tag does not go"),
        (["--role", ROLE, "--web-identity-token-file", "t", "--external-id", "x"], "--external-id does not"),
        (["--role", ROLE, "--source-profile", "bob", "--token-code", "123456"], "good once"),
        (["--role", ROLE, "--source-profile", "bob", "--external-id", "a\nb"], "one line"),
    ],
)
def test_what_does_not_go_together_writes_nothing(in_files, arguments, complaint):
    before = {path.name: path.read_text() for path in in_files.folder.iterdir()}
    done = in_files("--name", "role", *arguments)
    assert (done.returncode, complaint in " ".join(done.stderr.split())) == (2, True), done.stderr
    assert {path.name: path.read_text() for path in in_files.folder.iterdir()} == before


def test_a_source_that_is_not_there_is_said(in_files):
    done = in_files("--name", "role", "--role", ROLE, "--source-profile", "nobody")
    assert done.returncode == 3
    assert "there is no profile nobody" in " ".join(done.stderr.split())


def test_own_keys_are_the_environments(place, in_files):
    assert who(place, in_files.files, "bob").endswith(":user/bob")
    assert in_files("--name", "none", "--own-keys").returncode == 2


def test_a_role_that_the_client_assumes(place, in_files):
    done = in_files("--name", "role", "--role", ROLE, "--source-profile", "bob", "--session-name", "mine")
    assert (done.returncode, done.stderr) == (0, "")
    assert "+role_arn = " + ROLE in done.stdout
    assert who(place, in_files.files, "role") == f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/mine"


def test_a_role_that_a_command_assumes(place, in_files):
    given = ["--role", ROLE, "--source-profile", "bob", "--process", "--duration", "15m", "--tag", "a=b c"]
    assert in_files("--name", "role", *given).returncode == 0
    assert who(place, in_files.files, "role") == f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/rolekeeper"


def test_a_role_that_a_token_opens(in_files, tmp_path):
    done = in_files("--name", "role", "--role", ROLE, "--web-identity-token-file", str(tmp_path / "token"))
    assert done.returncode == 0
    config = (in_files.folder / "config").read_text()
    assert f"role_arn = {ROLE}\nweb_identity_token_file = {tmp_path}/token\n" in config


def test_keys_of_ours_under_the_same_name_give_way_to_the_role(place, in_files):
    assert in_files("--name", "role").returncode == 0
    assert who(place, in_files.files, "role").endswith(":root")
    done = in_files("--name", "role", "--role", ROLE, "--source-profile", "bob", "--process")
    assert "-aws_secret_access_key = ***" in done.stdout
    assert who(place, in_files.files, "role").endswith(":assumed-role/reader/rolekeeper")
    assert "[bob]" in (in_files.folder / "credentials").read_text()


def test_keys_of_somebody_else_under_the_same_name_are_refused(in_files):
    credentials = in_files.folder / "credentials"
    credentials.write_text(credentials.read_text() + "[role]\naws_access_key_id = AKIAREAL\n")
    done = in_files("--name", "role", "--role", ROLE, "--source-profile", "bob", "--process")
    assert done.returncode == 3
    assert "[profile role]" not in (in_files.folder / "config").read_text()
