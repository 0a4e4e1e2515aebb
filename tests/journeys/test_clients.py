"""The page on Terraform, Ansible and the SDKs, as printed: each part where its client is on the machine."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.journeys import terraforming
from tests.journeys.ansible_command import COMMAND
from tests.journeys.blocks import blocks, outputs, script
from tests.journeys.conftest import ROOT, Running
from tests.journeys.javascript_sdk import sdk

PAGE = ROOT / "docs/clients.md"
_FILE = re.compile(r"^```(?:hcl|yaml|js) (\S+)\n(.*?)^```\n", re.MULTILINE | re.DOTALL)


def _parts() -> dict[str, str]:
    """The parts of the page by their heading; what stands before the first belongs to each."""
    before, *parts = re.split(r"^## ", PAGE.read_text(), flags=re.MULTILINE)
    return {part.split("\n", 1)[0]: before + part for part in parts}


def test_every_block_of_the_page_is_run_or_written() -> None:
    text = PAGE.read_text()
    begun = re.findall(r"^```(\w.*)$", text, re.MULTILINE)
    assert len(begun) == len(_FILE.findall(text)) + begun.count("sh") + begun.count("output")
    assert list(_parts()) == ["Terraform", "Ansible", "JavaScript"]


@pytest.mark.skipif("JOURNEYS" not in os.environ, reason="takes its time: make journeys")
@pytest.mark.parametrize(
    "name",
    [
        pytest.param("Terraform", marks=terraforming.needed),
        pytest.param("Ansible", marks=pytest.mark.skipif(COMMAND is None, reason="ANSIBLE IS NOT HERE")),
        pytest.param(
            "JavaScript",
            marks=pytest.mark.skipif(sdk() is None, reason="THE AWS SDK FOR JAVASCRIPT IS NOT HERE"),
        ),
    ],
)
def test_a_part_of_the_page_works_as_printed(name: str, server: Running, tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    part = folder / "part.md"
    part.write_text(_parts()[name])
    for file, text in _FILE.findall(part.read_text()):
        (folder / file).write_text(text)
    found = sdk()
    if found is not None:
        (folder / "node_modules").symlink_to(found / "node_modules")
    run = subprocess.run(
        ["bash", "-c", script(part)],
        cwd=folder,
        env=_environment(server),
        stdout=subprocess.PIPE,
        text=True,
        timeout=600,
    )
    assert outputs(run.stdout) == [block.output for block in blocks(part)]


def _environment(server: Running) -> dict[str, str]:
    """The clients on PATH, and where the tests have them from, which is not the page's business."""
    ambient = ("PYTHONPATH", "TF_CLI_CONFIG_FILE", "TF_CLI_ARGS")
    environment = {name: value for name, value in server.environment.items() if name not in ambient}
    environment |= {
        "CHECKPOINT_DISABLE": "1",
        "TF_CLI_ARGS_init": f"-plugin-dir={terraforming.mirror()}",
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_HOME": environment["HOME"],
        "NODE_NO_WARNINGS": "1",
    }
    if COMMAND is not None:
        environment["PATH"] += os.pathsep + str(Path(COMMAND).parent)
    return environment
