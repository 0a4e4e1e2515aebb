"""Another backend than the embedded one: a store of another make behind a server, with unmodified boto3."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.gateway.objects import ACCESS_KEY_ID, SECRET_ACCESS_KEY, object_store
from tests.journeys.conftest import Running, bare_environment, up
from tests.people import allow, policy

KEYS = {
    "ROLEKEEPER_BACKEND_ACCESS_KEY_ID": ACCESS_KEY_ID,
    "ROLEKEEPER_BACKEND_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
}
SEED = """
[[accounts]]
id = "222222222222"
name = "other"
root_access_key_id = "other_root"
root_secret_access_key = "other_secret"
"""
BUCKET = "shelf"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server with the store behind S3, and nothing behind all else."""
    home = tmp_path_factory.mktemp("home")
    (home / "seed.toml").write_text(SEED)
    with object_store(tmp_path_factory.mktemp("objects")) as url:
        given = ("--backend", f"s3={url}", "--backend", "*=none", "--seed", str(home / "seed.toml"))
        with up(bare_environment(home) | KEYS, "--ephemeral", *given) as running:
            running.client("s3").create_bucket(Bucket=BUCKET)
            yield running


def user(server: Running, name: str, *statements: dict[str, Any]) -> Any:
    """S3 as a new user who may that much."""
    iam = server.client("iam")
    iam.create_user(UserName=name)
    if statements:
        iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=policy(*statements))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return s3(server, key["AccessKeyId"], key["SecretAccessKey"])


def s3(server: Running, key_id: str, secret: str) -> Any:
    """S3 with a key; version 4 also for presigned URLs."""
    return boto3.client(
        "s3",
        endpoint_url=server.endpoint,
        region_name="us-east-1",
        aws_access_key_id=key_id,
        aws_secret_access_key=secret,
        config=Config(signature_version="s3v4", retries={"total_max_attempts": 1}),
    )


def code(raised: pytest.ExceptionInfo[ClientError]) -> str:
    found: str = raised.value.response["Error"]["Code"]
    return found


def test_who_may_nothing_gets_nothing(server: Running) -> None:
    server.client("s3").put_object(Bucket=BUCKET, Key="kept", Body=b"kept")
    nobody = user(server, "nobody")
    for call, more in (
        ("get_object", {"Key": "kept"}),
        ("put_object", {"Key": "kept", "Body": b"changed"}),
        ("delete_object", {"Key": "kept"}),
        ("list_objects_v2", {}),
        ("delete_bucket", {}),
    ):
        with pytest.raises(ClientError) as raised:
            getattr(nobody, call)(Bucket=BUCKET, **more)
        assert code(raised) == "AccessDenied"
    assert server.client("s3").get_object(Bucket=BUCKET, Key="kept")["Body"].read() == b"kept"


def test_who_may_read_one_prefix_reads_it_and_no_other(server: Running) -> None:
    root = server.client("s3")
    for key in ("in/a b.txt", "in/ü", "out/c"):
        root.put_object(Bucket=BUCKET, Key=key, Body=key.encode())
    listing = allow("s3:ListBucket", on=f"arn:aws:s3:::{BUCKET}")
    listing["Condition"] = {"StringLike": {"s3:prefix": "in/*"}}
    reader = user(server, "reader", allow("s3:GetObject", on=f"arn:aws:s3:::{BUCKET}/in/*"), listing)
    for key in ("in/a b.txt", "in/ü"):
        assert reader.get_object(Bucket=BUCKET, Key=key)["Body"].read() == key.encode()
    assert reader.get_object(Bucket=BUCKET, Key="in/a b.txt", Range="bytes=3-3")["Body"].read() == b"a"
    listed = reader.list_objects_v2(Bucket=BUCKET, Prefix="in/")["Contents"]
    assert [each["Key"] for each in listed] == ["in/a b.txt", "in/ü"]
    for call, more in (
        ("get_object", {"Key": "out/c"}),
        ("list_objects_v2", {"Prefix": "out/"}),
        ("put_object", {"Key": "in/x"}),
    ):
        with pytest.raises(ClientError) as raised:
            getattr(reader, call)(Bucket=BUCKET, **more)
        assert code(raised) == "AccessDenied"


def test_what_is_not_there_is_said_in_the_stores_words(server: Running) -> None:
    with pytest.raises(ClientError) as raised:
        server.client("s3").get_object(Bucket=BUCKET, Key="absent")
    assert code(raised) == "NoSuchKey"


def test_a_large_file_goes_up_in_parts_and_comes_back(server: Running, tmp_path: Path) -> None:
    source, found = tmp_path / "source", tmp_path / "found"
    source.write_bytes(bytes(range(256)) * (13 << 12))
    parts = TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20)
    root = server.client("s3")
    root.upload_file(str(source), BUCKET, "large", Config=parts)
    root.download_file(BUCKET, "large", str(found), Config=parts)
    assert found.read_bytes() == source.read_bytes()


def test_a_presigned_url_opens_one_object_for_who_may(server: Running) -> None:
    server.client("s3").put_object(Bucket=BUCKET, Key="shown", Body=b"shown")
    may = user(server, "may", allow("s3:GetObject", on=f"arn:aws:s3:::{BUCKET}/shown"))
    may_not = user(server, "may-not")
    url = may.generate_presigned_url("get_object", {"Bucket": BUCKET, "Key": "shown"})
    with urllib.request.urlopen(url) as answer:
        assert answer.read() == b"shown"
    for refused in (
        may_not.generate_presigned_url("get_object", {"Bucket": BUCKET, "Key": "shown"}),
        url.replace("/shown", "/kept"),
        url.partition("?")[0],
    ):
        with pytest.raises(urllib.error.HTTPError) as raised:
            urllib.request.urlopen(refused)
        assert raised.value.code == 403
        raised.value.close()


def test_another_account_has_no_key_there(server: Running) -> None:
    other = s3(server, "other_root", "other_secret")
    with pytest.raises(ClientError) as raised:
        other.create_bucket(Bucket="others")
    assert code(raised) == "ServiceUnavailable"
    assert "222222222222 has no access key" in str(raised.value)
    with pytest.raises(ClientError) as raised:
        other.get_object(Bucket=BUCKET, Key="kept")
    assert code(raised) == "AccessDenied"


def test_what_has_nothing_behind_says_so(server: Running) -> None:
    with pytest.raises(ClientError) as raised:
        server.client("sqs").list_queues()
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_the_server_says_what_stands_behind(server: Running) -> None:
    with urllib.request.urlopen(f"{server.endpoint}/_rolekeeper/health") as answer:
        behind = json.load(answer)["behind"]
    assert list(behind) == ["s3", "*"]
    assert behind["s3"].startswith("http://127.0.0.1:")
    assert behind["*"] == "nothing"
    assert SECRET_ACCESS_KEY not in json.dumps(behind)
