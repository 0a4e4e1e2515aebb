"""What the AWS CLI writes of one server, another one reads: the way of a real account."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.journeys.conftest import BIN, Running, bare_environment

TRUST = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"}}'  # noqa: E501
ALLOW = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}'


def test_the_dump_of_the_aws_cli(server: Running, tmp_path: Path) -> None:
    _aws(server, "create-user", "--user-name", "ann", "--tags", "Key=team,Value=red")
    _aws(server, "create-role", "--role-name", "dev", "--assume-role-policy-document", TRUST)
    _aws(server, "put-role-policy", "--role-name", "dev", "--policy-name", "own", "--policy-document", ALLOW)
    made = json.loads(_aws(server, "create-policy", "--policy-name", "p", "--policy-document", ALLOW))
    _aws(server, "attach-user-policy", "--user-name", "ann", "--policy-arn", made["Policy"]["Arn"])
    dump = tmp_path / "dump.json"
    dump.write_text(_aws(server, "get-account-authorization-details"))

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    environment = bare_environment(elsewhere)
    data = str(elsewhere / "state")
    up = [str(BIN / "rolekeeper"), "up", "--data", data, "--port", "0", "--json"]
    with subprocess.Popen(up, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline()
        report = _rolekeeper(environment, "import", "authorization-details", str(dump), "--json")
        assert (json.loads(report)["changes"], json.loads(report)["losses"]) == (3, [])
        process.terminate()
    written = json.loads(_rolekeeper(environment, "export", "--data", data))
    given = json.loads(dump.read_text().replace('Z"', '+00:00"'))  # version 1 of the CLI writes it so
    assert written["UserDetailList"] == given["UserDetailList"]
    assert written["Policies"] == given["Policies"]
    (role,), (expected,) = written["RoleDetailList"], given["RoleDetailList"]
    assert {name: role[name] for name in expected} == expected


def _aws(server: Running, *words: str) -> str:
    keys = {"AWS_ACCESS_KEY_ID": server.access_key_id, "AWS_SECRET_ACCESS_KEY": server.secret_access_key}
    place = {"AWS_ENDPOINT_URL": server.endpoint, "AWS_DEFAULT_REGION": "us-east-1"}
    command = [str(BIN / "aws"), "iam", *words, "--output", "json"]
    return _run(command, {**server.environment, **keys, **place})


def _rolekeeper(environment: dict[str, str], *words: str) -> str:
    return _run([str(BIN / "rolekeeper"), *words], environment)


def _run(command: list[str], environment: dict[str, str]) -> str:
    run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    return run.stdout
