"""The claim: a metadata endpoint answers from its cache at no less than half the bare server's rate.

    python bench/metadata.py        and its part of bench/results.json anew

An instance asks for its role's credentials with a token, over and over; the bare server is asked for as many
bytes by the same GET. Rounds are interleaved, and a ratio is taken between rounds that follow each other.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import urllib.request
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any

import botocore.session

from load import BenchError, Measure, measure
from machine import machine
from results import record
from rolekeeper import wire
from servers import Started, ceiling, new_key, started

MODELS = Path(wire.__file__).parent / "models"
GOAL = 0.5
ROLE = "latest/meta-data/iam/security-credentials/web"
PAGES = {"credentials": ROLE, "instance-id": "latest/meta-data/instance-id"}
TRUST = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"Service": "ec2.amazonaws.com"},
    },
}


def instance(server: Started) -> str:
    """The path of a new instance's metadata; it has a role."""
    session = botocore.session.Session()
    session.get_component("data_loader").search_paths.append(str(MODELS))
    keys: dict[str, Any] = {"aws_access_key_id": server.key, "aws_secret_access_key": server.secret}
    place = {"endpoint_url": server.url, "region_name": "us-east-1"}
    iam = session.create_client("iam", **keys, **place)
    iam.create_role(RoleName="web", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.create_instance_profile(InstanceProfileName="web")
    iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="web")
    workloads = session.create_client("rolekeeper", **keys, **place)
    made = workloads.register_instance(IamInstanceProfile={"Name": "web"})
    return f"/_rolekeeper/imds/{made['Secret']}"


def requests(address: tuple[str, int], url: str, place: str, path: str) -> list[bytes]:
    """The request for a page, with a token, as botocore sends it."""
    header = {"X-aws-ec2-metadata-token-ttl-seconds": "21600"}
    asked = urllib.request.Request(f"{url}{place}/latest/api/token", method="PUT", headers=header)
    with urllib.request.urlopen(asked) as answer:
        token = answer.read().decode()
    return [_request(address, f"{place}/{path}", token)]


def _request(address: tuple[str, int], path: str, token: str) -> bytes:
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {address[0]}:{address[1]}",
        "Accept-Encoding: identity",
        f"x-aws-ec2-metadata-token: {token}",
        "User-Agent: Boto3/1.40.0 md/Botocore#1.40.0 ua/2.1 os/linux#6.1 lang/python#3.11",
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def compare(rounds: int, seconds: float, connections: int) -> dict[str, Any]:
    """All pages, beside the bare server. Raises BenchError."""
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory()))
        server = running.enter_context(started(folder, *new_key(), ephemeral=True))
        bare = running.enter_context(ceiling())
        place = instance(server)
        return {
            page: _page(server, place, path, bare, (rounds, seconds, connections))
            for page, path in PAGES.items()
        }


def _page(
    server: Started, place: str, path: str, bare: tuple[str, int], plan: tuple[int, float, int]
) -> dict[str, Any]:
    rounds, seconds, connections = plan
    address = ("127.0.0.1", int(server.url.rpartition(":")[2]))
    own = requests(address, server.url, place, path)
    size = measure(*address, iter(own), connections=1).size
    theirs = [_request(bare, f"/{size}", "0" * 56)]
    found: dict[str, list[Measure]] = {"ceiling": [], "ours": []}
    for _ in range(rounds):
        for name, where, load in (("ceiling", bare, theirs), ("ours", address, own)):
            found[name].append(measure(*where, cycle(load), connections=connections, seconds=seconds))
    return {name: _summary(measures, found["ceiling"]) for name, measures in found.items()}


def _summary(measures: list[Measure], first: list[Measure]) -> dict[str, Any]:
    share = median(one.rate / other.rate for one, other in zip(measures, first, strict=True))
    shown: dict[str, Any] = {
        "requests_per_second": round(median(one.rate for one in measures)),
        "p50_us": round(median(one.percentile(0.50) for one in measures)),
        "p99_us": round(median(one.percentile(0.99) for one in measures)),
        "of_ceiling": round(share, 3),
    }
    return shown if measures is first else shown | {"goal": GOAL, "reached": share >= GOAL}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=2.0, help="the length of a round")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--dry", action="store_true", help="leave bench/results.json alone")
    given = parser.parse_args()
    try:
        found = compare(given.rounds, given.seconds, given.connections)
    except BenchError as error:
        sys.exit(f"nothing was measured: {error}")
    print(json.dumps({"machine": machine(), "metadata": found}, indent=2))
    if not given.dry:
        record("metadata", found)


if __name__ == "__main__":
    main()
