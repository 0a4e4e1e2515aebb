"""Members that lead what stands behind to more than the request was asked on: that is asked too."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from tests.gateway.served import ServedWorld
from tests.people import allow, refused, user

# -- CloudFormation ---------------------------------------------------------------------------------


def test_a_stack_shows_nothing_of_a_bucket_that_may_not_be_read(served: ServedWorld) -> None:
    root = served.root.client("s3")
    template = json.dumps({"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}})
    for bucket in ("drawings", "blueprints"):
        root.create_bucket(Bucket=bucket)
        root.put_object(Bucket=bucket, Key="t.json", Body=template.encode())
    root.put_object(Bucket="drawings", Key="blueprints/t.json", Body=template.encode())
    builder = user(
        served.root,
        "builder",
        allow("cloudformation:*"),
        allow("s3:GetObject", on="arn:aws:s3:::drawings/*"),
    ).client("cloudformation")
    host = "s3.us-east-1.amazonaws.com"
    for url in (
        f"https://{host}/blueprints/t.json",
        f"https://blueprints.{host}/t.json",
        "http://localhost:4566/blueprints/t.json",
        "http://blueprints.localhost:4566/t.json",
        "https://blueprints.example.com/t.json",
        f"https://{host}/blueprints/t.json?versionId=1",
    ):
        for call in (
            lambda url=url: builder.create_stack(StackName="taken", TemplateURL=url),
            lambda url=url: builder.create_change_set(StackName="taken", ChangeSetName="a", TemplateURL=url),
            lambda url=url: builder.create_stack_set(StackSetName="taken", TemplateURL=url),
            lambda url=url: builder.validate_template(TemplateURL=url),
            lambda url=url: builder.get_template_summary(TemplateURL=url),
        ):
            with pytest.raises(ClientError, match=r"s3:GetObject|must be a supported URL"):
                call()
    builder.create_stack(StackName="given", TemplateURL=f"https://{host}/drawings/t.json")
    with refused("AccessDenied", 403, "s3:GetObject"):
        builder.set_stack_policy(StackName="given", StackPolicyURL=f"https://{host}/blueprints/t.json")


def test_the_address_of_a_template_means_one_object_to_everybody(served: ServedWorld) -> None:
    """To the embedded backend the first part of the path is the bucket where `localhost` is anywhere."""
    root = served.root.client("s3")
    for bucket, name in (("sketches", "mine"), ("plans", "theirs")):
        root.create_bucket(Bucket=bucket)
        template = json.dumps({"Description": name, "Resources": {"Q": {"Type": "AWS::SQS::Queue"}}})
        key = "plans/localhost.json" if bucket == "sketches" else "localhost.json"
        root.put_object(Bucket=bucket, Key=key, Body=template.encode())
    reader = user(
        served.root,
        "sketcher",
        allow("cloudformation:ValidateTemplate"),
        allow("s3:GetObject", on="arn:aws:s3:::sketches/*"),
    ).client("cloudformation")
    for url in (
        "https://sketches.s3.amazonaws.com/plans/localhost.json",
        "https://s3.amazonaws.com/sketches/plans/localhost.json",
        "http://sketches.localhost:4566/plans/localhost.json",
    ):
        assert reader.validate_template(TemplateURL=url)["Description"] == "mine"
