"""Instances of a running server, and unmodified SDKs on them, with nothing in their environment but where the
metadata are."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
from botocore.utils import InstanceMetadataFetcher

from rolekeeper import wire
from tests.journeys.conftest import Running

MODELS = Path(wire.__file__).parent / "models"

WHO = """
import boto3, json
session = boto3.Session()
found = session.client("sts").get_caller_identity()
roles = len(session.client("iam").list_roles()["Roles"])
credentials = session.get_credentials()
print(json.dumps({"arn": found["Arn"], "method": credentials.method, "roles": roles}))
"""


def workloads(server: Running) -> Any:
    """boto3's client of the server's own service."""
    session = boto3.Session()
    session._loader.search_paths.append(str(MODELS))
    return session.client(
        "rolekeeper",
        endpoint_url=server.endpoint,
        region_name="us-east-1",
        aws_access_key_id=server.access_key_id,
        aws_secret_access_key=server.secret_access_key,
    )


def launched(server: Running, *roles: str, **more: Any) -> tuple[str, str]:
    """An instance with a new role of that name, or without; its ID and its endpoint."""
    iam = server.client("iam")
    for name in roles:
        trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
        document = {"Version": "2012-10-17", "Statement": trust}
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(document))
        listing = {"Effect": "Allow", "Action": "iam:ListRoles", "Resource": "*"}
        own = json.dumps({"Version": "2012-10-17", "Statement": listing})
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=own)
        iam.create_instance_profile(InstanceProfileName=name)
        iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
        more["IamInstanceProfile"] = {"Name": name}
    made = workloads(server).register_instance(**more)
    return made["Instance"]["InstanceId"], f"{server.endpoint}/_rolekeeper/imds/{made['Secret']}"


def on_instance(server: Running, endpoint: str) -> Mapping[str, str]:
    """The environment of a program on an instance."""
    kept = {name: value for name, value in server.environment.items() if name != "AWS_EC2_METADATA_DISABLED"}
    return kept | {
        "AWS_EC2_METADATA_SERVICE_ENDPOINT": endpoint,
        "AWS_ENDPOINT_URL": server.endpoint,
        "AWS_DEFAULT_REGION": "us-east-1",
    }


def fetch(endpoint: str) -> Mapping[str, str]:
    """What botocore makes of the metadata."""
    fetcher = InstanceMetadataFetcher(timeout=30, num_attempts=3, base_url=endpoint, env={})
    found: Mapping[str, str] = fetcher.retrieve_iam_role_credentials()
    return found


def whose(server: Running, found: Mapping[str, str]) -> str:
    """Who calls with what was fetched."""
    client = boto3.client(
        "sts",
        endpoint_url=server.endpoint,
        region_name="us-east-1",
        aws_access_key_id=found["access_key"],
        aws_secret_access_key=found["secret_key"],
        aws_session_token=found["token"],
    )
    arn: str = client.get_caller_identity()["Arn"]
    return arn


def advance(server: Running, **time: float) -> None:
    """Move the server's clock."""
    body = json.dumps({"advance_seconds": timedelta(**time).total_seconds()}).encode()
    urllib.request.urlopen(f"{server.endpoint}/_rolekeeper/clock", data=body).close()
