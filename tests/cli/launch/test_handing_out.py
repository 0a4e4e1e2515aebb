"""Who gets a kept session's credentials."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from rolekeeper.cli.credentials import AccessPair
from rolekeeper.cli.iam_calls import CallRefused
from rolekeeper.cli.launch.assuming import Session
from rolekeeper.cli.launch.handing_out import HandingOut
from rolekeeper.cli.launch.keeping import Kept
from rolekeeper.cli.launch.listener import Asked
from rolekeeper.errors import ConfigurationError
from rolekeeper.iam.secret import Secret

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SESSION = Session(
    key=AccessPair(access_key_id="ASIA", secret=Secret("hidden"), token=Secret("token")),
    expiration=NOW + timedelta(hours=1),
    arn="arn:aws:sts::111111111111:assumed-role/reader/s",
)


class Times:
    now = NOW

    def __call__(self):
        return self.now

    def here(self, moment):
        return moment


@pytest.fixture
def times():
    return Times()


@pytest.fixture
def faults():
    return []


@pytest.fixture
def handing_out(times, faults):
    def renew():
        for fault in faults:
            raise fault
        return SESSION

    return HandingOut(Kept(renew, times))


def get(handing_out, token, target="/credentials", method="GET"):
    headers = {} if token is None else {"authorization": token}
    answer = handing_out(Asked(method=method, target=target, headers=headers))
    return answer.status, json.loads(answer.body)


@pytest.mark.parametrize("token", [None, "", "x", "Bearer x", "é\udc80"])
def test_a_stranger_without_the_token_gets_nothing(handing_out, token):
    for target in ("/credentials", "/", "/other"):
        status, told = get(handing_out, token, target)
        assert (status, told["code"]) == (403, "AccessDenied")


def test_the_token_is_the_whole_token(handing_out):
    token = handing_out.token.reveal()
    for wrong in (token[:-1], token + "x", token.swapcase(), f"Bearer {token}"):
        assert get(handing_out, wrong)[0] == 403


def test_there_is_one_path_and_one_method(handing_out):
    token = handing_out.token.reveal()
    assert get(handing_out, token, "/credentials/../x")[0] == 404
    assert get(handing_out, token, "/credentials?x")[0] == 404
    assert get(handing_out, token, method="POST")[0] == 405


def test_who_has_the_token_gets_the_credentials(handing_out):
    assert get(handing_out, handing_out.token.reveal()) == (
        200,
        {
            "AccessKeyId": "ASIA",
            "SecretAccessKey": "hidden",
            "Token": "token",
            "Expiration": "2026-01-01T01:00:00Z",
            "AccountId": "111111111111",
        },
    )


def test_a_role_that_refuses_is_told(handing_out, times, faults):
    times.now += timedelta(minutes=50)
    faults.append(CallRefused("AccessDenied", "not any more"))
    assert get(handing_out, handing_out.token.reveal()) == (
        403,
        {"code": "AccessDenied", "message": "not any more"},
    )


def test_a_server_that_is_gone_is_told_at_the_sessions_end(handing_out, times, faults):
    faults.append(ConfigurationError("no answer"))
    times.now += timedelta(minutes=50)
    assert get(handing_out, handing_out.token.reveal())[0] == 200
    times.now += timedelta(minutes=10)
    assert get(handing_out, handing_out.token.reveal())[0] == 503


def test_nothing_shows_the_secrets(handing_out):
    assert "hidden" not in repr(SESSION)
    assert handing_out.token.reveal() not in repr(vars(handing_out))
