"""Requests to services behind the gateway, by an unmodified SDK against a server on loopback."""

from __future__ import annotations

import http.client
import json
import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore import UNSIGNED
from botocore.exceptions import ClientError

from tests.client import ACCOUNT, Person
from tests.gateway.served import ServedWorld
from tests.people import allow, assume, deny, refused, role, user

PHOTOS = "arn:aws:s3:::photos"


@pytest.fixture(scope="module")
def photos(served: ServedWorld) -> str:
    """A bucket with a picture in it."""
    s3 = served.root.client("s3")
    s3.create_bucket(Bucket="photos")
    s3.put_object(Bucket="photos", Key="cat 1.jpg", Body=b"meow")
    s3.put_object(Bucket="photos", Key="secret/plan.txt", Body=b"do not tell")
    return "photos"


@pytest.fixture(scope="module")
def names() -> Iterator[str]:
    return (f"person{number}" for number in range(1000))


def test_who_has_no_permission_is_refused_in_the_words_of_each_service(
    served: ServedWorld, photos: str, names: Iterator[str]
) -> None:
    person = user(served.root, name := next(names))
    who = f"User: arn:aws:iam::{ACCOUNT}:user/{name} is not authorized to perform: "
    calls: list[tuple[Any, str, int, str]] = [
        (
            lambda: person.client("s3").get_object(Bucket=photos, Key="cat 1.jpg"),
            "AccessDenied",
            403,
            f"{who}s3:GetObject on resource: {PHOTOS}/cat 1.jpg because no identity-based policy",
        ),
        (
            lambda: person.client("dynamodb").get_item(TableName="t", Key={"k": {"S": "x"}}),
            "AccessDeniedException",
            400,
            f"{who}dynamodb:GetItem on resource: arn:aws:dynamodb:us-east-1:{ACCOUNT}",
        ),
        (
            lambda: person.client("ec2").describe_instances(),
            "UnauthorizedOperation",
            403,
            f"You are not authorized to perform this operation. {who}ec2:DescribeInstances on resource: * ",
        ),
        (
            lambda: person.client("sns").create_topic(Name="n"),
            "AuthorizationError",
            403,
            f"{who}SNS:CreateTopic",
        ),
        (
            lambda: person.client("lambda").list_functions(),
            "AccessDeniedException",
            403,
            f"{who}lambda:ListFunctions",
        ),
        (
            lambda: person.client("sqs").create_queue(QueueName="q"),
            "AccessDenied",
            400,
            f"{who}sqs:CreateQueue",
        ),
        (
            lambda: person.client("route53").list_hosted_zones(),
            "AccessDenied",
            403,
            f"{who}route53:ListHostedZones",
        ),
    ]
    for call, code, status, text in calls:
        with pytest.raises(ClientError) as error:
            call()
        told = error.value.response
        assert (told["Error"]["Code"], told["ResponseMetadata"]["HTTPStatusCode"]) == (code, status), told
        assert text.lower() in told["Error"]["Message"].lower()


def test_what_is_allowed_is_done_and_nothing_else(
    served: ServedWorld, photos: str, names: Iterator[str]
) -> None:
    person = user(
        served.root,
        next(names),
        allow("s3:GetObject", on=f"{PHOTOS}/*"),
        deny("s3:*", on=f"{PHOTOS}/secret/*"),
        allow("s3:ListBucket", on=PHOTOS, Condition={"StringLike": {"s3:prefix": "cat*"}}),
    )
    s3 = person.client("s3")
    assert s3.get_object(Bucket=photos, Key="cat 1.jpg")["Body"].read() == b"meow"
    assert [each["Key"] for each in s3.list_objects_v2(Bucket=photos, Prefix="cat")["Contents"]] == [
        "cat 1.jpg"
    ]
    with refused("AccessDenied", 403, "s3:ListBucket"):
        s3.list_objects_v2(Bucket=photos)
    with refused("AccessDenied", 403, "with an explicit deny"):
        s3.get_object(Bucket=photos, Key="secret/plan.txt")
    with refused("AccessDenied", 403, "s3:PutObject"):
        s3.put_object(Bucket=photos, Key="cat 1.jpg", Body=b"woof")
    with refused("AccessDenied", 403, "s3:DeleteObject"):
        s3.delete_object(Bucket=photos, Key="cat 1.jpg")
    assert served.root.client("s3").get_object(Bucket=photos, Key="cat 1.jpg")["Body"].read() == b"meow"


def test_a_session_may_what_its_role_may(served: ServedWorld, photos: str, names: Iterator[str]) -> None:
    person = user(served.root, name := next(names), allow("sts:AssumeRole"))
    role(
        served.root, "reader", f"arn:aws:iam::{ACCOUNT}:user/{name}", allow("s3:GetObject", on=f"{PHOTOS}/*")
    )
    with refused("AccessDenied", 403, "s3:GetObject"):
        person.client("s3").get_object(Bucket=photos, Key="cat 1.jpg")
    reader = assume(person, f"arn:aws:iam::{ACCOUNT}:role/reader")
    assert reader.client("s3").get_object(Bucket=photos, Key="cat 1.jpg")["Body"].read() == b"meow"
    with refused("AccessDenied", 403, "assumed-role/reader"):
        reader.client("s3").put_object(Bucket=photos, Key="cat 1.jpg", Body=b"woof")


def test_who_is_not_known_is_told_so(served: ServedWorld, photos: str) -> None:
    nobody = Person(served, "AKIAQQQQQQQQQQQQQQQQ", "wrong")
    with refused("InvalidAccessKeyId", 403, "does not exist"):
        nobody.client("s3").get_object(Bucket=photos, Key="cat 1.jpg")
    with refused("UnrecognizedClientException", 400, "security token"):
        nobody.client("dynamodb").list_tables()
    with refused("AuthFailure", 401, "not able to validate"):
        nobody.client("ec2").describe_instances()
    wrong = Person(served, served.root.key_id, "wrong")
    with refused("SignatureDoesNotMatch", 403, "signature"):
        wrong.client("s3").get_object(Bucket=photos, Key="cat 1.jpg")
    with refused("AccessDenied", 403, "Access Denied"):
        nobody.client("s3", signature_version=UNSIGNED).get_object(Bucket=photos, Key="cat 1.jpg")


def test_every_call_is_in_the_trail_and_what_is_secret_is_not(
    served: ServedWorld, photos: str, names: Iterator[str]
) -> None:
    person = user(served.root, next(names), allow("secretsmanager:CreateSecret"))
    person.client("secretsmanager").create_secret(Name="token", SecretString="hush-hush-1")
    with refused("AccessDeniedException", 400, "secretsmanager:GetSecretValue"):
        person.client("secretsmanager").get_secret_value(SecretId="token")
    served.root.client("s3").put_object(Bucket=photos, Key="diary", Body=b"hush-hush-2")
    events = [event for event in served.events() if event["eventSource"] != "iam.amazonaws.com"]
    assert "hush-hush" not in json.dumps(events)
    made, denied, put = events[-3:]
    assert (made["eventSource"], made["eventName"]) == ("secretsmanager.amazonaws.com", "CreateSecret")
    assert (denied["eventName"], denied["errorCode"]) == ("GetSecretValue", "AccessDenied")
    assert (put["eventName"], put["managementEvent"], put["eventCategory"]) == ("PutObject", False, "Data")
    assert (
        put["requestParameters"]["bucketName"] == photos if "bucketName" in put["requestParameters"] else True
    )


def test_the_answer_and_the_trail_have_one_id_and_a_refusal_is_explained_by_it(
    served: ServedWorld, photos: str, names: Iterator[str]
) -> None:
    person = user(served.root, next(names))
    with pytest.raises(ClientError) as error:
        person.client("s3").get_object(Bucket=photos, Key="cat 1.jpg")
    request_id = error.value.response["ResponseMetadata"]["RequestId"]
    assert served.events()[-1]["requestID"] == request_id
    found = served.root.workloads.get_denial(RequestId=request_id)
    assert json.loads(found["Question"])["request"]["action"] == "s3:GetObject"
    allowed = served.root.client("s3").get_object(Bucket=photos, Key="cat 1.jpg")
    assert served.events()[-1]["requestID"] == allowed["ResponseMetadata"]["RequestId"]


def test_what_the_sealed_message_of_ec2_says(served: ServedWorld, names: Iterator[str]) -> None:
    person = user(served.root, next(names), allow("sts:DecodeAuthorizationMessage"))
    with pytest.raises(ClientError) as error:
        person.client("ec2").terminate_instances(InstanceIds=["i-0123456789abcdef0"])
    text = error.value.response["Error"]["Message"]
    message = text.partition("Encoded authorization failure message: ")[2]
    told = json.loads(person.sts.decode_authorization_message(EncodedMessage=message)["DecodedMessage"])
    assert (told["allowed"], told["explicitDeny"]) == (False, False)
    assert told["context"]["action"] == "ec2:TerminateInstances"


def test_what_cannot_be_classified_is_refused_and_says_so(
    served: ServedWorld, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        caplog.at_level(logging.WARNING),
        refused("AccessDeniedException", 400, "does not know what the request asks"),
    ):
        served.root.client("athena").batch_get_named_query(NamedQueryIds=["a"])
    assert "not classified" in caplog.text


def test_accounts_do_not_see_each_others_tables(served: ServedWorld) -> None:
    made = {"KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}], "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}]}  # fmt: skip
    served.root.client("dynamodb").create_table(TableName="mine", **made)
    served.other.client("dynamodb").create_table(TableName="theirs", **made)
    assert served.root.client("dynamodb").list_tables()["TableNames"] == ["mine"]
    assert served.other.client("dynamodb").list_tables()["TableNames"] == ["theirs"]


@pytest.mark.parametrize(
    "headers",
    [
        {"x-moto-account-id": "222222222222"},
        {"x-http-method-override": "DELETE"},
        {"x-rolekeeper-service": "iam"},
    ],
)
def test_headers_that_tell_a_backend_who_asks_do_not_pass(
    served: ServedWorld, photos: str, headers: dict[str, str]
) -> None:
    url = served.root.client("s3").generate_presigned_url(
        "get_object", Params={"Bucket": photos, "Key": "cat 1.jpg"}
    )
    place = urlsplit(url)
    asking = http.client.HTTPConnection(place.netloc)
    asking.request("GET", f"{place.path}?{place.query}", headers=headers)
    answer = asking.getresponse()
    assert (answer.status, answer.read()) == (200, b"meow") or answer.status in (400, 403)
    asking.close()


def test_a_reset_empties_what_stands_behind(served: ServedWorld) -> None:
    served.root.client("s3").create_bucket(Bucket="to-be-forgotten")
    place = urlsplit(str(served.url))
    asking = http.client.HTTPConnection(place.netloc)
    asking.request("POST", "/_rolekeeper/reset", headers={"content-type": "application/json"})
    assert asking.getresponse().status == 200
    asking.close()
    assert served.root.client("s3").list_buckets()["Buckets"] == []
    served.other.client("s3").create_bucket(Bucket="to-be-forgotten")
    with refused("AccessDenied", 403, "Access Denied"):
        served.root.client("s3").list_objects_v2(Bucket="to-be-forgotten")
