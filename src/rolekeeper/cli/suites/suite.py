"""A test file: its defaults, its names, and its cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from rolekeeper.cli.suites.cases import Case, Frame
from rolekeeper.cli.suites.folders import shown
from rolekeeper.cli.suites.matrix import read_matrix
from rolekeeper.cli.suites.nodes import Fields, Node, Place, SuiteError, fields, only, text
from rolekeeper.cli.suites.notation import MAX_CHARACTERS, read_yaml
from rolekeeper.cli.suites.policy_reader import PolicyReader
from rolekeeper.cli.suites.rows import read_rows
from rolekeeper.cli.suites.settings import SHARED, Settings, read_settings
from rolekeeper.cli.suites.sources import Roles

FILE: Final = (*SHARED, "principals", "resources", "tests", "matrix")
MAX_CASES: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """A file that has been read; `file` is its path as the reader can use it."""

    file: str
    cases: tuple[Case, ...]


def read_suite(path: Path, roles: Roles) -> Suite:
    """The cases of a file, in its order.

    SuiteError where it is no test file; ConfigurationError where a role that it is about cannot be had.
    """
    name = shown(path)
    document = fields(read_yaml(_text(path, name), name), "a test file")
    only(document, FILE, "a test file")
    policies = PolicyReader(path, roles)
    frame = Frame(
        defaults=read_settings(document, policies),
        principals=_named(document, "principals", policies),
        resources=_named(document, "resources", policies),
    )
    cases: list[Case] = []
    for word, read in (("tests", read_rows), ("matrix", read_matrix)):
        written = document.get(word)
        if written is not None:
            for case in read(written, frame, policies):
                cases.append(case)
                if len(cases) > MAX_CASES:
                    raise SuiteError(case.place, f"more than {MAX_CASES} cases in one file")
    _check(cases, document)
    return Suite(file=name, cases=tuple(cases))


def _text(path: Path, name: str) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(4 * MAX_CHARACTERS + 1)
        return raw.decode("utf-8-sig")
    except OSError as error:
        raise SuiteError(Place(file=name), f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SuiteError(Place(file=name), "is not UTF-8 text") from None


def _named(document: Fields, word: str, policies: PolicyReader) -> Mapping[str, Settings]:
    """The names of principals or resources: each an ARN, or a mapping with settings of its own."""
    written, what = document.get(word), word.removesuffix("s")
    if written is None:
        return {}
    return {name: _one(node, what, policies) for name, node in fields(written, f"`{word}`").values.items()}


def _one(node: Node, what: str, policies: PolicyReader) -> Settings:
    if not isinstance(node, Fields):
        arn = text(node, f"a named {what}")
        return Settings(principal=arn) if what == "principal" else Settings(resource=arn)
    known = [name for name in SHARED if name not in ({"principal", "resource"} - {what})]
    only(node, known, f"a named {what}")
    settings = read_settings(node, policies, role_is=what)
    if settings.asking is not None:
        settings = settings.asking.overridden_by(replace(settings, asking=None))
    if getattr(settings, what) is None:
        raise SuiteError(node.place, f"a named {what} has `{what}: ARN` or `role: NAME`")
    return settings


def _check(cases: list[Case], document: Fields) -> None:
    if not cases:
        raise SuiteError(
            document.place, "the file tests nothing; write rows in `tests` or tables in `matrix`"
        )
    seen: dict[str, Place] = {}
    for case in cases:
        if case.name in seen:
            reason = f"the name {case.name!r} stands twice, first in line {seen[case.name].line}"
            raise SuiteError(case.place, reason)
        seen[case.name] = case.place
