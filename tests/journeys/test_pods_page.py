"""The sections on pods, as printed, with the real AWS command line."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.journeys.blocks import blocks, outputs, script
from tests.journeys.conftest import ROOT, Running

PAGE = ROOT / "docs/credential-endpoints.md"


@pytest.fixture
def sections(tmp_path: Path) -> Path:
    """The two sections as a page of their own: the second goes on with the cluster of the first."""
    kept = [part for part in PAGE.read_text().split("\n## ") if part.startswith("Pods with ")]
    assert len(kept) == 2
    page = tmp_path / "sections.md"
    page.write_text("\n".join(kept))
    return page


def test_the_sections_work_as_printed(server: Running, sections: Path, tmp_path: Path) -> None:
    environment = {
        **server.environment,
        "AWS_ACCESS_KEY_ID": server.access_key_id,
        "AWS_SECRET_ACCESS_KEY": server.secret_access_key,
        "AWS_ENDPOINT_URL": server.endpoint,
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    run = subprocess.run(
        ["bash", "-c", script(sections)],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        timeout=300,
    )
    assert outputs(run.stdout) == [block.output for block in blocks(sections)]
