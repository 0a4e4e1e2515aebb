"""What a program gets to see of its user's environment."""

from __future__ import annotations

import os

import pytest

from rolekeeper.cli.launch.environment import ambient, bare
from rolekeeper.cli.running import Running

SERVER = Running(endpoint="http://127.0.0.1:4566", port=4566, pid=1, account="1" * 12, region="eu-west-1")
OWN = {
    "AWS_ENDPOINT_URL": "http://127.0.0.1:4566",
    "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
    "AWS_REGION": "eu-west-1",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


@pytest.mark.parametrize(
    "name",
    [
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_SECURITY_TOKEN",
        "AWS_PROFILE",
        "AWS_DEFAULT_PROFILE",
        "AWS_ROLE_ARN",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        "AWS_EC2_METADATA_SERVICE_ENDPOINT",
        "AWS_ENDPOINT_URL_S3",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
        "AWS_CA_BUNDLE",
        "AWS_SOMETHING_NEW",
        "BOTO_CONFIG",
        "EC2_SECRET_KEY",
        "ECS_CONTAINER_METADATA_URI_V4",
        "LAMBDA_TASK_ROOT",
        "ROLEKEEPER_KEY",
        "ROLEKEEPER_ROOT_SECRET_ACCESS_KEY",
    ],
)
def test_no_setting_of_aws_or_of_ours_passes(name):
    assert ambient(name)
    assert bare({name: "real"}, SERVER) == OWN


def test_what_is_not_of_aws_stays():
    kept = {"PATH": "/bin", "HOME": "/home/ana", "AWSOME": "yes", "EDITOR": "vi"}
    assert bare(kept, SERVER) == kept | OWN


def test_the_region_can_be_said():
    told = bare({}, SERVER, "us-gov-west-1")
    assert told["AWS_REGION"] == told["AWS_DEFAULT_REGION"] == "us-gov-west-1"


def test_the_certificate_of_the_server_is_the_one_to_trust():
    server = Running(
        endpoint="https://127.0.0.1:4566", port=4566, pid=1, account="1" * 12, tls_cert="/etc/c.pem"
    )
    assert bare({}, server)["AWS_CA_BUNDLE"] == "/etc/c.pem"


@pytest.mark.parametrize("proxy", ["HTTP_PROXY", "https_proxy", "all_proxy"])
def test_requests_to_this_machine_go_past_a_proxy(proxy):
    told = bare({proxy: "http://proxy:3128", "no_proxy": "intern.example"}, SERVER)
    assert told["NO_PROXY"] == told["no_proxy"] == "intern.example,127.0.0.1,localhost"
    assert told[proxy] == "http://proxy:3128"
