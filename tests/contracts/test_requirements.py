"""Every requirement that this version must fulfil is shown by a test or a story that carries its number."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
DUE = {
    f"SR-{n:03d}"
    for n in (
        *(*range(1, 11), *range(13, 27), *range(28, 49), *range(92, 106)),
        *(11, 27, *range(64, 71), 74, *range(86, 91), 120, *range(122, 131), 133, 135, 136),
    )
}


def shown() -> set[str]:
    files = [*TESTS.glob("requirements/test_*.py"), *TESTS.glob("stories/*.story")]
    marks = re.compile(r"^(?:@requirement\(|shows )(.*)$", re.MULTILINE)
    return {
        name
        for file in files
        for line in marks.findall(file.read_text())
        for name in re.findall(r"SR-\d{3}", line)
    }


def test_every_requirement_that_is_due_is_shown() -> None:
    assert sorted(DUE - shown()) == []


def test_a_tests_name_says_which_requirement_it_shows() -> None:
    for file in TESTS.glob("requirements/test_*.py"):
        for name in re.findall(r"^def (test_\w+)", file.read_text(), re.MULTILINE):
            assert re.match(r"test_sr_\d{3}_", name), name
        for block in file.read_text().split("\n\n\n"):
            named = re.search(r"^def test_sr_(\d{3})_", block, re.MULTILINE)
            mark = re.search(r"^@requirement\((.*)\)$", block, re.MULTILINE)
            assert named is None or (mark is not None and f'"SR-{named[1]}"' in mark[1]), block
