"""Requests as an SDK sends them, signed beforehand: a user, roles that trust it, and what it asks.

The signer is botocore's, not ours. Every request is another one (an invocation ID is signed with it, as SDKs
do), so that no server can answer one request from what it remembers of an equal one.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import botocore.session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

ROLES = 64
REGION = "us-east-1"
VERSIONS = {"iam": "2010-05-08", "sts": "2011-06-15"}
OPERATIONS = ("GetCallerIdentity", "GetRole", "AssumeRole", "CreateRole")


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A server with a user who may do everything and roles that trust the account."""

    url: str
    key: str
    secret: str = field(repr=False)
    roles: tuple[str, ...]
    trust: str
    prefix: str

    @property
    def address(self) -> tuple[str, int]:
        """Where to connect."""
        parts = urlsplit(self.url)
        return parts.hostname or "127.0.0.1", parts.port or 80

    def requests(self, operation: str, count: int) -> list[bytes]:
        """That many different requests of one operation, good for the next fifteen minutes."""
        return self.signed(operation, islice(getattr(self, f"_{operation}")(), count))

    def signed(self, operation: str, arguments: Iterable[dict[str, str]]) -> list[bytes]:
        """A request of one operation for each of the arguments."""
        service = "sts" if operation in ("GetCallerIdentity", "AssumeRole") else "iam"
        sign = _signer(self, service)
        return [sign({"Action": operation, "Version": VERSIONS[service], **given}) for given in arguments]

    def _GetCallerIdentity(self) -> Iterator[dict[str, str]]:
        while True:
            yield {}

    def _GetRole(self) -> Iterator[dict[str, str]]:
        while True:
            for arn in self.roles:
                yield {"RoleName": arn.rpartition("/")[2]}

    def _AssumeRole(self) -> Iterator[dict[str, str]]:
        while True:
            for number, arn in enumerate(self.roles):
                yield {"RoleArn": arn, "RoleSessionName": f"bench-{number}"}

    def _CreateRole(self) -> Iterator[dict[str, str]]:
        while True:
            name = f"{self.prefix}-{secrets.token_hex(8)}"
            yield {"RoleName": name, "AssumeRolePolicyDocument": self.trust}


def make_world(url: str, key: str, secret: str, *, count: int = ROLES) -> World:
    """Make the user and so many roles with the credentials of somebody who may."""
    session = botocore.session.Session()
    session.set_credentials(key, secret)
    client = session.create_client(
        "iam", REGION, endpoint_url=url, config=Config(retries={"total_max_attempts": 1})
    )
    prefix = f"bench-{secrets.token_hex(3)}"
    user: dict[str, Any] = client.create_user(UserName=prefix)["User"]
    allowed = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
    client.put_user_policy(UserName=prefix, PolicyName="all", PolicyDocument=json.dumps(allowed))
    account = user["Arn"].split(":")[4]
    trusted = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": "sts:AssumeRole",
    }
    trust = json.dumps({"Version": "2012-10-17", "Statement": trusted})
    roles = [
        client.create_role(RoleName=f"{prefix}-{number}", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        for number in range(count)
    ]
    made = client.create_access_key(UserName=prefix)["AccessKey"]
    return World(
        url=url,
        key=made["AccessKeyId"],
        secret=made["SecretAccessKey"],
        roles=tuple(roles),
        trust=trust,
        prefix=prefix,
    )


def _signer(world: World, service: str) -> Callable[[dict[str, str]], bytes]:
    auth = SigV4Auth(Credentials(world.key, world.secret), service, REGION)
    host = urlsplit(world.url).netloc

    def sign(form: dict[str, str]) -> bytes:
        body = urlencode(form).encode()
        headers = {
            "Host": host,
            "User-Agent": "aws-cli/1.46 md/botocore#1.44 ua/2.1 os/linux lang/python#3.11",
            "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
            "amz-sdk-invocation-id": str(uuid4()),
            "amz-sdk-request": "attempt=1",
        }
        request = AWSRequest("POST", world.url.rstrip("/") + "/", headers=headers, data=body)
        auth.add_auth(request)
        lines = [f"{name}: {value}" for name, value in request.headers.items()]
        head = "\r\n".join(
            ["POST / HTTP/1.1", "Accept-Encoding: identity", *lines, f"Content-Length: {len(body)}", "", ""]
        )
        return head.encode() + body

    return sign
