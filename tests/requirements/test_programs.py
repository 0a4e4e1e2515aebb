"""Programs without keys, by an SDK: rows SR-027 and SR-136."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError, CredentialRetrievalError, MetadataRetrievalError

from tests.client import ACCOUNT, LocalWorld
from tests.containers import Program, by_token, endpoint
from tests.people import allow, role
from tests.workers import ECS

requirement = pytest.mark.requirement


@pytest.fixture
def url(local: LocalWorld) -> Iterator[str]:
    with endpoint(local) as found:
        yield found


@requirement("SR-027")
def test_sr_027_a_program_without_any_key_has_its_roles_credentials(local: LocalWorld, url: str) -> None:
    web = role(local.root, "web", ECS)
    made = local.root.workloads.register_task(Family="web", TaskRoleArn=web)
    variables = by_token(url, made["Secret"])
    assert not any("ACCESS_KEY" in name for name in variables)
    first = Program(local, variables).credentials.get_frozen_credentials()
    assert first.access_key.startswith("ASIA") and first.token
    assert (
        Program(local, variables).arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/web/{made['Task']['TaskId']}"
    )


@requirement("SR-027")
def test_sr_027_what_stood_in_an_image_would_be_worth_nothing(local: LocalWorld, url: str) -> None:
    web = role(local.root, "web", ECS)
    made = local.root.workloads.register_task(Family="web", TaskRoleArn=web)
    variables = by_token(url, made["Secret"])
    local.root.workloads.deregister_task(TaskId=made["Task"]["TaskId"])
    for useless in (variables, by_token(url, "a guess")):
        with pytest.raises((MetadataRetrievalError, CredentialRetrievalError)):
            assert Program(local, useless).arn


@requirement("SR-136")
def test_sr_136_an_sdk_is_allowed_and_refused_as_the_role_is(local: LocalWorld, url: str) -> None:
    web = role(local.root, "web", ECS, allow("iam:GetRole", on=f"arn:aws:iam::{ACCOUNT}:role/web"))
    made = local.root.workloads.register_task(Family="web", TaskRoleArn=web)
    keys = Program(local, by_token(url, made["Secret"])).credentials.get_frozen_credentials()
    program = local.person(
        {"AccessKeyId": keys.access_key, "SecretAccessKey": keys.secret_key, "SessionToken": keys.token}
    )
    assert program.iam.get_role(RoleName="web")["Role"]["Arn"] == web
    with pytest.raises(ClientError) as refused:
        program.iam.delete_role(RoleName="web")
    error = refused.value.response
    assert (error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"]) == ("AccessDenied", 403)
    assert "no identity-based policy allows the iam:DeleteRole action" in error["Error"]["Message"]
