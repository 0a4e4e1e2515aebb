"""Requests as an SDK sends them, signed beforehand: a user, roles that trust it, and what they ask.

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

from issuer import AUDIENCE, HOST, SUBJECT, Issuer

ROLES = 64
REGION = "us-east-1"
VERSIONS = {"iam": "2010-05-08", "sts": "2011-06-15"}
WEB_IDENTITY, BY_SESSION = "AssumeRoleWithWebIdentity", "GetRole by a session"
OPERATIONS = ("GetCallerIdentity", "GetRole", BY_SESSION, "AssumeRole", WEB_IDENTITY, "CreateRole")
_STS = frozenset({"GetCallerIdentity", "AssumeRole", WEB_IDENTITY})


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A server with a user who may do everything, roles that trust the account, and a session of one of them;
    and a role for an issuer's workloads, where the server knows the issuer."""

    url: str
    user: Credentials = field(repr=False)
    session: Credentials = field(repr=False)
    roles: tuple[str, ...]
    trust: str
    prefix: str
    issuer: Issuer | None = None
    federated: str = ""

    @property
    def address(self) -> tuple[str, int]:
        """Where to connect."""
        parts = urlsplit(self.url)
        return parts.hostname or "127.0.0.1", parts.port or 80

    @property
    def operations(self) -> tuple[str, ...]:
        """What can be asked here."""
        return tuple(each for each in OPERATIONS if each != WEB_IDENTITY or self.issuer is not None)

    def requests(self, operation: str, count: int) -> list[bytes]:
        """That many different requests of one operation, good for the next fifteen minutes."""
        action = "GetRole" if operation == BY_SESSION else operation
        return self.signed(operation, islice(getattr(self, f"_{action}")(), count))

    def signed(self, operation: str, arguments: Iterable[dict[str, str]]) -> list[bytes]:
        """A request of one operation for each of the arguments."""
        action = "GetRole" if operation == BY_SESSION else operation
        service = "sts" if action in _STS else "iam"
        write = _writer(self.url, self._signer(operation, service))
        return [write({"Action": action, "Version": VERSIONS[service], **given}) for given in arguments]

    def _signer(self, operation: str, service: str) -> SigV4Auth | None:
        if operation == WEB_IDENTITY:
            return None
        return SigV4Auth(self.session if operation == BY_SESSION else self.user, service, REGION)

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

    def _AssumeRoleWithWebIdentity(self) -> Iterator[dict[str, str]]:
        while self.issuer is not None:
            named = {"RoleArn": self.federated, "RoleSessionName": "bench"}
            yield {**named, "WebIdentityToken": self.issuer.token()}

    def _CreateRole(self) -> Iterator[dict[str, str]]:
        while True:
            name = f"{self.prefix}-{secrets.token_hex(8)}"
            yield {"RoleName": name, "AssumeRolePolicyDocument": self.trust}


def make_world(url: str, key: str, secret: str, *, issuer: Issuer | None = None, count: int = ROLES) -> World:
    """Make the user and so many roles with the credentials of somebody who may."""
    client = _client("iam", url, Credentials(key, secret))
    prefix = f"bench-{secrets.token_hex(3)}"
    user: dict[str, Any] = client.create_user(UserName=prefix)["User"]
    allowed = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    client.put_user_policy(UserName=prefix, PolicyName="all", PolicyDocument=_policy(allowed))
    account = user["Arn"].split(":")[4]
    trust = _policy(_trusting({"AWS": f"arn:aws:iam::{account}:root"}, "sts:AssumeRole"))
    roles = [
        client.create_role(RoleName=f"{prefix}-{number}", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        for number in range(count)
    ]
    if roles:
        client.put_role_policy(RoleName=f"{prefix}-0", PolicyName="all", PolicyDocument=_policy(allowed))
    made = client.create_access_key(UserName=prefix)["AccessKey"]
    holder = Credentials(made["AccessKeyId"], made["SecretAccessKey"])
    return World(
        url=url,
        user=holder,
        session=_session(url, holder, roles[0]) if roles else holder,
        roles=tuple(roles),
        trust=trust,
        prefix=prefix,
        issuer=issuer,
        federated=_federated_role(client, prefix, issuer) if issuer is not None else "",
    )


def _session(url: str, holder: Credentials, role: str) -> Credentials:
    given = _client("sts", url, holder).assume_role(RoleArn=role, RoleSessionName="bench")["Credentials"]
    return Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])


def _federated_role(client: Any, prefix: str, issuer: Issuer) -> str:
    """The ARN of a new role for the workloads of an issuer, whose provider it makes."""
    provider = client.create_open_id_connect_provider(
        Url=f"https://{HOST}", ClientIDList=[AUDIENCE], ThumbprintList=[issuer.thumbprint]
    )
    named = {"Federated": provider["OpenIDConnectProviderArn"]}
    asked = {"StringEquals": {f"{HOST}:sub": SUBJECT, f"{HOST}:aud": AUDIENCE}}
    trust = _policy(_trusting(named, f"sts:{WEB_IDENTITY}") | {"Condition": asked})
    made = client.create_role(RoleName=f"{prefix}-web", AssumeRolePolicyDocument=trust)
    arn: str = made["Role"]["Arn"]
    return arn


def _client(service: str, url: str, credentials: Credentials) -> Any:
    session = botocore.session.Session()
    session.set_credentials(credentials.access_key, credentials.secret_key)
    return session.create_client(
        service, REGION, endpoint_url=url, config=Config(retries={"total_max_attempts": 1})
    )


def _trusting(principal: dict[str, str], action: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": action}


def _policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


def _writer(url: str, auth: SigV4Auth | None) -> Callable[[dict[str, str]], bytes]:
    """Writes a whole request of a form, signed where there is somebody to sign it."""
    host = urlsplit(url).netloc

    def write(form: dict[str, str]) -> bytes:
        body = urlencode(form).encode()
        headers = {
            "Host": host,
            "User-Agent": "aws-cli/1.46 md/botocore#1.44 ua/2.1 os/linux lang/python#3.11",
            "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
            "amz-sdk-invocation-id": str(uuid4()),
            "amz-sdk-request": "attempt=1",
        }
        request = AWSRequest("POST", url.rstrip("/") + "/", headers=headers, data=body)
        if auth is not None:
            auth.add_auth(request)
        lines = [f"{name}: {value}" for name, value in request.headers.items()]
        head = "\r\n".join(
            ["POST / HTTP/1.1", "Accept-Encoding: identity", *lines, f"Content-Length: {len(body)}", "", ""]
        )
        return head.encode() + body

    return write
