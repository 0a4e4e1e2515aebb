"""CloudTrail's record: what is shown of a call, and what never is."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from rolekeeper.audit import cloudtrail

NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


def record(**more: Any) -> dict[str, Any]:
    """A record of a call, with whatever is different."""
    known: dict[str, Any] = {
        "event_id": "e",
        "time": NOW,
        "service": "iam",
        "name": "GetRole",
        "region": "us-east-1",
        "identity": '{"type":"Root"}',
        "account": "111111111111",
        "source_ip": "127.0.0.1",
        "user_agent": "test",
        "request_id": "r",
        "read_only": True,
    }
    sensitive = frozenset(more.pop("sensitive", ()))
    known["parameters"] = cloudtrail.elements(more.pop("request", None), sensitive)
    known["response"] = cloudtrail.elements(more.pop("response", None), sensitive)
    found: dict[str, Any] = json.loads(cloudtrail.record(**{**known, **more}))
    return found


@pytest.mark.parametrize(
    "name", ["SecretAccessKey", "SessionToken", "TokenCode", "Password", "SAMLAssertion"]
)
def test_a_secret_is_left_out_at_any_depth(name: str) -> None:
    shown = record(request={name: "hunter2", "A": {"B": [{name: "hunter2", "C": "d"}]}})
    assert "hunter2" not in json.dumps(shown)
    assert shown["requestParameters"] == {"a": {"b": [{"c": "d"}]}}


def test_what_the_model_calls_sensitive_is_hidden() -> None:
    shown = record(request={"Mine": "hunter2", "Other": 1}, sensitive={"Mine"})
    assert shown["requestParameters"] == {"mine": cloudtrail.HIDDEN, "other": 1}


def test_no_kind_of_mapping_hides_a_secret() -> None:
    class Kept(dict[str, Any]):
        pass

    text = cloudtrail.elements({"Credentials": Kept({"SessionToken": "t", "AccessKeyId": "ASIA"})})
    assert json.loads(text) == {"credentials": {"accessKeyId": "ASIA"}}


def test_bytes_are_hidden() -> None:
    assert record(request={"Blob": b"hunter2"})["requestParameters"] == {"blob": cloudtrail.HIDDEN}


def test_long_texts_are_cut() -> None:
    long = "x" * 100_000
    shown = record(request={"A": long}, user_agent=long, error=("Code", long))
    assert len(json.dumps(shown)) < 4 * cloudtrail.MAX_TEXT


def test_times_are_utc_to_the_second() -> None:
    shown = record(request={"When": NOW})
    assert shown["eventTime"] == shown["requestParameters"]["when"] == "2026-01-02T03:04:05Z"


def test_an_error_has_a_code_and_a_text_and_a_success_neither() -> None:
    failed = record(error=("AccessDenied", "because"))
    assert (failed["errorCode"], failed["errorMessage"]) == ("AccessDenied", "because")
    assert {"errorCode", "errorMessage"} & set(record()) == set()


def test_nothing_asked_and_nothing_answered_is_null() -> None:
    shown = record(request={}, response=None)
    assert (shown["requestParameters"], shown["responseElements"]) == (None, None)


def test_text_that_is_no_unicode_does_not_stop_it() -> None:
    for odd in ("\x00\x1f", "🙂", '<&>"'):
        assert record(user_agent=odd, request={"A": odd})["requestParameters"] == {"a": odd}


def test_of_credentials_the_id_and_the_end_are_seen() -> None:
    keys = {"AccessKeyId": "ASIA", "SecretAccessKey": "s", "SessionToken": "t", "Expiration": NOW}
    user = {"AssumedRoleId": "AROA:s", "Arn": "a"}
    for more in ({}, {"PackedPolicySize": 6, "AssumedRoleUser": user, "Provider": "p", "Audience": None}):
        answer = {"Credentials": keys, **more}
        assert json.loads(cloudtrail.given(answer)) == json.loads(cloudtrail.elements(answer))
    assert json.loads(cloudtrail.given({"Credentials": keys})) == {
        "credentials": {"accessKeyId": "ASIA", "expiration": "2026-01-02T03:04:05Z"}
    }
