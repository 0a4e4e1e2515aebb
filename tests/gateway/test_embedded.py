"""The embedded backend is reached by this process alone, keeps accounts apart, and ends with us."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import stat
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from rolekeeper.errors import NotImplementedByServer, ServiceFailure
from rolekeeper.gateway.backends import Backends
from rolekeeper.gateway.embedded import Embedded, installed
from tests.gateway.wires import Request, pieces, read

A, B = "111111111111", "222222222222"
pytestmark = pytest.mark.skipif(not installed(), reason="the extra `local` is not installed")


class World:
    """The embedded backend in one event loop, which the tests of this file share."""

    def __init__(self) -> None:
        self.runner = asyncio.Runner()
        self.embedded = Embedded("localhost:4566")
        self.backends = Backends({"*": self.embedded})
        self.runner.run(self.backends.start())

    def call(
        self,
        service: str,
        request: Request,
        body: AsyncIterator[bytes] | None = None,
        account: str = A,
        region: str = "eu-west-1",
        **more: Any,
    ) -> tuple[int, bytes]:
        return self.runner.run(read(self.backends.open(service, request, body, account, region, **more)))

    def json(
        self, service: str, target: str, account: str = A, region: str = "eu-west-1", **asked: Any
    ) -> Any:
        headers = (("x-amz-target", target), ("content-type", "application/x-amz-json-1.0"))
        request = Request(method="POST", headers=headers, body=json.dumps(asked).encode())
        status, answer = self.call(service, request, account=account, region=region)
        return json.loads(answer) if answer else status


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    made = World()
    yield made
    made.runner.run(made.backends.close())
    made.runner.close()


def test_nobody_else_can_reach_it(world: World) -> None:
    address = world.runner.run(world.embedded.address())
    assert address.socket is not None
    place = Path(address.socket)
    assert stat.S_ISSOCK(place.stat().st_mode)
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(place.stat().st_mode) & 0o077 == 0
    child = world.embedded._child
    assert child is not None
    links = [str(each.readlink()) for each in Path(f"/proc/{child.pid}/fd").iterdir() if each.is_symlink()]
    sockets = {link[8:-1] for link in links if link.startswith("socket:")}
    for table in ("tcp", "tcp6", "udp", "udp6"):
        rows = Path(f"/proc/{child.pid}/net/{table}").read_text().splitlines()[1:]
        assert not sockets & {row.split()[9] for row in rows}


def test_it_knows_no_credentials_and_nothing_is_on_its_command_line(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "real")
    monkeypatch.setenv("ROLEKEEPER_KEY", "real")
    world.runner.run(world.embedded.close())
    world.runner.run(world.embedded.address())
    child = world.embedded._child
    assert child is not None
    environment = Path(f"/proc/{child.pid}/environ").read_bytes()
    assert b"real" not in environment
    assert b"ROLEKEEPER" not in environment
    assert b"EMBEDDED" not in Path(f"/proc/{child.pid}/cmdline").read_bytes()


def test_it_is_never_asked_for_what_is_answered_here(world: World) -> None:
    for service in (
        "iam",
        "sts",
        "organizations",
        "moto_api",
        "moto-server",
        "core",
        "instance_metadata",
        "..",
    ):
        assert not world.embedded.has(service)
    for service in ("s3", "lambda", "elbv2", "cognito-idp", "timestream-write", "docdb"):
        assert world.embedded.has(service)


def test_accounts_are_apart_and_regions_too(world: World) -> None:
    made = world.json("sqs", "AmazonSQS.CreateQueue", QueueName="jobs")
    assert made == {"QueueUrl": f"http://localhost:4566/{A}/jobs"}
    assert world.json("sqs", "AmazonSQS.ListQueues")["QueueUrls"] == [made["QueueUrl"]]
    assert world.json("sqs", "AmazonSQS.ListQueues", account=B) == {}
    assert world.json("sqs", "AmazonSQS.ListQueues", region="us-east-2") == {}


def test_its_urls_are_those_that_clients_know() -> None:
    async def work() -> bytes:
        backends = Backends({"*": Embedded("rolekeeper.example:8443", scheme="https")})
        headers = (("x-amz-target", "AmazonSQS.CreateQueue"), ("content-type", "application/x-amz-json-1.0"))
        made = Request(method="POST", headers=headers, body=b'{"QueueName": "q"}')
        try:
            return (await read(backends.open("sqs", made, None, A, "eu-west-1")))[1]
        finally:
            await backends.close()

    assert json.loads(asyncio.run(work()))["QueueUrl"] == f"https://rolekeeper.example:8443/{A}/q"


@pytest.mark.parametrize("key", ["/moto-api/reset", "/latest/meta-data/", "/x.us-east-2.amazonaws.com/k"])
def test_no_path_leads_to_anything_but_the_service(world: World, key: str) -> None:
    bucket = "/" + key.split("/")[1]
    world.call("s3", Request(method="PUT", path=bucket), region="us-east-1")
    world.json("sqs", "AmazonSQS.CreateQueue", QueueName="still-there")
    status, _ = world.call("s3", Request(method="PUT", path=key, body=b"x"))
    assert status == 200
    assert world.call("s3", Request(path=key)) == (200, b"x")
    assert world.json("sqs", "AmazonSQS.ListQueues", QueueNamePrefix="still")["QueueUrls"]


@pytest.mark.parametrize(
    "key",
    ["/names//two", "/names/a/../b", "/names/%E2%82%AC%20", "/names/a.b-c_d~", "/names/%2541", "/names/"],
)
def test_names_of_objects_stay_as_they_are(world: World, key: str) -> None:
    world.call("s3", Request(method="PUT", path="/names"), region="us-east-1")
    if key != "/names/":
        assert world.call("s3", Request(method="PUT", path=key, body=key.encode()))[0] == 200
        assert world.call("s3", Request(path=key)) == (200, key.encode())


@pytest.mark.parametrize("length", [10, None])
def test_a_body_that_breaks_off_is_not_kept(world: World, length: int | None) -> None:
    world.call("s3", Request(method="PUT", path="/broken"), region="us-east-1")
    put = Request(method="PUT", path="/broken/k", body=None)
    with pytest.raises(KeyError):
        world.call("s3", put, pieces(b"abc", KeyError("signature")), length=length)
    assert world.call("s3", Request(path="/broken/k"))[0] == 404


def test_a_bucket_policy_decides_nothing_there(world: World) -> None:
    world.call("s3", Request(method="PUT", path="/judged"), region="us-east-1")
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*", "Principal": "*"}
    policy = {"Version": "2012-10-17", "Statement": [deny]}
    put = Request(method="PUT", path="/judged", query="policy=", body=json.dumps(policy).encode())
    assert world.call("s3", put)[0] in (200, 204)
    assert world.call("s3", Request(method="PUT", path="/judged/k", body=b"x"))[0] == 200


def test_it_reaches_nobody(world: World) -> None:
    form = (("content-type", "application/x-www-form-urlencoded"),)

    def sns(action: str, **asked: str) -> tuple[int, bytes]:
        body = urlencode({"Action": action, "Version": "2010-03-31"} | asked).encode()
        return world.call("sns", Request(method="POST", headers=form, body=body))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        topic = f"arn:aws:sns:eu-west-1:{A}:told"
        assert sns("CreateTopic", Name="told")[0] == 200
        assert sns("Subscribe", TopicArn=topic, Protocol="http", Endpoint=url)[0] == 200
        assert sns("Publish", TopicArn=topic, Message="hello")[0] == 200
        listener.settimeout(0.2)
        with pytest.raises(TimeoutError):
            listener.accept()


@pytest.mark.parametrize("operation", ["CreateStack", "ValidateTemplate", "CreateChangeSet"])
@pytest.mark.parametrize(
    "tag",
    ["object/apply:builtins.open", "object/new:builtins.open", "name:os.system", "module:os"],
)
def test_a_template_runs_nothing(world: World, tmp_path: Path, operation: str, tag: str) -> None:
    made = tmp_path / "made"
    template = f'Description: !!python/{tag} ["{made}", "w"]\nResources: {{Q: {{Type: "AWS::SQS::Queue"}}}}\n'
    asked = {"TemplateBody": template}
    if operation != "ValidateTemplate":
        asked |= {"StackName": f"s{len(tag)}", "ChangeSetName": "c", "ChangeSetType": "CREATE"}
        asked |= {} if operation == "CreateChangeSet" else {"ChangeSetName": ""}
    body = urlencode({"Action": operation, "Version": "2010-05-15"} | asked).encode()
    headers = (("content-type", "application/x-www-form-urlencoded"),)
    with contextlib.suppress(ServiceFailure):
        world.call("cloudformation", Request(method="POST", headers=headers, body=body))
    assert not made.exists()


def test_a_template_of_yaml_is_one(world: World) -> None:
    template = (
        "Resources:\n  Q:\n    Type: AWS::SQS::Queue\n    Properties: {QueueName: !Sub 'of-${AWS::Region}'}\n"
    )
    for operation in ("ValidateTemplate", "CreateStack"):
        asked = {"Action": operation, "Version": "2010-05-15", "StackName": "yaml", "TemplateBody": template}
        headers = (("content-type", "application/x-www-form-urlencoded"),)
        request = Request(method="POST", headers=headers, body=urlencode(asked).encode())
        assert world.call("cloudformation", request)[0] == 200
    assert "of-eu-west-1" in str(world.json("sqs", "AmazonSQS.ListQueues"))


def test_a_role_that_is_kept_here_is_good_enough_for_it(world: World) -> None:
    code = "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA=="
    asked = {"FunctionName": "f", "Runtime": "python3.12", "Handler": "a.b", "Code": {"ZipFile": code}}
    body = json.dumps(asked | {"Role": f"arn:aws:iam::{A}:role/app"}).encode()
    request = Request(method="POST", path="/2015-03-31/functions", body=body)
    status, answer = world.call("lambda", request)
    assert (status, json.loads(answer)["Role"]) == (201, f"arn:aws:iam::{A}:role/app")


def test_what_it_does_not_have_is_not_implemented(world: World) -> None:
    with pytest.raises(NotImplementedByServer):
        world.json("sqs", "AmazonSQS.StartMessageMoveTask", SourceArn=f"arn:aws:sqs:eu-west-1:{A}:q")
    with pytest.raises(NotImplementedByServer):
        world.call("lambda", Request(path="/2015-03-31/no-such-thing/x/y"))


def test_what_it_fails_in_is_a_fault_of_ours(world: World) -> None:
    with pytest.raises(ServiceFailure, match="embedded"):
        world.json("sqs", "AmazonSQS.NoSuchOperation")


def test_a_reset_forgets_everything(world: World) -> None:
    world.json("sqs", "AmazonSQS.CreateQueue", QueueName="gone")
    world.call("s3", Request(method="PUT", path="/gone"), account=B, region="us-east-1")
    child = world.embedded._child
    world.runner.run(world.backends.reset())
    assert world.embedded._child is child
    assert world.json("sqs", "AmazonSQS.ListQueues") == {}
    assert world.call("s3", Request(path="/gone"), account=B)[0] == 404


def test_a_child_that_cannot_be_reset_is_another_one_afterwards(world: World) -> None:
    world.json("sqs", "AmazonSQS.CreateQueue", QueueName="gone")
    child = world.embedded._child
    assert child is not None
    child.kill()
    world.runner.run(child.wait())
    world.runner.run(world.backends.reset())
    assert world.embedded._child is not child
    assert world.json("sqs", "AmazonSQS.ListQueues") == {}


def test_a_child_that_has_ended_by_itself_is_started_anew(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    child = world.embedded._child
    assert child is not None
    child.kill()
    world.runner.run(child.wait())
    assert world.json("sqs", "AmazonSQS.ListQueues") == {}
    assert "all is lost that it kept" in caplog.text
