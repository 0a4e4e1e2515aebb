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
    allowed = served.root.client("s3").head_object(Bucket=photos, Key="cat 1.jpg")
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


def test_what_cannot_be_classified_goes_on_where_the_operator_says_so_and_nothing_else() -> None:
    world = ServedWorld(unclassified="allow")
    try:
        with pytest.raises(ClientError) as error:
            world.root.client("athena").batch_get_named_query(NamedQueryIds=["a"])
        assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501  # the mock does not have it
        with refused("ValidationException", 400, "Invalid table name"):
            world.root.client("dynamodb").get_item(TableName="a/index/b", Key={"k": {"S": "x"}})
        world.root.client("s3").create_bucket(Bucket="closed")
        with refused("AccessDenied", 403, "Access Denied"):
            world.root.client("s3", signature_version=UNSIGNED).list_objects_v2(Bucket="closed")
    finally:
        world.close()


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


def test_a_large_object_passes_as_it_is(served: ServedWorld, photos: str) -> None:
    s3 = served.root.client("s3")
    body = bytes(range(256)) * 40_000
    s3.put_object(Bucket=photos, Key="large", Body=body)
    assert s3.get_object(Bucket=photos, Key="large")["Body"].read() == body
    assert s3.get_object(Bucket=photos, Key="large", Range="bytes=5-9")["Body"].read() == body[5:10]
    upload = s3.create_multipart_upload(Bucket=photos, Key="parts")["UploadId"]
    named = {"Bucket": photos, "Key": "parts", "UploadId": upload}
    tags = [
        {"PartNumber": number, "ETag": s3.upload_part(PartNumber=number, Body=body, **named)["ETag"]}
        for number in (1, 2)
    ]
    s3.complete_multipart_upload(MultipartUpload={"Parts": tags}, **named)
    assert s3.head_object(Bucket=photos, Key="parts")["ContentLength"] == 2 * len(body)
    s3.copy_object(Bucket=photos, Key="copied", CopySource={"Bucket": photos, "Key": "large"})
    assert s3.head_object(Bucket=photos, Key="copied")["ContentLength"] == len(body)


def test_a_body_that_is_not_what_was_signed_is_not_kept(served: ServedWorld, photos: str) -> None:
    s3 = served.root.client("s3")

    def change(request: Any, **_: Any) -> None:
        request.body = b"x" * len(request.body.read())

    s3.put_object(Bucket=photos, Key="signed", Body=b"as it was")
    changing = Person(served, served.root.key_id, served.root.secret).client("s3")
    changing.meta.events.register("before-send", change)
    with pytest.raises(ClientError) as error:
        changing.put_object(Bucket=photos, Key="signed", Body=b"as it was")
    assert error.value.response["Error"]["Code"] in ("XAmzContentSHA256Mismatch", "BadDigest")
    assert s3.get_object(Bucket=photos, Key="signed")["Body"].read() == b"as it was"


def test_a_presigned_url_is_good_for_what_it_says(
    served: ServedWorld, photos: str, names: Iterator[str]
) -> None:
    person = user(served.root, next(names), allow("s3:PutObject", "s3:GetObject", on=f"{PHOTOS}/cat*"))
    s3 = person.client("s3", signature_version="s3v4")
    for key, status in (("cat 2.jpg", 200), ("dog.jpg", 403)):
        url = s3.generate_presigned_url("put_object", Params={"Bucket": photos, "Key": key})
        assert _send("PUT", url, b"meow meow")[0] == status
    url = s3.generate_presigned_url("get_object", Params={"Bucket": photos, "Key": "cat 2.jpg"})
    assert _send("GET", url) == (200, b"meow meow")
    assert _send("GET", url.replace("cat", "dog"))[0] == 403
    assert _send("DELETE", url)[0] == 403


def test_a_form_of_a_browser_is_good_for_what_its_policy_says(
    served: ServedWorld, photos: str, names: Iterator[str]
) -> None:
    person = user(served.root, next(names), allow("s3:PutObject", on=f"{PHOTOS}/up/*"))
    s3 = person.client("s3", signature_version="s3v4")
    for key, status in (("up/a", 204), ("down/a", 403)):
        made = s3.generate_presigned_post(photos, key)
        fields = made["fields"]
        assert _post(made["url"], fields, b"from a form") == status
        assert _post(made["url"], fields | {"key": "up/other"}, b"from a form") == 403
    assert served.root.client("s3").get_object(Bucket=photos, Key="up/a")["Body"].read() == b"from a form"
    assert served.events()[-2]["eventName"] == "PutObject"


def test_the_host_may_name_the_bucket(served: ServedWorld, photos: str, names: Iterator[str]) -> None:
    person = user(served.root, next(names), allow("s3:GetObject", on=f"{PHOTOS}/cat*"))
    s3 = person.client("s3", signature_version="s3v4")
    port = urlsplit(str(served.url)).port
    s3.meta.events.register("before-sign.s3", lambda request, **_: _in_host(request, photos, port))
    s3.meta.events.register("before-send", _to_loopback)
    assert s3.get_object(Bucket=photos, Key="cat 1.jpg")["Body"].read() == b"meow"
    with refused("AccessDenied", 403, f"{PHOTOS}/secret/plan.txt"):
        s3.get_object(Bucket=photos, Key="secret/plan.txt")


def _in_host(request: Any, bucket: str, port: int | None) -> None:
    place = urlsplit(request.url)
    request.url = place._replace(
        netloc=f"{bucket}.localhost:{port}", path=place.path.removeprefix(f"/{bucket}")
    ).geturl()


def _to_loopback(request: Any, **_: Any) -> None:
    place = urlsplit(request.url)
    request.headers["Host"] = place.netloc
    request.url = place._replace(netloc=f"127.0.0.1:{place.port}").geturl()


def _send(method: str, url: str, body: bytes | None = None) -> tuple[int, bytes]:
    place = urlsplit(url)
    asking = http.client.HTTPConnection(place.netloc)
    asking.request(method, f"{place.path}?{place.query}", body)
    answer = asking.getresponse()
    read = answer.status, answer.read()
    asking.close()
    return read


def _post(url: str, fields: dict[str, str], file: bytes) -> int:
    parts = [
        f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    parts.append('--edge\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n')
    body = "".join(parts).encode() + file + b"\r\n--edge--\r\n"
    place = urlsplit(url)
    asking = http.client.HTTPConnection(place.netloc)
    asking.request("POST", place.path, body, {"content-type": "multipart/form-data; boundary=edge"})
    status = asking.getresponse().status
    asking.close()
    return status


def test_a_role_that_is_observed_goes_on_and_is_marked(
    names: Iterator[str], caplog: pytest.LogCaptureFixture
) -> None:
    world = ServedWorld(observe=("watched",))
    try:
        world.root.client("s3").create_bucket(Bucket="papers")
        person = user(world.root, "somebody", allow("sts:AssumeRole"))
        for name in ("watched", "other"):
            role(world.root, name, f"arn:aws:iam::{ACCOUNT}:user/somebody")
        watched = assume(person, f"arn:aws:iam::{ACCOUNT}:role/watched").client("s3")
        with caplog.at_level(logging.WARNING):
            answer = watched.list_objects_v2(Bucket="papers")
        assert "OBSERVED, let through" in caplog.text
        event = world.events()[-1]
        assert event["additionalEventData"] == {"observed": True, "decision": "denied"}
        found = world.root.workloads.get_denial(RequestId=answer["ResponseMetadata"]["RequestId"])
        assert found["Observed"] is True
        with refused("AccessDenied", 403, "assumed-role/other"):
            assume(person, f"arn:aws:iam::{ACCOUNT}:role/other").client("s3").list_objects_v2(Bucket="papers")
        with refused("AccessDenied", 403, "iam:ListRoles"):
            assume(person, f"arn:aws:iam::{ACCOUNT}:role/watched").iam.list_roles()
    finally:
        world.close()


def test_no_request_makes_a_role_an_observed_one() -> None:
    """Neither by a header, a parameter or a name, nor in another account by the name of one that is."""
    world = ServedWorld(observe=("watched",))
    asking = ("x-rolekeeper-observe", "x-amz-observe", "x-rolekeeper-observed", "rolekeeper-observe")
    try:
        for root in (world.root, world.other):
            root.client("s3").create_bucket(Bucket=f"papers-{root.account}")
            person = user(root, "somebody", allow("sts:AssumeRole"))
            name = "other" if root is world.root else "watched"
            trusted = f"arn:aws:iam::{root.account}:user/somebody"
            arn = role(root, name, trusted, Tags=[{"Key": "observe", "Value": "watched"}])
            role(root, "Watched" if root is world.root else "else", trusted, Path="/watched/")
            s3 = assume(person, arn, session="watched").client("s3")

            def insist(request: Any, **_: Any) -> None:
                for header in asking:
                    request.headers[header] = "watched"
                request.url += ("&" if "?" in request.url else "?") + "observe=watched&observed=true"

            s3.meta.events.register("before-sign.s3", insist)
            with refused("AccessDenied", 403, "s3:ListBucket"):
                s3.list_objects_v2(Bucket=f"papers-{root.account}")
        assert not any(
            "observed" in json.dumps(each) for each in world.events() if "s3" in each["eventSource"]
        )
    finally:
        world.close()


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


def test_policies_may_ask_how_and_when_a_request_was_signed(
    served: ServedWorld, names: Iterator[str]
) -> None:
    served.root.client("s3").create_bucket(Bucket="how-signed")
    served.root.client("s3").put_object(Bucket="how-signed", Key="a", Body=b"a")
    condition = {
        "StringEquals": {"s3:authType": "REST-QUERY-STRING"},
        "NumericLessThan": {"s3:signatureAge": "60000"},
    }
    person = user(served.root, next(names), allow("s3:GetObject", Condition=condition))
    s3 = person.client("s3", signature_version="s3v4")
    with refused("AccessDenied", 403, "s3:GetObject"):
        s3.get_object(Bucket="how-signed", Key="a")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "how-signed", "Key": "a"})
    assert _send("GET", url) == (200, b"a")
