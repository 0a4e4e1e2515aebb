"""Terraform and its AWS provider, if they are on the machine: nothing is downloaded.

`TERRAFORM_MIRROR` names the folder in which the provider is, where it is in none of the usual ones.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

MIRRORS = (
    "~/.terraform.d/plugins",
    "/usr/local/share/terraform/plugins",
    "/usr/share/terraform/plugins",
)
PROVIDER = "registry.terraform.io/hashicorp/aws"


def mirror() -> str | None:
    """The folder that has the provider."""
    given = os.environ.get("TERRAFORM_MIRROR")
    places = [given] if given else [str(Path(place).expanduser()) for place in MIRRORS]
    return next((place for place in places if (Path(place) / PROVIDER).is_dir()), None)


needed = [
    pytest.mark.skipif("JOURNEYS" not in os.environ, reason="takes its time: make journeys"),
    pytest.mark.skipif(shutil.which("terraform") is None, reason="TERRAFORM IS NOT HERE: nothing was tried"),
    pytest.mark.skipif(
        mirror() is None, reason="THE AWS PROVIDER OF TERRAFORM IS NOT HERE: nothing was tried"
    ),
]
"""The marks of a test that needs both."""


class Terraform:
    """A folder with a configuration, and the environment in which Terraform works on it."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.variables: dict[str, str] = {}
        self._environment = {**environment, "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}
        for name in ("TF_CLI_CONFIG_FILE", "TF_CLI_ARGS", "TF_DATA_DIR"):
            self._environment.pop(name, None)
        self.run("init", f"-plugin-dir={mirror()}")

    def apply(self, *words: str) -> str:
        """Make it so; what Terraform says of it."""
        return self.run("apply", "-auto-approve", *words)

    def differs(self) -> bool:
        """Whether anything is not as the configuration has it."""
        return self._run("plan", "-detailed-exitcode", status=(0, 2)).returncode == 2

    def output(self, name: str) -> Any:
        """An output of the configuration."""
        return json.loads(self.run("output", "-json", name))

    def resource(self, address: str) -> Any:
        """What Terraform has kept of a resource, secrets too."""
        kept = json.loads(self.run("show", "-json"))["values"]["root_module"]["resources"]
        return next(resource["values"] for resource in kept if resource["address"] == address)

    def run(self, *words: str) -> str:
        """Run a command that must not fail; what it prints."""
        return self._run(*words).stdout

    def _run(self, *words: str, status: tuple[int, ...] = (0,)) -> subprocess.CompletedProcess[str]:
        chosen = {f"TF_VAR_{name}": value for name, value in self.variables.items()}
        done = subprocess.run(
            ["terraform", words[0], *([] if words[0] in ("output", "state") else ["-no-color"]), *words[1:]],
            cwd=self.folder,
            env=self._environment | chosen,
            timeout=600,
            capture_output=True,
            text=True,
        )
        assert done.returncode in status, f"terraform {' '.join(words)}\n{done.stdout}\n{done.stderr}"
        return done
