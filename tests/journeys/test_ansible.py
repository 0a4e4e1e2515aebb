"""Ansible's modules for IAM make everything, find nothing to do the second time, change it, and take it away.

What they make is in `ansible/`. Run with `make journeys`.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.ansible_command import COMMAND
from tests.journeys.conftest import ROOT, Running
from tests.people import policy, trusting
from tests.stories.documents import documents

PLAYBOOKS = ROOT / "tests/journeys/ansible"
_RECAP = re.compile(r"changed=([0-9]+) +unreachable=0 +failed=0")


@pytest.mark.requirement("SR-139")
@pytest.mark.skipif("JOURNEYS" not in os.environ, reason="takes its time: make journeys")
@pytest.mark.skipif(COMMAND is None, reason="ANSIBLE IS NOT HERE: nothing was tried")
def test_what_is_made_is_found_changed_and_taken_away(server: Running, tmp_path: Path) -> None:
    iam = server.client("iam")
    iam.create_user(UserName="ansible")
    iam.attach_user_policy(UserName="ansible", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    trust = policy(trusting("arn:aws:iam::123456789012:user/ansible"))
    iam.create_role(RoleName="visitor", AssumeRolePolicyDocument=trust)
    before = _everything(iam)
    play = _Playbooks(server, iam.create_access_key(UserName="ansible")["AccessKey"], tmp_path)

    assert play("present", "--check") > 0
    assert _everything(iam) == before
    assert play("present") > 0
    play.settings["key"] = iam.list_access_keys(UserName="bob")["AccessKeyMetadata"][0]["AccessKeyId"]
    assert play("present") == 0
    assert play("look") == 0
    play.settings["later"] = "true"
    assert play("present") > 0
    assert play("present") == 0
    assert play("absent") > 0
    assert play("absent") == 0
    assert _everything(iam) == before


class _Playbooks:
    """Ansible as one user, with files for it to upload."""

    def __init__(self, server: Running, key: dict[str, str], home: Path) -> None:
        names = {"authority": "authority.pem", "certificate": "site.pem", "certificate-key": "site.key"}
        for name, file in names.items():
            (home / file).write_text(documents()[name])
        (home / "first.xml").write_text(documents()["metadata"])
        (home / "second.xml").write_text(documents()["metadata"].replace("/saml/sso", "/saml/second"))
        self.settings = {"files": str(home)}
        self._environment = {
            **server.environment,
            "AWS_ENDPOINT_URL": server.endpoint,
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
            "ANSIBLE_HOME": str(home / "ansible"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_LOCALHOST_WARNING": "0",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "0",
        }
        for name in ("PYTHONPATH", "ANSIBLE_CONFIG"):
            self._environment.pop(name, None)

    def __call__(self, name: str, *more: str) -> int:
        """Play one; the number of tasks that changed something."""
        settings = [word for item in self.settings.items() for word in ("-e", "=".join(item))]
        done = subprocess.run(
            [str(COMMAND), f"{name}.yml", *settings, *more],
            cwd=PLAYBOOKS,
            env=self._environment,
            timeout=900,
            capture_output=True,
            text=True,
        )
        found = _RECAP.search(done.stdout)
        assert done.returncode == 0 and found, f"{name}\n{done.stdout}\n{done.stderr}"
        return int(found[1])


def _everything(iam: Any) -> dict[str, Any]:
    """What the account has, counted, and whether it has a password policy."""
    summary: dict[str, Any] = iam.get_account_summary()["SummaryMap"]
    try:
        iam.get_account_password_policy()
    except iam.exceptions.NoSuchEntityException:
        return summary
    return summary | {"password policy": True}
