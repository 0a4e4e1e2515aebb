"""`rolekeeper why`, against a server that runs."""

from __future__ import annotations

import json

import boto3
import pytest
from botocore.exceptions import ClientError

from rolekeeper.cli.credentials import root_key
from rolekeeper.cli.running import the_running


@pytest.fixture(scope="module")
def request_id(running, shared_home):
    """A request that was refused."""
    server = the_running(shared_home.environment)
    key = root_key(server, shared_home.environment)
    place = {"endpoint_url": server.endpoint, "region_name": server.region}
    iam = boto3.client(
        "iam", aws_access_key_id=key.access_key_id, aws_secret_access_key=key.secret.reveal(), **place
    )
    iam.create_user(UserName="wanda")
    made = iam.create_access_key(UserName="wanda")["AccessKey"]
    wanda = boto3.client(
        "iam",
        aws_access_key_id=made["AccessKeyId"],
        aws_secret_access_key=made["SecretAccessKey"],
        **place,
    )
    with pytest.raises(ClientError) as error:
        wanda.list_roles()
    yield error.value.response["ResponseMetadata"]["RequestId"]
    iam.delete_access_key(UserName="wanda", AccessKeyId=made["AccessKeyId"])
    iam.delete_user(UserName="wanda")


def test_it_tells_what_was_asked_what_decided_and_what_would_help(command, shared_home, request_id):
    result = command("why", request_id, home=shared_home)
    assert (result.status, result.err) == (0, "")
    lines = result.out.splitlines()
    assert lines[0].startswith("arn:aws:iam::123456789012:user/wanda asked for iam:ListRoles on ")
    assert lines[1] == "IMPLICIT_DENY"
    assert "What would allow it:" in lines


def test_it_tells_the_same_as_json(command, shared_home, request_id):
    told = json.loads(command("why", request_id, "--json", home=shared_home).out)
    assert (told["request_id"], told["decision"], told["observed"]) == (request_id, "IMPLICIT_DENY", False)
    assert told["remedy"]["changes"][0]["statement"]["Action"] == "iam:ListRoles"


def test_of_a_request_that_is_not_known_it_says_so(command, shared_home):
    result = command("why", "never-was", home=shared_home)
    assert (result.status, result.out) == (1, "")
    assert "No refusal of request never-was is kept" in result.err
