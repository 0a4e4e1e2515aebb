"""The README's walk-through once more, with boto3: each step allowed or refused for its own reason."""

from __future__ import annotations

import json
import os
import urllib.request
from collections.abc import Mapping
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.journeys.conftest import Running

ROLE = "arn:aws:iam::123456789012:role/reader"
TRUST = {
    "Effect": "Allow",
    "Action": "sts:AssumeRole",
    "Principal": {"AWS": "123456789012"},
    "Condition": {"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::123456789012:user/alice"}},
}
READ = {"Effect": "Allow", "Action": ["iam:GetRole", "iam:ListRoles"], "Resource": "*"}
BECOME = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": ROLE}


@pytest.fixture
def alice(server: Running, monkeypatch: pytest.MonkeyPatch) -> boto3.Session:
    """alice's key, beside a role that trusts her and that she has no permission for."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, server.environment[name])
    iam = _client(_root(server), "iam", server)
    iam.create_user(UserName="alice")
    iam.create_role(RoleName="reader", AssumeRolePolicyDocument=_policy(TRUST))
    iam.put_role_policy(RoleName="reader", PolicyName="read", PolicyDocument=_policy(READ))
    key = iam.create_access_key(UserName="alice")["AccessKey"]
    return _session(key["AccessKeyId"], key["SecretAccessKey"])


@pytest.mark.requirement("SR-037")
def test_trust_without_a_permission_of_the_own_is_refused(server: Running, alice: boto3.Session) -> None:
    with pytest.raises(
        ClientError, match="not authorized to perform: sts:AssumeRole on resource: " + ROLE
    ) as refused:
        _assume(server, alice)
    assert _code(refused) == ("AccessDenied", 403)


@pytest.mark.requirement("SR-014", "SR-043", "SR-045")
def test_the_session_may_what_the_role_may_and_nothing_else(server: Running, alice: boto3.Session) -> None:
    iam = _client(_become(server, alice), "iam", server)
    assert iam.get_role(RoleName="reader")["Role"]["Arn"] == ROLE
    with pytest.raises(
        ClientError, match="no identity-based policy allows the iam:DeleteRole action"
    ) as refused:
        iam.delete_role(RoleName="reader")
    assert _code(refused) == ("AccessDenied", 403)


@pytest.mark.requirement("SR-007")
def test_alice_has_not_the_role_s_permissions_herself(server: Running, alice: boto3.Session) -> None:
    _become(server, alice)
    with pytest.raises(ClientError, match="no identity-based policy allows the iam:GetRole action"):
        _client(alice, "iam", server).get_role(RoleName="reader")


@pytest.mark.requirement("SR-019", "SR-020")
def test_the_session_ends_and_alice_asks_again(server: Running, alice: boto3.Session) -> None:
    over = _become(server, alice)
    _advance(server, 3601)
    with pytest.raises(ClientError, match="The security token included in the request is expired") as refused:
        _client(over, "iam", server).list_roles()
    assert _code(refused) == ("ExpiredToken", 403)
    again = _client(_assume(server, alice), "iam", server)
    assert [role["RoleName"] for role in again.list_roles()["Roles"]] == ["reader"]


def _become(server: Running, alice: boto3.Session) -> boto3.Session:
    iam = _client(_root(server), "iam", server)
    iam.put_user_policy(UserName="alice", PolicyName="become-reader", PolicyDocument=_policy(BECOME))
    return _assume(server, alice)


def _assume(server: Running, caller: boto3.Session) -> boto3.Session:
    given = _client(caller, "sts", server).assume_role(RoleArn=ROLE, RoleSessionName="first")["Credentials"]
    return _session(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])


def _root(server: Running) -> boto3.Session:
    return _session(server.access_key_id, server.secret_access_key)


def _session(key: str, secret: str, token: str | None = None) -> boto3.Session:
    return boto3.Session(key, secret, token, region_name="us-east-1")


def _client(session: boto3.Session, service: str, server: Running) -> Any:
    once = Config(retries={"total_max_attempts": 1})
    return session.client(service, endpoint_url=server.endpoint, config=once)


def _policy(statement: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


def _advance(server: Running, seconds: int) -> None:
    order = json.dumps({"advance_seconds": seconds}).encode()
    urllib.request.urlopen(f"{server.endpoint}/_rolekeeper/clock", data=order).close()


def _code(refused: pytest.ExceptionInfo[ClientError]) -> tuple[str, int]:
    answer = refused.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]
