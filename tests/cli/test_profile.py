from __future__ import annotations

import json
import stat

import pytest


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
