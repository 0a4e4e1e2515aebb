"""The documentation says what the code is: complete, not stale, and every link leads somewhere."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest
from tools.pages import PAGES

from rolekeeper.config.sources import READERS

ROOT = Path(__file__).parents[1]
WRITTEN = sorted(path for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
_LINK = re.compile(r"\]\((?!https?://|#)([^)#\s]+)[^)]*\)")


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_not_stale(name: str) -> None:
    assert (ROOT / name).read_text() == PAGES[name](), "run: .venv/bin/python tools/pages.py"


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    dead = [link for link in _LINK.findall(page.read_text()) if not (page.parent / link).exists()]
    assert not dead


def test_every_setting_is_told() -> None:
    page = (ROOT / "docs/settings.md").read_text()
    assert [name for name in READERS if f"`{name}`" not in page and f"_{name.upper()}`" not in page] == []


def test_every_page_can_be_reached_from_the_readme() -> None:
    seen: set[Path] = set()
    ahead = [ROOT / "README.md"]
    while ahead:
        page = ahead.pop()
        if page not in seen and page.suffix == ".md":
            seen.add(page)
            ahead += [(page.parent / link).resolve() for link in _LINK.findall(page.read_text())]
    assert {page for page in WRITTEN if "docs" in page.parts} <= seen


def test_every_divergence_has_a_test_that_exists() -> None:
    page = ROOT / "docs/divergences.md"
    rows = re.findall(r"\[`(test_\w+)`\]\(([^)]+)\) \|$", page.read_text(), re.MULTILINE)
    told = [line for line in page.read_text().splitlines() if line.startswith("| ") and "---" not in line][1:]
    assert len(rows) == len(told) > 0
    for name, file in rows:
        assert name in _functions(page.parent / file), f"{file} has no {name}"


def test_every_dependency_has_its_licence_and_reason() -> None:
    page = (ROOT / "docs/decisions/0007-dependencies.md").read_text()
    assert [name for name in _dependencies() if f"| {name} |" not in page] == []
    pinned = re.findall(
        r"^([A-Za-z0-9._-]+)==", (ROOT / "requirements/runtime.txt").read_text(), re.MULTILINE
    )
    assert [name for name in pinned if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", page)] == []


def test_the_page_of_dependencies_names_none_that_is_not_one() -> None:
    page = (ROOT / "docs/decisions/0007-dependencies.md").read_text()
    listed = re.findall(r"^\| ([a-z0-9-]+) \|", page, re.MULTILINE)
    assert sorted(set(listed) - {"package"}) == sorted(_dependencies())


def test_the_decisions_are_listed_in_order() -> None:
    folder = ROOT / "docs/decisions"
    listed = re.findall(r"\]\((\d{4}-[a-z-]+\.md)\)", (folder / "README.md").read_text())
    assert listed == sorted(path.name for path in folder.glob("0*.md"))


def _dependencies() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = [
        *project["dependencies"],
        *(name for extra in project["optional-dependencies"].values() for name in extra),
    ]
    return {re.split(r"[<>=;~! ]", each)[0].lower() for each in named}


def _functions(path: Path) -> set[str]:
    return {node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)}
