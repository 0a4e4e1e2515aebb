"""The page on handing roles to services, as printed."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.journeys.blocks import blocks, outputs, script
from tests.journeys.conftest import ROOT, bare_environment, up

PAGE = ROOT / "docs/passing-roles.md"


def test_the_page_works_as_printed(tmp_path: Path) -> None:
    environment = bare_environment(tmp_path)
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
