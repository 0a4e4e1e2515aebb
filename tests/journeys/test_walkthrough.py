"""The README's walk-through, as printed, with the real AWS command line: the venv's and the machine's own."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.journeys.blocks import blocks, outputs, script
from tests.journeys.conftest import BIN, ROOT, Running

README = ROOT / "README.md"
_CURL = f"""#!{BIN}/python
import sys, urllib.request
*_, data, url = sys.argv
urllib.request.urlopen(url, data=data.encode())
"""


def _command_lines() -> dict[str, str]:
    """The folders in which an AWS command line is; the machine's own is for `make journeys`."""
    if "JOURNEYS" not in os.environ:
        return {"ours": str(BIN)}
    own, others = str(BIN), os.environ.get("PATH", os.defpath).split(os.pathsep)
    machine = shutil.which("aws", path=os.pathsep.join(folder for folder in others if folder != own))
    return {"ours": own} | ({"the machine's": str(Path(machine).parent)} if machine else {})


@pytest.mark.requirement("SR-014", "SR-019", "SR-020", "SR-034", "SR-037", "SR-043")
@pytest.mark.parametrize("folder", _command_lines().values(), ids=_command_lines())
def test_the_readme_works_as_printed(folder: str, server: Running, tmp_path: Path) -> None:
    environment = dict(server.environment)
    environment["PATH"] = os.pathsep.join([folder, str(_with_curl(tmp_path)), environment["PATH"]])
    if (
        folder != str(BIN)
        and subprocess.run(["aws", "--version"], env=environment, capture_output=True).returncode
    ):
        pytest.skip(f"the aws in {folder} does not start")
    run = subprocess.run(
        ["bash", "-c", script(README)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        timeout=300,
    )
    assert outputs(run.stdout) == [block.output for block in blocks(README)]


def test_the_readme_shows_what_it_promises() -> None:
    shown = "\n".join(block.output for block in blocks(README))
    for said in (
        "(AccessDenied)",
        "because no identity-based policy allows",
        "assumed-role/reader/",
        "(ExpiredToken)",
    ):
        assert said in shown


def _with_curl(folder: Path) -> Path:
    """A folder that has a curl good enough for the README, for machines that have none."""
    if shutil.which("curl") is None:
        (folder / "curl").write_text(_CURL)
        (folder / "curl").chmod(0o700)
    return folder
