"""The library that others import: what it has, and how little it brings along."""

from __future__ import annotations

import json
import subprocess
import sys

import rolekeeper

ALLOW_READ = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}}


def test_the_public_names_are_sorted_and_exist() -> None:
    assert rolekeeper.__all__ == sorted(rolekeeper.__all__)
    assert all(hasattr(rolekeeper, name) for name in rolekeeper.__all__)


def test_the_library_decides_and_explains() -> None:
    layers = rolekeeper.PolicyLayers.from_json({"identity": [ALLOW_READ]})
    request = {"principal": "arn:aws:iam::123456789012:user/ana", "resource": "arn:aws:s3:::b/k"}
    read = rolekeeper.RequestContext.from_json(
        {**request, "action": "s3:GetObject", "resource_account": "123456789012"}
    )
    write = rolekeeper.RequestContext.from_json(
        {**request, "action": "s3:PutObject", "resource_account": "123456789012"}
    )
    assert rolekeeper.authorize(read, layers).allowed
    refused = rolekeeper.authorize(write, layers)
    assert refused.outcome is rolekeeper.Outcome.IMPLICIT_DENY
    assert rolekeeper.explain(write, layers).decision == refused
    (change,) = rolekeeper.remedy(write, layers).changes
    assert change.statement["Action"] == "s3:PutObject"


def test_importing_the_library_loads_nothing_of_the_server() -> None:
    code = "import sys, json, rolekeeper; print(json.dumps(sorted({n.split('.')[0] for n in sys.modules})))"
    loaded = json.loads(subprocess.check_output([sys.executable, "-c", code]))
    foreign = {"sqlalchemy", "alembic", "uvicorn", "botocore", "cryptography", "typer", "msgspec", "asyncio"}
    assert foreign.isdisjoint(loaded)
    assert "rolekeeper" in loaded


def test_deciding_loads_nothing_that_explains() -> None:
    code = "import sys; from rolekeeper import authorize; print('rolekeeper.policy.reference' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code]).strip() == b"False"
