"""The token of a service account, in a file that is renewed."""

from __future__ import annotations

import stat
import time
from datetime import UTC, datetime, timedelta

import pytest

from rolekeeper.cli.launch import token_file
from rolekeeper.cli.launch.token_file import TokenFile
from rolekeeper.errors import ConfigurationError
from rolekeeper.iam.secret import Secret


class Clock:
    time = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self):
        return self.time

    def here(self, moment):
        return moment


def test_there_is_no_file_without_a_token(tmp_path):
    def refuse():
        raise ConfigurationError("no")

    with pytest.raises(ConfigurationError):
        TokenFile(tmp_path / "token", refuse, Clock())
    assert not (tmp_path / "token").exists()


def test_the_token_is_renewed_when_it_is_due(tmp_path, monkeypatch):
    monkeypatch.setattr(token_file, "_LOOK", 0.01)
    made, clock = iter("abcdefgh"), Clock()
    with TokenFile(tmp_path / "token", lambda: Secret(next(made)), clock) as file:
        assert file.path.read_text() == "a"
        assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
        clock.time += timedelta(minutes=11)
        while file.path.read_text() == "a":
            time.sleep(0.01)
        assert file.path.read_text() == "b"
