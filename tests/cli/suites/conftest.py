"""Test files in a folder of their own."""

from __future__ import annotations

import json
from textwrap import dedent

import pytest

from rolekeeper.cli.suites.nodes import SuiteError
from rolekeeper.cli.suites.run import run
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


HOSTILE = r"a, b: 50%]]>\n::error::<x>&\x00\e[31m\"é"
"""As it is written in YAML's double quotes."""

CASES = f"""
principal: arn:aws:iam::123456789012:user/ana
resource: arn:aws:s3:::b/k
policies: {{identity: {{file: reader.json}}}}
tests:
  - {{name: passes, action: s3:GetObject, expect: allow}}
  - {{name: "{HOSTILE}", action: s3:GetObject, expect: deny}}
  - {{name: nearest, action: s3:PutObject, expect: allow}}
  - {{name: kind, action: s3:GetObject, expect: allow, by: resource}}
  - {{name: statement, action: s3:GetObject, expect: allow, determining: Other}}
"""


@pytest.fixture
def everything(files):
    """A run with all that a report has to say, under a name that would like to be something else."""
    files.write("reader.json", ALLOW_READS)
    paths = [files.write("a b/å.rk.yaml", CASES.replace("reader.json", "../reader.json"))]
    paths.append(files.write("wrong.rk.yaml", "tests: 1"))
    paths.append(files.write("absent.rk.yaml", "role: app\ntests: []"))
    return run(paths, NoRoles())


@pytest.fixture
def fine(files):
    files.write("reader.json", ALLOW_READS)
    return run([files.write("fine.rk.yaml", CASES[: CASES.index('  - {name: "a')])], NoRoles())
