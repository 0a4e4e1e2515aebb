"""Two instances on one host, each in a network namespace, with the real 169.254.169.254: neither ever sees
the other's role."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import Any

import pytest

from tests.journeys.conftest import ROOT


def _why_not() -> str | None:
    """Why no namespaces can be made here."""
    missing = [name for name in ("ip", "nsenter", "unshare") if shutil.which(name) is None]
    if missing:
        return f"there is no {missing[0]} on this machine"
    if os.geteuid() != 0:
        return "only root makes network namespaces"
    tried = subprocess.run(
        ["unshare", "--net", "ip", "link", "set", "lo", "up"], capture_output=True, check=False
    )
    return None if tried.returncode == 0 else "network namespaces cannot be made on this machine"


@pytest.fixture(scope="module")
def found() -> Any:
    reason = _why_not()
    if reason is not None:
        pytest.skip(f"instances at 169.254.169.254 were NOT tested: {reason}")
    command = ["unshare", "--net", sys.executable, "-m", "tests.journeys.two_instances"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout.splitlines()[-1])


def test_who_is_no_instance_gets_nothing(found: Any) -> None:
    assert found["stranger"] == {}


def test_each_instance_gets_its_own_role_with_no_variable_at_all(found: Any) -> None:
    for name, id in found["ids"].items():
        arn = f"arn:aws:sts::123456789012:assumed-role/{name}/{id}"
        assert found[name] == {"role": name, "arn": arn, "chain": "iam-role"}


def test_a_token_of_one_is_nothing_to_the_other(found: Any) -> None:
    assert (found["own token"], found["stolen token"]) == ("web", "401")


def test_a_token_does_not_pass_more_routers_than_it_may(found: Any) -> None:
    assert found["a hop too far"] == {}
    assert found["two hops"] == "far"


def test_an_instance_without_its_profile_gets_nothing(found: Any) -> None:
    assert found["disassociated"] == {}
