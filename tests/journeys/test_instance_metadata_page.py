"""The section on EC2 instances, as printed, with the real AWS command line and curl."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.journeys.blocks import blocks, outputs, script
from tests.journeys.conftest import ROOT, Running

PAGE, SECTION = ROOT / "docs/credential-endpoints.md", "EC2 instances"
MISSING = [name for name in ("curl", "openssl") if shutil.which(name) is None]


@pytest.fixture
def section(tmp_path: Path) -> Path:
    """The section as a page of its own."""
    text = PAGE.read_text().split(f"## {SECTION}\n")[1].split("\n## ")[0]
    page = tmp_path / "section.md"
    page.write_text(text)
    return page


@pytest.mark.skipif(bool(MISSING), reason=f"not on this machine: {MISSING}")
def test_the_section_works_as_printed(server: Running, section: Path, tmp_path: Path) -> None:
    environment = {
        **server.environment,
        "AWS_ACCESS_KEY_ID": server.access_key_id,
        "AWS_SECRET_ACCESS_KEY": server.secret_access_key,
        "AWS_ENDPOINT_URL": server.endpoint,
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    run = subprocess.run(
        ["bash", "-c", script(section)],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        timeout=300,
    )
    assert outputs(run.stdout) == [block.output for block in blocks(section)]
