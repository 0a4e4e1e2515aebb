"""Draws docs/first-session.svg: a first session in a terminal, with what a real server really answers.

.venv/bin/python tools/first_session.py
"""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from typing import Any

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

PICTURE = Path(__file__).parents[1] / "docs" / "first-session.svg"
BIN = Path(sys.executable).parent
ROLE = "arn:aws:iam::123456789012:role/reader"
COLOURS = {"root": "magenta", "alice": "cyan", "reader": "green"}
# The picture must not make a browser fetch a font.
FORMAT = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL).replace(
    "Fira Code", "Menlo"
)

POLICIES = {
    "trust.json": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "123456789012"}},
    "read.json": {"Effect": "Allow", "Action": "iam:ListRoles", "Resource": "*"},
    "become.json": {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": ROLE},
}


class Terminal:
    """A terminal that shows each command with who gives it, and what it answers."""

    def __init__(self, folder: Path, ready: dict[str, str]) -> None:
        self.console = Console(record=True, file=io.StringIO(), width=104, force_terminal=True)
        self.endpoint = ready["endpoint"]
        self._folder = folder
        self._keys = {"root": (ready["root_access_key_id"], ready["root_secret_access_key"], "")}

    def aws(self, who: str, command: str) -> None:
        """Give a command as root, alice or the reader's session."""
        self.console.print(Text.assemble((f"{who}$ ", f"bold {COLOURS[who]}"), ("aws " + command, "bold")))
        done = self._run(who, [*shlex.split(command), "--output", "text"])
        if done.stdout:
            self.console.print(Text(done.stdout.strip()))
        if done.stderr:
            self.console.print(Text(done.stderr.strip(), style="red"))

    def become(self, who: str, by: str, command: str, member: str) -> None:
        """Get credentials, unseen."""
        done = self._run(by, [*shlex.split(command), "--output", "json"])
        if done.returncode:
            sys.exit(done.stderr)
        given: dict[str, Any] = json.loads(done.stdout)[member]
        self._keys[who] = (given["AccessKeyId"], given["SecretAccessKey"], given.get("SessionToken", ""))

    def wait_an_hour(self) -> None:
        """Move the server's clock."""
        order = json.dumps({"advance_seconds": 3601}).encode()
        urllib.request.urlopen(f"{self.endpoint}/_rolekeeper/clock", data=order).close()
        self.console.print(Text("  … an hour later", style="italic yellow"))

    def _run(self, who: str, words: list[str]) -> subprocess.CompletedProcess[str]:
        key, secret, token = self._keys[who]
        environment = {
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self._folder),
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": key,
            "AWS_SECRET_ACCESS_KEY": secret,
            "AWS_SESSION_TOKEN": token,
        }
        return subprocess.run(
            ["aws", *words], env=environment, cwd=self._folder, capture_output=True, text=True
        )


def play(terminal: Terminal) -> None:
    """The session."""
    terminal.aws("root", "iam create-user --user-name alice --query User.Arn")
    terminal.aws(
        "root",
        "iam create-role --role-name reader --assume-role-policy-document file://trust.json --query Role.Arn",
    )
    terminal.aws(
        "root", "iam put-role-policy --role-name reader --policy-name read --policy-document file://read.json"
    )
    terminal.become("alice", "root", "iam create-access-key --user-name alice", "AccessKey")
    assume = f"sts assume-role --role-arn {ROLE} --role-session-name first"
    terminal.aws("alice", assume)
    terminal.aws(
        "root",
        "iam put-user-policy --user-name alice --policy-name become --policy-document file://become.json",
    )
    terminal.aws("alice", f"{assume} --query AssumedRoleUser.Arn")
    terminal.become("reader", "alice", assume, "Credentials")
    terminal.aws("reader", "iam list-roles --query Roles[].Arn")
    terminal.aws("reader", "iam delete-role --role-name reader")
    terminal.wait_an_hour()
    terminal.aws("reader", "iam list-roles --query Roles[].Arn")


def main() -> None:
    """Start a server, play, draw."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, statement in POLICIES.items():
            (folder / file).write_text(json.dumps({"Version": "2012-10-17", "Statement": statement}))
        command = [str(BIN / "rolekeeper"), "up", "--ephemeral", "--port", "0", "--json"]
        environment = {"PATH": os.environ["PATH"], "HOME": name}
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as server:
            try:
                assert server.stdout is not None
                terminal = Terminal(folder, json.loads(server.stdout.readline()))
                play(terminal)
            finally:
                server.terminate()
    drawn = terminal.console.export_svg(title="a first session", code_format=FORMAT, unique_id="session")
    PICTURE.write_text(drawn)


if __name__ == "__main__":
    main()
