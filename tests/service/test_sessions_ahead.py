"""Who signed a request to S3 whose body has not come yet, and what S3 says to who has not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rolekeeper.errors import AwsError, SignatureDoesNotMatch
from rolekeeper.policy.context import AccountRoot, AssumedRole
from rolekeeper.service.call import Caller
from rolekeeper.wire import model
from rolekeeper.wire.http import HttpRequest
from rolekeeper.wire.sigv4_ahead import Seal
from tests.client import LocalWorld
from tests.people import allow, role, user
from tests.wire.forms import signed_fields
from tests.wire.s3_signers import STREAMING, presigned_to_s3, signed_to_s3
from tests.wire.signers import replaced, with_header


def now() -> datetime:
    return datetime.now(UTC)


def root_keys(world: LocalWorld) -> tuple[str, str]:
    return world.server.root_access_key_id, world.server.root_secret.reveal()


def authenticated(world: LocalWorld, request: HttpRequest, to: str = "s3") -> tuple[Caller, Seal]:
    sessions = world.server._service.sessions
    with world.server.store.read() as tx:
        return sessions.authenticate_ahead(request, sessions.signature(request), model.service(to), tx)


def refused(world: LocalWorld, request: HttpRequest) -> tuple[str, int, str]:
    with pytest.raises(AwsError) as error:
        authenticated(world, request)
    return error.value.code, error.value.status, error.value.message


def test_who_signs_is_known_before_the_body_comes(local: LocalWorld) -> None:
    request = signed_to_s3(content=STREAMING, keys=root_keys(local), at=now())
    caller, seal = authenticated(local, request)
    assert isinstance(caller.principal, AccountRoot)
    assert seal.content.text == STREAMING
    assert seal.chain is not None
    caller, seal = authenticated(local, presigned_to_s3(keys=root_keys(local), at=now()))
    assert seal.content.text == "UNSIGNED-PAYLOAD"


def test_a_session_signs_as_well_until_its_end(local: LocalWorld) -> None:
    keys = session(local)
    request = signed_to_s3(**keys, at=now())
    caller, _ = authenticated(local, request)
    assert isinstance(caller.principal, AssumedRole)
    local.advance(3601)
    assert refused(local, request) == ("ExpiredToken", 400, "The provided token has expired.")


def session(world: LocalWorld) -> dict[str, Any]:
    """The keys of a role's session, as a signer takes them."""
    bob = user(world.root, "bob", allow("sts:AssumeRole"))
    arn = role(world.root, "reader", bob.arn)
    found = bob.sts.assume_role(RoleArn=arn, RoleSessionName="session")["Credentials"]
    return {"keys": (found["AccessKeyId"], found["SecretAccessKey"]), "token": found["SessionToken"]}


def test_every_region_is_signed_for(local: LocalWorld) -> None:
    authenticated(local, signed_to_s3(keys=root_keys(local), region="ap-southeast-3", at=now()))
    code, status, message = refused(local, signed_to_s3(keys=root_keys(local), region="nowhere", at=now()))
    assert (code, status) == ("AuthorizationHeaderMalformed", 400)
    assert message.startswith("The authorization header is malformed; ")


def test_what_s3_says_of_credentials(local: LocalWorld) -> None:
    unknown = signed_to_s3(keys=("AKIAUNKNOWNUNKNOWN22", "x"), at=now())
    assert refused(local, unknown) == (
        "InvalidAccessKeyId",
        403,
        "The AWS Access Key Id you provided does not exist in our records.",
    )
    keys = root_keys(local)
    assert refused(local, signed_to_s3(keys=(keys[0], "x"), at=now()))[:2] == ("SignatureDoesNotMatch", 403)
    strange = signed_to_s3(keys=keys, token="token", at=now())
    assert refused(local, strange)[:2] == ("InvalidToken", 400)
    others = session(local)
    mixed = signed_to_s3(keys=keys, token=others["token"], at=now())
    assert refused(local, mixed)[:2] == ("InvalidToken", 400)


def test_what_s3_says_of_time(local: LocalWorld) -> None:
    keys = root_keys(local)
    late = signed_to_s3(keys=keys, at=now() - timedelta(minutes=17))
    assert refused(local, late)[:2] == ("RequestTimeTooSkewed", 403)
    over = presigned_to_s3(keys=keys, expires=60, at=now() - timedelta(seconds=70))
    assert refused(local, over) == ("AccessDenied", 403, "Request has expired")
    early = presigned_to_s3(keys=keys, at=now() + timedelta(minutes=17))
    assert refused(local, early) == ("AccessDenied", 403, "Request is not yet valid")


def test_what_s3_says_of_what_is_not_signed(local: LocalWorld) -> None:
    request = signed_to_s3(keys=root_keys(local), at=now())
    assert refused(local, with_header(request, "x-amz-content-sha256", None))[:2] == ("InvalidRequest", 400)


def test_a_signature_for_another_service_is_not_s3s(local: LocalWorld) -> None:
    request = signed_to_s3(keys=root_keys(local), service="dynamodb", at=now())
    assert refused(local, request)[:2] == ("AuthorizationHeaderMalformed", 400)


def test_a_body_that_has_come_already_is_the_one_that_was_signed(local: LocalWorld) -> None:
    request = signed_to_s3(keys=root_keys(local), body=b"abc", at=now())
    authenticated(local, request)
    authenticated(local, replaced(request, body=b"abc"))
    assert refused(local, replaced(request, body=b"abd"))[0] == "XAmzContentSHA256Mismatch"
    framed = signed_to_s3(keys=root_keys(local), content=STREAMING, at=now())
    assert refused(local, replaced(framed, body=b"0"))[0] == "XAmzContentSHA256Mismatch"
    unsigned = signed_to_s3(keys=root_keys(local), content="UNSIGNED-PAYLOAD", at=now())
    authenticated(local, replaced(unsigned, body=b"abc"))


def test_another_service_keeps_its_words_and_must_be_told_of_the_body(local: LocalWorld) -> None:
    request = signed_to_s3(keys=root_keys(local), service="ebs", content="UNSIGNED-PAYLOAD", at=now())
    authenticated(local, request, "ebs")
    with pytest.raises(SignatureDoesNotMatch):
        authenticated(local, signed_to_s3(keys=root_keys(local), at=now()), "ebs")
    with pytest.raises(SignatureDoesNotMatch):
        authenticated(local, with_header(request, "x-amz-content-sha256", None), "ebs")


@pytest.mark.parametrize("content", ["UNSIGNED-PAYLOAD", STREAMING, "STREAMING-UNSIGNED-PAYLOAD-TRAILER"])
def test_most_services_take_no_body_that_is_not_signed(local: LocalWorld, content: str) -> None:
    request = signed_to_s3("POST", keys=root_keys(local), service="dynamodb", content=content, at=now())
    with pytest.raises(SignatureDoesNotMatch):
        authenticated(local, request, "dynamodb")
    hashed = signed_to_s3("POST", keys=root_keys(local), service="dynamodb", body=b"{}", at=now())
    authenticated(local, hashed, "dynamodb")
    authenticated(local, replaced(hashed, body=b"{}"), "dynamodb")
    with pytest.raises(SignatureDoesNotMatch):
        authenticated(local, replaced(hashed, body=b"[]"), "dynamodb")


# -- forms ------------------------------------------------------------------------------------------


def form_of(world: LocalWorld, **more: Any) -> dict[str, str]:
    ends = (now() + timedelta(minutes=10)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return signed_fields(**({"keys": root_keys(world), "at": now(), "expiration": ends} | more))


def posted(world: LocalWorld, fields: dict[str, str], bucket: str = "bucket") -> Any:
    with world.server.store.read() as tx:
        return world.server._service.sessions.authenticate_form(fields, bucket, tx)


def refused_form(world: LocalWorld, fields: dict[str, str], bucket: str = "bucket") -> tuple[str, int, str]:
    with pytest.raises(AwsError) as error:
        posted(world, fields, bucket)
    return error.value.code, error.value.status, error.value.message


def test_who_signed_a_form_is_known(local: LocalWorld) -> None:
    caller, signature = posted(local, form_of(local))
    assert isinstance(caller.principal, AccountRoot)
    assert signature.region == "us-east-1"
    assert posted(local, {"key": "a"}) is None
    caller, _ = posted(local, form_of(local, **session(local)))
    assert isinstance(caller.principal, AssumedRole)


def test_what_s3_says_of_forms(local: LocalWorld) -> None:
    fields = form_of(local)
    assert refused_form(local, fields, "other")[:2] == ("AccessDenied", 403)
    assert refused_form(local, fields | {"acl": "public-read"})[2].endswith("Extra input fields: acl")
    assert refused_form(local, fields | {"key": "user/b.txt"})[2].startswith(
        "Invalid according to Policy: Policy Condition failed"
    )
    over = form_of(local, expiration="2020-01-01T00:00:00Z")
    assert refused_form(local, over)[2] == "Invalid according to Policy: Policy expired."
    unknown = form_of(local, keys=("AKIAUNKNOWNUNKNOWN22", "x"))
    assert refused_form(local, unknown)[0] == "InvalidAccessKeyId"
    wrong = form_of(local, keys=(root_keys(local)[0], "x"))
    assert refused_form(local, wrong)[0] == "SignatureDoesNotMatch"
    changed = {name: value for name, value in fields.items() if name != "policy"} | {"policy": over["policy"]}
    assert refused_form(local, changed)[0] == "SignatureDoesNotMatch"
    nowhere = fields | {"x-amz-credential": fields["x-amz-credential"].replace("us-east-1", "nowhere")}
    assert refused_form(local, nowhere)[0] == "AuthorizationQueryParametersError"


def test_a_presigned_url_of_s3_says_how_long_it_is_good(local: LocalWorld) -> None:
    request = presigned_to_s3(keys=root_keys(local), at=now())
    without = replaced(request, query=request.query.replace("X-Amz-Expires=60&", ""))
    assert refused(local, without)[:2] == ("AuthorizationQueryParametersError", 400)
