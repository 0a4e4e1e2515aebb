"""The page on break-glass roles, as printed, with the real AWS command line."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.journeys.blocks import blocks, outputs, script
from tests.journeys.conftest import BIN, ROOT, Running

PAGE = ROOT / "docs/break-glass.md"
_STAND_INS = {
    "curl": """import sys, urllib.request
*_, data, url = sys.argv
urllib.request.urlopen(url, data=data.encode())
""",
    "oathtool": """import sys, time, pyotp
*_, when, seed = sys.argv
print(pyotp.TOTP(seed).at(int(time.time()) + int(when.removesuffix(" seconds"))))
""",
}
"""For machines that have no such command."""


@pytest.mark.requirement("SR-129", "SR-135")
def test_the_page_works_as_printed(server: Running, tmp_path: Path) -> None:
    folder = tmp_path / "commands"
    folder.mkdir()
    for name, text in _STAND_INS.items():
        (folder / name).write_text(f"#!{BIN}/python\n{text}")
        (folder / name).chmod(0o700)
    environment = dict(server.environment)
    environment["PATH"] = os.pathsep.join([environment["PATH"], str(folder)])
    run = subprocess.run(
        ["bash", "-c", 'eval "$(rolekeeper env)"\n' + script(PAGE)],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        timeout=300,
    )
    assert outputs(run.stdout) == [block.output for block in blocks(PAGE)]


def test_every_block_of_the_page_is_run() -> None:
    text = PAGE.read_text()
    assert text.count("```sh\n") == len(blocks(PAGE)) > 0
    assert text.count("```") == 2 * (text.count("```sh\n") + text.count("```output\n"))
