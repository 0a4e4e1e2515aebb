"""From a signature to a caller: whose key it is, in which order the checks are, and what is remembered."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from rolekeeper.wire.http import HttpRequest, HttpResponse
from tests.client import LocalWorld, Person, http_request
from tests.people import allow, assume, refused, role, user

BODIES = {
    "iam": b"Action=GetUser&Version=2010-05-08",
    "sts": b"Action=GetCallerIdentity&Version=2011-06-15",
}
MakeWorld = Callable[..., LocalWorld]
FORM = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}


def signed(
    world: LocalWorld, to: str, *, service: str | None = None, region: str = "us-east-1", **more: Any
) -> HttpRequest:
    """A request to a service, signed for a scope that may be another's, by root or the given keys."""
    keys = more.get("keys") or Credentials(world.server.root_access_key_id, world.server.root_secret.reveal())
    request = AWSRequest(method="POST", url="https://localhost/", data=BODIES[to], headers=FORM)
    SigV4Auth(keys, service or to, region).add_auth(request)
    return http_request(request.prepare())


def code(answer: HttpResponse) -> tuple[int, str]:
    found = re.search(rb"<Code>(\w+)</Code>", answer.body)
    return answer.status, found[1].decode() if found else ""


def test_a_request_that_is_not_signed(local: LocalWorld) -> None:
    request = HttpRequest(method="POST", path="/", headers=tuple(FORM.items()), body=BODIES["sts"])
    assert code(local.server.dispatch(request)) == (403, "MissingAuthenticationToken")


@pytest.mark.parametrize(
    ("to", "scope"),
    [
        ("iam", {"region": "eu-west-1"}),
        ("iam", {"service": "sts"}),
        ("sts", {"service": "iam"}),
        ("sts", {"region": "nowhere"}),
        ("sts", {"region": ""}),
    ],
)
def test_a_scope_that_is_not_the_services(local: LocalWorld, to: str, scope: dict[str, str]) -> None:
    answer = local.server.dispatch(signed(local, to, **scope))
    assert code(answer)[0] in (400, 403)
    assert code(answer)[1] in ("SignatureDoesNotMatch", "IncompleteSignature")
    if scope != {"region": ""}:
        assert b"Credential should be scoped to" in answer.body
    assert local.server.dispatch(signed(local, to)).status == 200


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1", "ap-southeast-3", "cn-north-1"])
def test_sts_is_in_every_region(local: LocalWorld, region: str) -> None:
    assert local.server.dispatch(signed(local, "sts", region=region)).status == 200


@pytest.mark.parametrize("region", ["us-east-1", "cn-north-1", "us-gov-west-1"])
def test_iam_is_in_one_region_of_each_partition(local: LocalWorld, region: str) -> None:
    assert local.server.dispatch(signed(local, "iam", region=region)).status == 200


@pytest.mark.parametrize("scope", [{"region": "nowhere"}, {"region": ""}, {"service": "sts"}])
def test_any_region_is_still_one_that_there_is(world_with: MakeWorld, scope: dict[str, str]) -> None:
    world = world_with(iam_any_region=True)
    assert world.server.dispatch(signed(world, "iam", **scope)).status in (400, 403)


def test_iam_takes_any_region_where_that_is_wanted_and_is_in_its_own(world_with: MakeWorld) -> None:
    world = world_with(iam_any_region=True)
    here = {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}
    user(world.root, "bob", allow("iam:GetUser", on="arn:aws:iam::*:user/bob", Condition=here))
    key = world.root.iam.create_access_key(UserName="bob")["AccessKey"]
    keys = Credentials(key["AccessKeyId"], key["SecretAccessKey"])
    answer = world.server.dispatch(signed(world, "iam", region="eu-west-1", keys=keys))
    assert answer.status == 200
    assert world.events()[-1]["awsRegion"] == "us-east-1"
    other = world.server.dispatch(signed(world, "sts", region="eu-west-1", keys=keys))
    assert other.status == 200
    assert world.events()[-1]["awsRegion"] == "eu-west-1"


def test_a_presigned_request_is_as_good_until_its_end(local: LocalWorld) -> None:
    keys = Credentials(local.server.root_access_key_id, local.server.root_secret.reveal())
    request = AWSRequest(method="GET", url=f"https://localhost/?{BODIES['sts'].decode()}")
    SigV4QueryAuth(keys, "sts", "us-east-1", expires=60).add_auth(request)
    sent = http_request(request.prepare())
    assert local.server.dispatch(sent).status == 200
    # The server's moved time is for sessions and policies, not for the date of a signature.
    local.advance(100)
    assert local.server.dispatch(sent).status == 200
    changed = HttpRequest(
        method="GET", path="/", query=sent.query.replace("Expires=60", "Expires=61"), headers=sent.headers
    )
    assert code(local.server.dispatch(changed)) == (403, "SignatureDoesNotMatch")


def test_an_unknown_key_and_a_wrong_secret_are_told_apart(local: LocalWorld) -> None:
    unknown = Credentials("AKIAUNKNOWNUNKNOWN22", "x")
    wrong = Credentials(local.server.root_access_key_id, "x")
    dispatch = local.server.dispatch
    assert code(dispatch(signed(local, "sts", keys=unknown))) == (403, "InvalidClientTokenId")
    assert code(dispatch(signed(local, "sts", keys=wrong))) == (403, "SignatureDoesNotMatch")


def test_a_long_lived_key_with_a_token_is_refused(local: LocalWorld) -> None:
    token = local.root.sts.get_session_token()["Credentials"]["SessionToken"]
    keys = Credentials(local.server.root_access_key_id, local.server.root_secret.reveal(), token)
    assert code(local.server.dispatch(signed(local, "sts", keys=keys))) == (403, "InvalidClientTokenId")


def test_an_expired_session_with_a_wrong_signature_is_no_expired_session(local: LocalWorld) -> None:
    token = local.root.sts.get_session_token()["Credentials"]
    local.advance(3601)
    right = Credentials(token["AccessKeyId"], token["SecretAccessKey"], token["SessionToken"])
    wrong = Credentials(token["AccessKeyId"], "x", token["SessionToken"])
    dispatch = local.server.dispatch
    assert code(dispatch(signed(local, "sts", keys=right))) == (403, "ExpiredToken")
    assert code(dispatch(signed(local, "sts", keys=wrong))) == (403, "SignatureDoesNotMatch")


def test_another_servers_token_is_refused(local: LocalWorld) -> None:
    stranger = LocalWorld()
    credentials = stranger.root.sts.get_session_token()["Credentials"]
    stranger.close()
    with refused("InvalidClientTokenId", 403):
        local.person(credentials).sts.get_caller_identity()


def test_what_is_remembered_of_a_key_is_asked_anew_after_a_change(local: LocalWorld) -> None:
    root = local.root
    bob = user(root, "bob")
    assert bob.arn.endswith("user/bob")
    root.iam.update_user(UserName="bob", NewUserName="robert")
    assert bob.arn.endswith("user/robert")
    for status in ("Inactive", "Active", "Inactive"):
        root.iam.update_access_key(UserName="robert", AccessKeyId=bob.key_id, Status=status)
        if status == "Active":
            assert bob.arn.endswith("user/robert")
        else:
            with refused("InvalidClientTokenId", 403):
                bob.sts.get_caller_identity()


def test_a_reset_makes_all_tokens_and_keys_but_roots_void(local: LocalWorld) -> None:
    root = local.root
    bob = user(root, "bob", allow("sts:AssumeRole"))
    session = assume(bob, role(root, "dev", root.account))
    local.advance(1000)
    local.server.reset()
    for gone in (bob, session):
        with refused("InvalidClientTokenId", 403):
            gone.sts.get_caller_identity()
    assert root.iam.list_users()["Users"] == []
    assert abs((local.server.clock.now() - local.server.clock.real()).total_seconds()) < 1


def test_two_accounts_may_have_the_same_names(root: Person, other: Person) -> None:
    ours, theirs = user(root, "bob", allow("iam:ListUsers")), user(other, "bob")
    ours.iam.list_users()
    with refused("AccessDenied", 403):
        theirs.iam.list_users()
