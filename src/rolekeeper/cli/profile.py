"""`rolekeeper profile write`: a profile for a running server in the AWS configuration files.

Of the root user or another key, of a role that clients assume themselves, of one that a command of ours
assumes for them, or of one that a token of an identity provider opens.

Only sections that carry our mark are touched, and nothing before the change has been shown and agreed to.
"""

from __future__ import annotations

import difflib
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from rolekeeper.cli.launch.flags import RoleFlags
from rolekeeper.cli.sections import with_section, without_section
from rolekeeper.cli.spread import spread
from rolekeeper.cli.terminal import NO, complain, printable, say_json, screen
from rolekeeper.errors import ConfigurationError

EXAMPLE = "Example: rolekeeper profile write --name local && aws --profile local sts get-caller-identity"

_NAME = re.compile(r"[A-Za-z0-9_.@+-]{1,64}")
_SECRETS = re.compile(r"(?im)^([ +-]?\s*aws_(?:secret_access_key|session_token)\s*=\s*).*$")
_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One file before and after."""

    path: Path
    before: str
    after: str
    private: bool

    def diff(self) -> str:
        """The change in the unified form, without secrets."""
        lines = difflib.unified_diff(
            self.before.splitlines(), self.after.splitlines(), str(self.path), str(self.path), lineterm=""
        )
        return _SECRETS.sub(r"\1***", "\n".join(lines))


@spread(RoleFlags, "role")
def write(
    role: RoleFlags,
    process: Annotated[
        bool, typer.Option("--process", help="A role that `rolekeeper creds process` assumes for it.")
    ] = False,
    web_identity_token_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A role that the token in this file opens."),
    ] = None,
    own_keys: Annotated[
        bool, typer.Option("--own-keys", help="The keys in the environment, not the root user's.")
    ] = False,
    name: Annotated[str, typer.Option(help="The name of the profile.")] = "rolekeeper",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the change only.")] = False,
    port: Annotated[int | None, typer.Option(help="The port of the server, where several run.")] = None,
    data: Annotated[Path | None, typer.Option(help="The data folder of the server.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="JSON; it does not ask, so it needs --yes or --dry-run.")
    ] = False,
) -> None:
    """Write a profile for a running server, after showing the change: of its root user, or with --role of a
    role that the keys of --source-profile assume.
    """
    from rolekeeper.cli.profile_kinds import Wanted, sections
    from rolekeeper.cli.running import the_running

    if not _NAME.fullmatch(name):
        raise typer.BadParameter("up to 64 letters, digits and _.@+-", param_hint="--name")
    if as_json and not (yes or dry_run):
        raise typer.BadParameter("needs --yes or --dry-run", param_hint="--json")
    wanted = Wanted(
        name=name,
        role=role,
        process=process,
        token_file=web_identity_token_file,
        own_keys=own_keys,
    )
    server = the_running(os.environ, port=port, data=data)
    found = [_change(*section) for section in sections(wanted, server, os.environ)]
    changes = [change for change in found if change.before != change.after]
    if not as_json:
        _show(changes)
    if changes and not dry_run:
        if not yes and not typer.confirm("Write this?"):
            raise typer.Exit(NO)
        for change in changes:
            _replace(change)
    if as_json:
        shown = [{"path": str(change.path), "diff": change.diff()} for change in changes]
        say_json({"profile": name, "written": not dry_run, "changes": shown})


def _change(path: Path, section: str, values: Mapping[str, str] | None, private: bool) -> Change:
    try:
        before = path.read_bytes().decode() if path.exists() else ""
    except (OSError, UnicodeDecodeError):
        raise ConfigurationError(f"{path} cannot be read") from None
    try:
        after = without_section(before, section) if values is None else with_section(before, section, values)
    except ConfigurationError as error:
        raise ConfigurationError(f"{path}: {error}") from None
    return Change(path=path, before=before, after=after, private=private)


def _show(changes: list[Change]) -> None:
    console = screen()
    if not changes:
        console.print("nothing to change")
    for change in changes:
        for line in change.diff().splitlines():
            console.print(printable(line), style=_COLOURS.get(line[:1]))


def _replace(change: Change) -> None:
    """Put the new text in place of the old one, at once or not at all."""
    path = change.path
    try:
        mode = 0o600 if change.private or not path.exists() else path.stat().st_mode & 0o777
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(change.after)
            file.flush()
            os.fsync(descriptor)
            os.fchmod(descriptor, mode)
        Path(draft).replace(path)
    except OSError as error:
        complain(f"{path} cannot be written: {error.strerror}")
        raise typer.Exit(3) from None
