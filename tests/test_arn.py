"""ARNs: what is none is refused, and what is one comes out as it went in."""

from __future__ import annotations

import pytest

from rolekeeper.arn import Arn, assumed_role_arn, federated_user_arn, iam_arn, root_arn


@pytest.mark.parametrize(
    "text",
    [
        "",
        "role/dev",
        "arn:aws:iam::123456789012",
        "ARN:aws:iam::123456789012:role/dev",
        "arn::iam::123456789012:role/dev",
        "arn:aws:::123456789012:role/dev",
        "arn:aws:iam::123456789012:",
    ],
)
def test_what_has_not_six_parts_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an ARN"):
        Arn.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "arn:aws:iam::123456789012:role/team/dev",
        "arn:aws-cn:sts::123456789012:assumed-role/dev/session",
        "arn:aws:s3:::bucket/key:with:colons",
        "arn:aws:sns:eu-west-1:123456789012:topic",
    ],
)
def test_an_arn_is_read_and_written(text: str) -> None:
    assert str(Arn.parse(text)) == text


def test_the_parts_of_an_iam_resource() -> None:
    arn = Arn.parse("arn:aws:iam::123456789012:role/team/web/dev")
    assert (arn.resource_type, arn.path, arn.name) == ("role", "/team/web/", "dev")
    assert (arn.partition, arn.service, arn.region, arn.account) == ("aws", "iam", "", "123456789012")


def test_a_resource_without_path() -> None:
    assert Arn.parse("arn:aws:iam::123456789012:user/bob").path == "/"
    assert Arn.parse("arn:aws:iam::123456789012:root").resource_type == "root"


def test_a_resource_type_before_a_colon() -> None:
    assert Arn.parse("arn:aws:lambda:us-east-1:123456789012:function:name").resource_type == "function"


def test_arns_that_are_made() -> None:
    account = "123456789012"
    assert iam_arn("aws", account, "role", "/team/", "dev") == "arn:aws:iam::123456789012:role/team/dev"
    assert root_arn("aws-cn", account) == "arn:aws-cn:iam::123456789012:root"
    assert assumed_role_arn("aws", account, "dev", "s") == "arn:aws:sts::123456789012:assumed-role/dev/s"
    assert federated_user_arn("aws", account, "bob") == "arn:aws:sts::123456789012:federated-user/bob"
