"""The claim: deciding costs a request little beside carrying it.

    python bench/gateway.py        and its part of bench/results.json anew

Behind all stands the same fast server of our own (`behind.py`). It is asked itself, through the gateway's own
forwarding, which signs for the backend, without a check (`passing`), and through the gateway: small objects,
items, large objects.
Rounds are interleaved, and a ratio is taken between rounds that follow each other. The caller is a user whose
policy has conditions, so that every request is decided anew.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import botocore.session
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from load import BenchError, Measure, measure
from machine import machine
from results import record
from servers import Started, bare, new_key, started

SMALL, LARGE = 1 << 10, 64 << 20
REGION, BUCKET = "us-east-1", "bench-objects"
ITEM = json.dumps({"TableName": "bench", "Item": {"k": {"S": "a"}, "v": {"S": "b" * 200}}}).encode()
ALLOWED = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": ["s3:GetObject", "dynamodb:PutItem"],
            "Resource": [f"arn:aws:s3:::{BUCKET}/*", "arn:aws:dynamodb:*:*:table/bench"],
            "Condition": {"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}},
        }
    ],
}
GOALS = {"GetObject 1 KB": ("passing", 0.6), "PutItem": ("passing", 0.6), "GetObject 64 MB": ("direct", 0.8)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One thing that is asked: its service, and the request."""

    name: str
    service: str
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""
    connections: int = 16

    def requests(self, address: tuple[str, int], signer: Credentials, count: int) -> list[bytes]:
        """So many different requests, signed."""
        auth = S3SigV4Auth if self.service == "s3" else SigV4Auth
        return [self._request(address, auth(signer, self.service, REGION)) for _ in range(count)]

    def _request(self, address: tuple[str, int], auth: SigV4Auth) -> bytes:
        url = f"http://{address[0]}:{address[1]}{self.path}"
        headers = {**self.headers, "amz-sdk-invocation-id": str(uuid4())}
        request = AWSRequest(method=self.method, url=url, headers=headers, data=self.body or None)
        auth.add_auth(request)
        lines = [f"{self.method} {self.path} HTTP/1.1", f"Host: {urlsplit(url).netloc}"]
        lines += [f"{name}: {value}" for name, value in request.headers.items()]
        if self.body:
            lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join([*lines, "", ""]).encode() + self.body


WORKS = (
    Work(
        name="GetObject 1 KB",
        service="s3",
        method="GET",
        path=f"/{BUCKET}/{SMALL}",
        headers={"User-Agent": "Boto3/1.40.0"},
    ),
    Work(
        name="PutItem",
        service="dynamodb",
        method="POST",
        path="/",
        headers={
            "User-Agent": "Boto3/1.40.0",
            "X-Amz-Target": "DynamoDB_20120810.PutItem",
            "Content-Type": "application/x-amz-json-1.0",
        },
        body=ITEM,
    ),
    Work(
        name="GetObject 64 MB",
        service="s3",
        method="GET",
        path=f"/{BUCKET}/{LARGE}",
        headers={"User-Agent": "Boto3/1.40.0"},
        connections=1,
    ),
)


def compare(rounds: int, seconds: float) -> dict[str, Any]:
    """All works, by all ways. Raises BenchError."""
    with ExitStack() as running:
        direct = running.enter_context(bare("behind:app"))
        place = f"{direct[0]}:{direct[1]}"
        passing = running.enter_context(bare("behind:passing", BEHIND=place))
        folder = Path(running.enter_context(tempfile.TemporaryDirectory()))
        server = running.enter_context(
            started(folder, *new_key(), ephemeral=True, backend=f"*=http://{place}")
        )
        user = _user(server)
        ways = {
            "direct": direct,
            "passing": passing,
            "gateway": ("127.0.0.1", urlsplit(server.url).port or 0),
        }
        found = {work.name: _work(work, ways, user, rounds, seconds) for work in WORKS}
        return found | {"memory MiB": _memory(server.process)}


def _user(server: Started) -> Credentials:
    """Somebody with the policy, and the bucket."""
    session = botocore.session.Session()
    keys: dict[str, Any] = {"aws_access_key_id": server.key, "aws_secret_access_key": server.secret}
    keys |= {"endpoint_url": server.url, "region_name": REGION}
    iam = session.create_client("iam", **keys)
    iam.create_user(UserName="bench")
    iam.put_user_policy(UserName="bench", PolicyName="own", PolicyDocument=json.dumps(ALLOWED))
    made = iam.create_access_key(UserName="bench")["AccessKey"]
    config = Config(s3={"addressing_style": "path"})
    session.create_client("s3", config=config, **keys).create_bucket(Bucket=BUCKET)
    return Credentials(made["AccessKeyId"], made["SecretAccessKey"])


def _work(
    work: Work, ways: Mapping[str, tuple[str, int]], user: Credentials, rounds: int, seconds: float
) -> dict[str, Any]:
    pools = {name: work.requests(address, user, 500) for name, address in ways.items()}
    busy: dict[str, list[Measure]] = {name: [] for name in ways}
    alone: dict[str, list[Measure]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, address in ways.items():
            load = cycle(pools[name])
            busy[name].append(measure(*address, load, connections=work.connections, seconds=seconds))
            alone[name].append(measure(*address, load, connections=1, seconds=seconds / 4))
    shown = {name: _summary(busy[name], alone[name]) for name in ways}
    beside, goal = GOALS[work.name]
    share = median(one.rate / other.rate for one, other in zip(busy["gateway"], busy[beside], strict=True))
    added = shown["gateway"]["alone_p50_us"] - shown[beside]["alone_p50_us"]
    shown["gateway"] |= {
        f"of {beside}": round(share, 3),
        "added_us": added,
        "goal": goal,
        "reached": share >= goal,
    }
    return shown


def _summary(busy: list[Measure], alone: list[Measure]) -> dict[str, Any]:
    return {
        "requests_per_second": round(median(one.rate for one in busy), 1),
        "p50_us": round(median(one.percentile(0.50) for one in busy)),
        "p99_us": round(median(one.percentile(0.99) for one in busy)),
        "alone_p50_us": round(median(one.percentile(0.50) for one in alone)),
    }


def _memory(process: int) -> int:
    """The most memory that the server has had, after gigabytes of large objects (Linux)."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    most = next(line for line in lines if line.startswith("VmHWM:"))
    return int(most.split()[1]) >> 10


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="the length of a round")
    parser.add_argument("--dry", action="store_true", help="leave bench/results.json alone")
    given = parser.parse_args()
    try:
        found = compare(given.rounds, given.seconds)
    except BenchError as error:
        sys.exit(f"nothing was measured: {error}")
    print(json.dumps({"machine": machine(), "gateway": found}, indent=2))
    if not given.dry:
        record("gateway", found)


if __name__ == "__main__":
    main()
