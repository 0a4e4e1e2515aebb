"""The page on running programs as a role, as printed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.journeys.blocks import blocks, outputs, script
from tests.journeys.conftest import ROOT, bare_environment, up

PAGE = ROOT / "docs/run.md"


@pytest.mark.requirement("SR-027", "SR-068", "SR-133", "SR-136")
def test_the_page_works_as_printed(tmp_path: Path) -> None:
    environment = bare_environment(tmp_path) | {
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
    }
    with up(environment, "--ephemeral"):
        run = subprocess.run(
            ["bash", "-c", script(PAGE)],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
            timeout=300,
        )
    assert outputs(run.stdout) == [block.output for block in blocks(PAGE)]
