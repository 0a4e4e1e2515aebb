"""The page on tests of policies, as printed: its files are written, and its commands are run."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tests.journeys.blocks import blocks, outputs, script
from tests.journeys.conftest import BIN, ROOT, Running

PAGE = ROOT / "docs/policy-tests.md"
_FILE = re.compile(r"^```(?:json|yaml) (\S+)\n(.*?)^```\n", re.MULTILINE | re.DOTALL)


def test_the_page_works_as_printed(server: Running, tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    for name, text in _FILE.findall(PAGE.read_text()):
        (folder / name).write_text(text)
    run = subprocess.run(
        ["bash", "-c", script(PAGE)],
        cwd=folder,
        env=dict(server.environment),
        stdout=subprocess.PIPE,
        text=True,
        timeout=300,
    )
    assert outputs(run.stdout) == [block.output for block in blocks(PAGE)]


def test_every_block_of_the_page_is_run_or_written() -> None:
    begun = re.findall(r"^```(\w.*)$", PAGE.read_text(), re.MULTILINE)
    files = [name for name, _ in _FILE.findall(PAGE.read_text())]
    assert len(files) == len(set(files)) > 0
    assert len(begun) == len(files) + begun.count("sh") + begun.count("output")


def test_the_example_passes() -> None:
    run = subprocess.run(
        [BIN / "rolekeeper", "test", "docs/examples"], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert re.fullmatch(r"[0-9]+ passed in 1 file\n", run.stdout)
