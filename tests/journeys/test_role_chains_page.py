"""The page on chains of roles, as printed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.journeys.blocks import blocks, outputs, script
from tests.journeys.conftest import ROOT, bare_environment, up

PAGE = ROOT / "docs/role-chains.md"
SEED = """
[[accounts]]
id = "222222222222"
name = "lake"
root_access_key_id = "lake_root"
root_secret_access_key = "lake_secret"
"""
LAKE = """
[profile lake]
aws_access_key_id = lake_root
aws_secret_access_key = lake_secret
"""


@pytest.mark.requirement("SR-022", "SR-025", "SR-026", "SR-041", "SR-135")
def test_the_page_works_as_printed(tmp_path: Path) -> None:
    seed, config = tmp_path / "seed.toml", tmp_path / "config"
    seed.write_text(SEED)
    config.write_text(LAKE)
    with up(bare_environment(tmp_path), "--ephemeral", "--seed", str(seed)) as server:
        environment = {
            **server.environment,
            "AWS_CONFIG_FILE": str(config),
            "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
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
