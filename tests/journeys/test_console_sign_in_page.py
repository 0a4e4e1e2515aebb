"""The page on signing in to the console, as printed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.journeys.blocks import blocks, outputs, script
from tests.journeys.conftest import ROOT, Running

PAGE = ROOT / "docs/console-sign-in.md"


@pytest.mark.requirement("SR-127", "SR-128")
def test_the_page_works_as_printed(server: Running, tmp_path: Path) -> None:
    environment = {
        **server.environment,
        "AWS_ACCESS_KEY_ID": server.access_key_id,
        "AWS_SECRET_ACCESS_KEY": server.secret_access_key,
        "AWS_ENDPOINT_URL": server.endpoint,
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    run = subprocess.run(
        ["bash", "-c", script(PAGE)],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        timeout=300,
    )
    assert outputs(run.stdout) == [block.output for block in blocks(PAGE)]
