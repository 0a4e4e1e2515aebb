"""Containers of a real server, by unmodified clients that have nothing but the endpoint's variables."""

from __future__ import annotations

import http.client
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from urllib.parse import urlsplit

import pytest

from rolekeeper import wire
from tests.journeys.blocks import blocks, outputs, script
from tests.journeys.conftest import ROOT, Running, bare_environment, up
from tests.journeys.javascript_sdk import OWN, sdk
from tests.people import policy, trusting

PAGE, SECTION = ROOT / "docs/credential-endpoints.md", "Containers"
ENDPOINT = "/_rolekeeper/containers/credentials"
CLIENTS = 200
BOTO3 = """
import boto3
session = boto3.Session()
assert session.get_credentials().method == "container-role"
print(session.client("sts").get_caller_identity()["Arn"])
"""

Client = list[str]
PYTHON, COMMAND = [sys.executable, "-c", BOTO3], ["aws", "sts", "get-caller-identity", "--output", "json"]
WITHOUT_SDK = pytest.mark.skipif(sdk() is None, reason="THE AWS SDK FOR JAVASCRIPT IS NOT HERE")


def node(provider: str) -> Client:
    """The SDK for JavaScript with one provider of credentials."""
    return ["node", str(OWN / "identity.mjs"), str(sdk()), provider]


def task(server: Running, role: str) -> tuple[str, str]:
    """A new task with a role of that name: its ID and its secret."""
    trust = policy(trusting({"Service": "ecs-tasks.amazonaws.com"}))
    arn = server.client("iam").create_role(RoleName=role, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    environment = {
        **server.environment,
        "AWS_ACCESS_KEY_ID": server.access_key_id,
        "AWS_SECRET_ACCESS_KEY": server.secret_access_key,
        "AWS_ENDPOINT_URL": server.endpoint,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_DATA_PATH": str(Path(wire.__file__).parent / "models"),
    }
    command = ["aws", "rolekeeper", "register-task", "--family", role, "--task-role-arn", arn]
    made = json.loads(run(environment, *command, "--output", "json").stdout)
    return made["Task"]["TaskId"], made["Secret"]


def container(server: Running, secret: str) -> dict[str, str]:
    """The environment of a container."""
    return {
        **server.environment,
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": server.endpoint + ENDPOINT,
        "AWS_CONTAINER_AUTHORIZATION_TOKEN": secret,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": server.endpoint,
    }


def run(environment: Mapping[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)


def arn_of(environment: Mapping[str, str], client: Client) -> str:
    """Who a client says that it is."""
    told = run(environment, *client)
    assert told.returncode == 0, told.stderr
    shown = told.stdout.strip()
    return str(json.loads(shown)["Arn"]) if shown.startswith("{") else shown


@pytest.mark.requirement("SR-086")
@pytest.mark.parametrize(
    "client",
    [
        pytest.param(PYTHON, id="boto3"),
        pytest.param(COMMAND, id="aws"),
        pytest.param(node("fromContainerMetadata"), id="javascript", marks=WITHOUT_SDK),
    ],
)
def test_a_client_is_the_task_before_and_after_a_rotation(server: Running, client: Client) -> None:
    id, secret = task(server, "web")
    assert arn_of(container(server, secret), client).endswith(f":assumed-role/web/{id}")
    first = asked(server, secret)["AccessKeyId"]
    forward(server, 5.9 * 3600)
    assert asked(server, secret)["AccessKeyId"] != first
    assert arn_of(container(server, secret), client).endswith(f":assumed-role/web/{id}")
    assert run(container(server, "0" * 43), *client).returncode != 0
    server.client("iam").delete_role(RoleName="web")
    assert run(container(server, secret), *client).returncode != 0


@pytest.mark.requirement("SR-086")
@pytest.mark.parametrize(
    "client",
    [
        pytest.param(PYTHON, id="boto3"),
        pytest.param(COMMAND, id="aws"),
        pytest.param(node("fromHttp"), id="javascript", marks=WITHOUT_SDK),
    ],
)
def test_the_token_may_be_in_a_file(server: Running, client: Client, tmp_path: Path) -> None:
    id, secret = task(server, "web")
    file = tmp_path / "token"
    file.write_text(secret)
    environment = container(server, "") | {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(file)}
    del environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"]
    assert arn_of(environment, client).endswith(f":assumed-role/web/{id}")


@pytest.mark.requirement("SR-088")
@pytest.mark.parametrize("place", ["memory", "disk"])
def test_two_tasks_never_mix(tmp_path: Path, place: str) -> None:
    flags = ["--ephemeral"] if place == "memory" else ["--data", str(tmp_path / "state")]
    with up(bare_environment(tmp_path), *flags) as server:
        tasks = {name: task(server, name) for name in ("web", "batch")}
        together = Barrier(CLIENTS)

        def ask(number: int) -> tuple[str, str]:
            name = ("web", "batch")[number % 2]
            together.wait(60)
            found = asked(server, tasks[name][1])
            assert found["RoleArn"].endswith(f":role/{name}")
            return name, found["AccessKeyId"]

        with ThreadPoolExecutor(CLIENTS) as pool:
            keys = set(pool.map(ask, range(CLIENTS)))
        assert len(keys) == len({key for _, key in keys}) == len(tasks)
        for name, (id, secret) in tasks.items():
            assert arn_of(container(server, secret), COMMAND).endswith(f":assumed-role/{name}/{id}")


def asked(server: Running, secret: str) -> dict[str, str]:
    """The credentials that a secret opens."""
    place = urlsplit(server.endpoint)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=60)
    try:
        connection.request("GET", ENDPOINT, headers={"authorization": secret})
        found: dict[str, str] = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    return found


def forward(server: Running, seconds: float) -> None:
    """Move the server's clock."""
    place = urlsplit(server.endpoint)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=60)
    connection.request("POST", "/_rolekeeper/clock", body=json.dumps({"advance_seconds": seconds}))
    assert connection.getresponse().status == 200
    connection.close()


HOST = """
ip link set lo up && ip addr add 169.254.170.2/32 dev lo || exit 9
rolekeeper up --ephemeral --host 169.254.170.2 --port 80 --insecure --json > ready &
until [ -s ready ]; do sleep 0.1; done
eval "$(rolekeeper env)"
aws iam create-role --role-name web --assume-role-policy-document "$TRUST" > made
rolekeeper workload task register web --task-role web --json > task
unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
secret=$(python3 -c 'import json; print(json.load(open("task"))["Secret"])')
export AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/v2/credentials/$secret
"$@"
status=$?
AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/v2/credentials/other "$@" && status=8
kill %1
wait
exit $status
"""


def _has_namespaces() -> bool:
    if shutil.which("unshare") is None or shutil.which("ip") is None:
        return False
    return subprocess.run(["unshare", "-rn", "true"], capture_output=True).returncode == 0


@pytest.mark.requirement("SR-086")
@pytest.mark.skipif(not _has_namespaces(), reason="NO NETWORK NAMESPACE CAN BE MADE HERE")
@pytest.mark.parametrize(
    "client",
    [
        pytest.param(PYTHON, id="boto3"),
        pytest.param(COMMAND, id="aws"),
        pytest.param(node("fromContainerMetadata"), id="javascript", marks=WITHOUT_SDK),
    ],
)
def test_a_relative_uri_at_the_address_of_ecs(tmp_path: Path, client: Client) -> None:
    trust = policy(trusting({"Service": "ecs-tasks.amazonaws.com"}))
    told = subprocess.run(
        ["unshare", "-rn", "bash", "-c", HOST, "host", *client],
        cwd=tmp_path,
        env=bare_environment(tmp_path) | {"TRUST": trust},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert told.returncode == 0, told.stderr
    assert ":assumed-role/web/" in told.stdout


@pytest.mark.requirement("SR-086", "SR-088")
def test_the_section_works_as_printed(server: Running, tmp_path: Path) -> None:
    page = tmp_path / "section.md"
    page.write_text(PAGE.read_text().split(f"## {SECTION}\n")[1].split("\n## ")[0])
    done = subprocess.run(
        ["bash", "-c", script(page)],
        cwd=tmp_path,
        env=server.environment,
        stdout=subprocess.PIPE,
        text=True,
        timeout=300,
    )
    assert outputs(done.stdout) == [block.output for block in blocks(page)]
