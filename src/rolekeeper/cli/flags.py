"""One question given by flags: the request, and policies in files.

The fields of `Flags` are the flags: `asking` gives them to a command, so that each has the same ones.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rolekeeper.cli.spread import spread
from rolekeeper.errors import RolekeeperError, UsageError

if TYPE_CHECKING:
    from rolekeeper.policy.context import RequestContext
    from rolekeeper.policy.decision import PolicyLayers


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """All flags of one question, as they were given."""

    principal: Annotated[
        str | None,
        typer.Option("--principal", help="Who asks: an ARN, a service's host name, or 'anonymous'."),
    ] = None
    action: Annotated[str | None, typer.Option("--action", help="What: s3:GetObject.")] = None
    resource: Annotated[str | None, typer.Option("--resource", help="On which resource: its ARN.")] = None
    resource_account: Annotated[
        str | None,
        typer.Option(
            "--resource-account", help="The resource's owner, where its ARN does not tell [the caller's]."
        ),
    ] = None
    context: Annotated[
        list[str] | None,
        typer.Option(
            "--context",
            metavar="KEY=VALUE",
            help='A condition key; twice, or KEY=["a"], one of several values.',
        ),
    ] = None
    identity: Annotated[
        list[Path] | None, typer.Option("--identity", metavar="FILE", help="A policy of the caller's own.")
    ] = None
    boundary: Annotated[
        list[Path] | None,
        typer.Option("--boundary", metavar="FILE", help="The caller's permissions boundary."),
    ] = None
    session: Annotated[
        list[Path] | None, typer.Option("--session", metavar="FILE", help="A session policy.")
    ] = None
    resource_policy: Annotated[
        Path | None,
        typer.Option(
            "--resource-policy", metavar="FILE", help="The resource's own policy; a role's trust policy."
        ),
    ] = None
    scp: Annotated[
        list[str] | None,
        typer.Option(
            "--scp", metavar="FILE,...", help="The SCPs of one level; once a level, the root's first."
        ),
    ] = None
    rcp: Annotated[
        list[str] | None,
        typer.Option(
            "--rcp", metavar="FILE,...", help="The RCPs of one level; once a level, the root's first."
        ),
    ] = None
    vpc_endpoint: Annotated[
        list[Path] | None, typer.Option("--vpc-endpoint", metavar="FILE", help="The VPC endpoint's policy.")
    ] = None

    @property
    def given(self) -> bool:
        """Whether there is any."""
        return any(getattr(self, name) for name in self.__slots__)

    def request(self) -> RequestContext:
        """The request; UsageError where it is none."""
        from rolekeeper.policy.context import RequestContext

        wanted = {"--principal": self.principal, "--action": self.action, "--resource": self.resource}
        missing = [flag for flag, value in wanted.items() if not value]
        if missing:
            raise UsageError(f"say what is asked: {', '.join(missing)} (see --help)")
        request = {"principal": self.principal, "action": self.action, "resource": self.resource}
        if self.resource_account is not None:
            request["resource_account"] = self.resource_account
        try:
            return RequestContext.from_json({**request, "context": _keys(self.context or ())})
        except ValueError as error:
            raise UsageError(str(error)) from error

    def layers(self) -> PolicyLayers:
        """The policies; UsageError, which names the file, where one is none."""
        from rolekeeper.policy.decision import PolicyLayers

        files = self.files()
        policies = {kind: _texts(given) for kind, given in files.items()}
        try:
            return PolicyLayers.from_json(policies)
        except (ValueError, RolekeeperError) as error:
            raise UsageError(_with_files(str(error), files)) from error

    def files(self) -> dict[str, Any]:
        """The files of each kind that was given, in the form of the kind: one, a list, or a list a level."""
        found: dict[str, Any] = {
            "identity": self.identity,
            "boundary": self.boundary,
            "session": self.session,
            "resource": self.resource_policy,
            "scp": _levels(self.scp),
            "rcp": _levels(self.rcp),
            "vpc_endpoint": self.vpc_endpoint,
        }
        return {kind: files for kind, files in found.items() if files}


asking = spread(Flags, "given")
"""A command with the flags of a question in the place of its parameter `given`, which is the question."""


def _levels(given: Sequence[str] | None) -> list[list[Path]]:
    return [[Path(file) for file in level.split(",") if file] for level in given or ()]


def _keys(given: Sequence[str]) -> dict[str, Any]:
    found: dict[str, list[str]] = {}
    several: set[str] = set()
    for text in given:
        name, equals, value = text.partition("=")
        if not name or not equals:
            raise UsageError(f"--context is KEY=VALUE, and not {text!r}")
        if value.startswith("["):
            several.add(name)
            found.setdefault(name, []).extend(_list(name, value))
        else:
            found.setdefault(name, []).append(value)
    return {
        name: values if len(values) > 1 or name in several else values[0] for name, values in found.items()
    }


def _list(name: str, text: str) -> list[str]:
    try:
        values = json.loads(text)
    except ValueError as error:
        raise UsageError(f"--context {name}: a list is written as in JSON, and not {text!r}") from error
    return [str(value) for value in values]


def _texts(files: Any) -> Any:
    return _text(files) if isinstance(files, Path) else [_texts(each) for each in files]


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is not UTF-8 text") from error


def names(files: Any, place: str) -> Iterator[tuple[str, Path]]:
    """The files by their places: `identity[0]`, `scp[1][0]`, `resource[0]`."""
    if isinstance(files, Path):
        yield place if place.endswith("]") else f"{place}[0]", files
        return
    for index, each in enumerate(files):
        yield from names(each, f"{place}[{index}]")


def _with_files(complaint: str, files: dict[str, Any]) -> str:
    """The complaint about a document, with its file before it."""
    for kind, given in files.items():
        for place, file in names(given, kind):
            if complaint.startswith((place, "resource" if kind == "resource" else place)):
                return f"{file}: {complaint}"
    return complaint
