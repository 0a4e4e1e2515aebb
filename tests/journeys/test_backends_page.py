"""The page on backends, as printed, with the embedded one behind."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.journeys.blocks import blocks, outputs, script
from tests.journeys.conftest import ROOT, Running

PAGE = ROOT / "docs/backends.md"


def test_the_page_works_as_printed(server: Running, tmp_path: Path) -> None:
    environment = {**server.environment, "AWS_DEFAULT_REGION": "us-east-1"}
    run = subprocess.run(
        ["bash", "-c", script(PAGE)],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        timeout=300,
    )
    assert outputs(run.stdout) == [block.output for block in blocks(PAGE)]
