"""All files of one call of the command: read, decided, counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rolekeeper.cli.suites.folders import shown
from rolekeeper.cli.suites.nodes import Place, SuiteError
from rolekeeper.cli.suites.sources import Roles
from rolekeeper.cli.suites.suite import read_suite
from rolekeeper.cli.suites.verdict import Verdict, judge
from rolekeeper.cli.terminal import COULD_NOT, NO, WRONG_USE, YES
from rolekeeper.errors import RolekeeperError


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a file's tests were not run: it is no test file (2), or what it needs cannot be had (3)."""

    place: Place
    reason: str
    status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """One file: the verdicts on its cases that were selected, or its problem."""

    file: str
    verdicts: tuple[Verdict, ...] = ()
    problem: Problem | None = None

    @property
    def failed(self) -> tuple[Verdict, ...]:
        """Those that did not pass."""
        return tuple(verdict for verdict in self.verdicts if not verdict.passed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What came of it all."""

    files: tuple[Tested, ...]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The problems of files, in their order."""
        return tuple(tested.problem for tested in self.files if tested.problem is not None)

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """The verdicts on all cases, in their order."""
        return tuple(verdict for tested in self.files for verdict in tested.verdicts)

    @property
    def passed(self) -> int:
        """How many cases passed."""
        return sum(verdict.passed for verdict in self.verdicts)

    @property
    def failed(self) -> int:
        """How many did not."""
        return len(self.verdicts) - self.passed

    @property
    def status(self) -> int:
        """The exit status: first a file that is no test file, then what could not be had, then a no."""
        statuses = {problem.status for problem in self.problems}
        for status in (WRONG_USE, COULD_NOT):
            if status in statuses:
                return status
        return NO if self.failed else YES


def run(files: Sequence[Path], roles: Roles, selected: str = "") -> Run:
    """Test the files; of their cases those in whose names the text is, in any case of letters."""
    return Run(files=tuple(_tested(file, roles, selected.lower()) for file in files))


def _tested(path: Path, roles: Roles, selected: str) -> Tested:
    file = shown(path)
    try:
        suite = read_suite(path, roles)
    except SuiteError as error:
        problem = Problem(place=error.place, reason=error.reason, status=WRONG_USE)
        return Tested(file=file, problem=problem)
    except RolekeeperError as error:
        problem = Problem(place=Place(file=file), reason=str(error), status=COULD_NOT)
        return Tested(file=file, problem=problem)
    verdicts = (judge(case) for case in suite.cases if selected in case.name.lower())
    return Tested(file=file, verdicts=tuple(verdicts))
