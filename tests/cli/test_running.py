from __future__ import annotations

import json
import os
import stat
from dataclasses import asdict
from pathlib import Path

import pytest

from rolekeeper.cli.running import Running, announced, folder, running, the_running
from rolekeeper.errors import ConfigurationError


def server(port=4566, **more):
    given = {"endpoint": f"http://127.0.0.1:{port}", "port": port, "pid": os.getpid(), "account": "1" * 12}
    return Running(**given | more)


@pytest.fixture
def place(tmp_path):
    return {"XDG_RUNTIME_DIR": str(tmp_path)}


def test_nothing_runs_where_there_is_no_folder(place):
    assert running(place) == []
    with pytest.raises(ConfigurationError, match="rolekeeper up"):
        the_running(place)


def test_a_leftover_is_ignored(place):
    with announced(server(), place):
        (folder(place) / "4567.json").write_text(json.dumps(asdict(server(4567))))
        assert running(place) == [server()]


def test_what_has_stopped_is_gone(place):
    with announced(server(), place):
        pass
    assert running(place) == []
    assert list(folder(place).iterdir()) == []


def test_a_file_of_another_owner_is_ignored(place, monkeypatch):
    with announced(server(), place):
        monkeypatch.setattr(os, "geteuid", lambda: 4242)
        assert running(place) == []


def test_a_link_is_not_followed(place, tmp_path):
    with announced(server(), place):
        (folder(place) / "4566.json").rename(tmp_path / "elsewhere")
        (folder(place) / "4566.json").symlink_to(tmp_path / "elsewhere")
        assert running(place) == []


def test_a_file_of_another_version_is_ignored(place):
    with announced(server(), place):
        path = folder(place) / "4566.json"
        with path.open("r+") as file:
            file.write("{}" + " " * 400)
        assert running(place) == []


def test_only_the_owner_can_read_it(place):
    with announced(server(), place):
        path = folder(place) / "4566.json"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path):
    (tmp_path / "rolekeeper").write_text("in the way")
    with pytest.raises(ConfigurationError, match="cannot be written"):
        announced(server(), {"XDG_RUNTIME_DIR": str(tmp_path)}).__enter__()


def test_one_of_several_must_be_named(place):
    with announced(server(1, data="/a"), place), announced(server(2, data="/b"), place):
        with pytest.raises(ConfigurationError, match="ports 1, 2: say which with --port"):
            the_running(place)
        assert the_running(place, port=2).data == "/b"
        assert the_running(place, data=Path("/a")).port == 1
        with pytest.raises(ConfigurationError, match="no server is running on port 1 with the data of /b"):
            the_running(place, port=1, data=Path("/b"))


def test_the_files_are_in_the_home_without_a_runtime_folder(monkeypatch):
    monkeypatch.setenv("HOME", "/home/somebody")
    assert folder({}) == Path("/home/somebody/.local/state/rolekeeper/run")


def test_no_secret_shows():
    assert "hidden" not in repr(server(secret_access_key="hidden-1", token="hidden-2"))
