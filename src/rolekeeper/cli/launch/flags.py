"""The flags of who becomes a role: AssumeRole's arguments, for all commands that give credentials."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rolekeeper.errors import UsageError

if TYPE_CHECKING:
    from rolekeeper.cli.launch.assuming import Terms

_DURATION = re.compile(r"(?:(\d{1,2})h)?(?:(\d{1,3})m)?")

Port = Annotated[int | None, typer.Option(help="The port of the server, where several run.")]
Data = Annotated[Path | None, typer.Option(help="The data folder of the server.")]
Region = Annotated[str | None, typer.Option(help="The region, in place of the server's.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleFlags:
    """The flags as they were given."""

    role: Annotated[
        str | None, typer.Option("--role", metavar="ROLE", help="The role: its ARN, or its name.")
    ] = None
    session_name: Annotated[
        str | None, typer.Option("--session-name", metavar="NAME", help="The session's name [rolekeeper].")
    ] = None
    duration: Annotated[
        str | None,
        typer.Option("--duration", metavar="TIME", help="How long a session lasts: 900, 15m, 1h30m."),
    ] = None
    external_id: Annotated[
        str | None, typer.Option("--external-id", metavar="ID", help="What the role's owner asks for.")
    ] = None
    serial_number: Annotated[
        str | None, typer.Option("--serial-number", metavar="ARN", help="The caller's MFA device.")
    ] = None
    token_code: Annotated[
        str | None, typer.Option("--token-code", metavar="CODE", help="What the MFA device shows.")
    ] = None
    tag: Annotated[list[str] | None, typer.Option("--tag", metavar="KEY=VALUE", help="A session tag.")] = None
    source_identity: Annotated[
        str | None,
        typer.Option("--source-identity", metavar="NAME", help="Who is behind it, for the audit trail."),
    ] = None

    source_profile: Annotated[
        str | None,
        typer.Option(
            "--source-profile",
            metavar="PROFILE",
            help="Whose keys assume the role: of a profile in the AWS files [the environment's].",
        ),
    ] = None

    @property
    def given(self) -> list[str]:
        """The flags that were given, as they are written."""
        return [f"--{name.replace('_', '-')}" for name in self.__slots__ if getattr(self, name) is not None]

    def terms(self) -> Terms:
        """What to ask of AssumeRole; UsageError."""
        from rolekeeper.cli.launch.assuming import Terms

        if not self.role:
            raise UsageError("say which role: --role ROLE")
        if (self.serial_number is None) != (self.token_code is None):
            raise UsageError("--serial-number and --token-code go together")
        return Terms(
            role=self.role,
            session_name=self.session_name or "rolekeeper",
            seconds=None if self.duration is None else seconds(self.duration),
            external_id=self.external_id,
            serial_number=self.serial_number,
            token_code=self.token_code,
            tags=tuple(_tags(self.tag or ())),
            source_identity=self.source_identity,
        )


def seconds(text: str) -> int:
    """A time such as 900, 15m or 1h30m; UsageError."""
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    parts = _DURATION.fullmatch(text) if text else None
    if parts is None:
        raise UsageError(f"--duration is a time such as 900, 15m or 1h30m, and not {text!r}")
    return int(parts[1] or 0) * 3600 + int(parts[2] or 0) * 60


def _tags(given: list[str] | tuple[()]) -> Iterator[tuple[str, str]]:
    for text in given:
        key, equals, value = text.partition("=")
        if not key or not equals:
            raise UsageError(f"--tag is KEY=VALUE, and not {text!r}")
        yield key, value
