"""Test files in a folder of their own."""

from __future__ import annotations

import json
from textwrap import dedent

import pytest

from rolekeeper.cli.suites.nodes import SuiteError
from rolekeeper.cli.suites.suite import read_suite
from rolekeeper.errors import ConfigurationError

ALLOW_READS = {
    "Version": "2012-10-17",
    "Statement": [{"Sid": "Reads", "Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::b/*"}],
}


class NoRoles:
    """Nobody who knows roles."""

    def role(self, name):
        raise ConfigurationError(f"nobody knows the role {name}")


class Files:
    """Writes files, and reads the one that is a test file."""

    def __init__(self, folder):
        self.folder = folder

    def write(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content, indent=2))
        return path

    def cases(self, source, roles=None, more=""):
        path = self.write("a.rk.yaml", dedent(source) + more)
        return read_suite(path, roles or NoRoles()).cases

    def refused(self, source):
        """Why the file is refused, with the line and column."""
        with pytest.raises(SuiteError) as caught:
            self.cases(source)
        place = caught.value.place
        return f"{place.line}:{place.column}: {caught.value.reason}"


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Files(tmp_path)
