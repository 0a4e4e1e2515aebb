"""Users, roles and policies in a line each, so that a test shows only what it is about."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.client import Person

Statement = dict[str, Any]


def allow(*actions: str, on: str | list[str] = "*", **more: Any) -> Statement:
    """A statement that allows actions on resources."""
    return {"Effect": "Allow", "Action": list(actions), "Resource": on, **more}


def deny(*actions: str, on: str | list[str] = "*", **more: Any) -> Statement:
    """A statement that denies actions on resources."""
    return {"Effect": "Deny", "Action": list(actions), "Resource": on, **more}


def policy(*statements: Statement) -> str:
    """A policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trusting(principal: Any, action: str | list[str] = "sts:AssumeRole", **more: Any) -> Statement:
    """A statement of a trust policy; a text is an AWS principal."""
    shown = principal if isinstance(principal, dict) or principal == "*" else {"AWS": principal}
    return {"Effect": "Allow", "Principal": shown, "Action": action, **more}


def user(root: Person, name: str, *statements: Statement, **more: Any) -> Person:
    """A new user with a key and, where there are statements, an inline policy."""
    root.iam.create_user(UserName=name, **more)
    if statements:
        root.iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=policy(*statements))
    return root.world.person(root.iam.create_access_key(UserName=name)["AccessKey"])


def role(root: Person, name: str, trust: Any, *statements: Statement, **more: Any) -> str:
    """A new role, trusting a principal or having a trust statement; its ARN."""
    statement = trust if isinstance(trust, dict) and "Effect" in trust else trusting(trust)
    made = root.iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(statement), **more)
    if statements:
        root.iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy(*statements))
    arn: str = made["Role"]["Arn"]
    return arn


def managed(root: Person, name: str, *statements: Statement, **more: Any) -> str:
    """A new managed policy; its ARN."""
    made = root.iam.create_policy(PolicyName=name, PolicyDocument=policy(*statements), **more)
    arn: str = made["Policy"]["Arn"]
    return arn


def assume(person: Person, role_arn: str, session: str = "session", **more: Any) -> Person:
    """The person as the role."""
    answer = person.sts.assume_role(RoleArn=role_arn, RoleSessionName=session, **more)
    return person.world.person(answer["Credentials"])


@contextmanager
def refused(code: str, status: int, fragment: str = "") -> Iterator[pytest.ExceptionInfo[ClientError]]:
    """The call inside is refused with just this code and status, and with this in its text."""
    with pytest.raises(ClientError) as caught:
        yield caught
    error, metadata = caught.value.response["Error"], caught.value.response["ResponseMetadata"]
    assert (error["Code"], metadata["HTTPStatusCode"]) == (code, status), error["Message"]
    assert fragment in error["Message"]
