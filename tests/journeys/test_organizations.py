"""The page on organizations, as printed, with the real AWS command line."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.journeys.blocks import blocks, outputs, script
from tests.journeys.conftest import ROOT, Running

PAGE = ROOT / "docs/organizations.md"


@pytest.mark.requirement("SR-120")
def test_the_page_works_as_printed(server: Running, tmp_path: Path) -> None:
    environment = {
        **server.environment,
        "AWS_ACCESS_KEY_ID": server.access_key_id,
        "AWS_SECRET_ACCESS_KEY": server.secret_access_key,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": server.endpoint,
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
    }
    run = subprocess.run(
        ["bash", "-c", script(PAGE)], env=environment, stdout=subprocess.PIPE, text=True, timeout=300
    )
    assert outputs(run.stdout) == [block.output for block in blocks(PAGE)]
