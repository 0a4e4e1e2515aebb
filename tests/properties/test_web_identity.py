"""For anything that an issuer may sign, and anything that is no token: an answer, and never a failure."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rolekeeper.wire.http import HttpRequest, HttpResponse
from tests.client import ACCOUNT, LocalWorld
from tests.issuers import Issuer, SigningKey
from tests.operations.test_web_identity import AUDIENCE, provider, trusting_role

EXAMPLES = settings(max_examples=5_000 if os.environ.get("RK_FUZZ") else 200, deadline=None)

TAGS, SOURCE_IDENTITY = "https://aws.amazon.com/tags", "https://aws.amazon.com/source_identity"


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with Issuer(keys=(SigningKey("k", "ES256"),)) as found:
        yield found


@pytest.fixture(scope="module")
def there(issuer: Issuer) -> Iterator[LocalWorld]:
    """A server with a role for everybody whom the issuer vouches for, with all that they may bring."""
    world = LocalWorld(federation_hosts=issuer.hosts)
    provider(world.root, issuer)
    trusting_role(world.root, issuer, {}, "sts:TagSession", "sts:SetSourceIdentity")
    yield world
    world.close()


def ask(world: LocalWorld, token: str) -> HttpResponse:
    form = {
        "Action": "AssumeRoleWithWebIdentity",
        "Version": "2011-06-15",
        "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/app",
        "RoleSessionName": "session",
        "WebIdentityToken": token,
    }
    headers = [("host", "sts"), ("content-type", "application/x-www-form-urlencoded")]
    body = urlencode(form, errors="replace").encode()
    return world.server.dispatch(HttpRequest(method="POST", path="/", query="", headers=headers, body=body))


TEXT = st.text(max_size=6) | st.sampled_from(
    ["\x00", "\x1b[31m", "</a>", "\uffff", "${aws:username}", "*", "aws:x"]
)
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
TAG = TEXT | st.lists(TEXT, max_size=2)
NESTED = st.fixed_dictionaries(
    {},
    optional={
        "principal_tags": st.dictionaries(TEXT, TAG) | VALUE,
        "transitive_tag_keys": st.lists(TEXT) | VALUE,
    },
)
CLAIMS = st.fixed_dictionaries(
    {},
    optional={
        "sub": TEXT | VALUE,
        "aud": st.just(AUDIENCE) | st.lists(st.just(AUDIENCE) | TEXT) | VALUE,
        "azp": st.just(AUDIENCE) | VALUE,
        "amr": VALUE,
        "iat": VALUE,
        "nbf": VALUE,
        TAGS: NESTED | VALUE,
        f"{TAGS}/principal_tags/team": TAG | VALUE,
        f"{TAGS}/transitive_tag_keys": st.just(["team"]) | VALUE,
        SOURCE_IDENTITY: TEXT | VALUE,
    },
)


@EXAMPLES
@given(claims=CLAIMS, more=st.dictionaries(TEXT, VALUE, max_size=3))
def test_whatever_an_issuer_signs_has_an_answer(
    there: LocalWorld, issuer: Issuer, claims: dict[str, Any], more: dict[str, Any]
) -> None:
    answer = ask(there, issuer.token(**{**more, **claims}))
    assert answer.status in (200, 400, 403), answer.body
    assert answer.body.startswith(b"<")
    event = json.loads(list(there.server.store.events())[-1][1].document)
    assert event["eventName"] == "AssumeRoleWithWebIdentity"
    assert "errorCode" in event or answer.status == 200


@EXAMPLES
@given(
    st.text(max_size=40) | st.from_regex(r"[A-Za-z0-9_=-]{0,20}(\.[A-Za-z0-9_=-]{0,20}){0,4}", fullmatch=True)
)
def test_whatever_is_no_token_is_refused(there: LocalWorld, text: str) -> None:
    assert ask(there, text).status in (400, 404)  # AWS has 404 for a form that cannot be read
