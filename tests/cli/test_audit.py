from __future__ import annotations

import json
import signal
import subprocess

import boto3
import pytest
from botocore.config import Config

from rolekeeper.cli.audit import _show_line
from tests.cli.conftest import BIN


def client(service, ready, **settings):
    return boto3.client(
        service,
        endpoint_url=ready["endpoint"],
        region_name="us-east-1",
        aws_access_key_id=ready["root_access_key_id"],
        aws_secret_access_key=ready["root_secret_access_key"],
        config=Config(retries={"total_max_attempts": 1}, **settings),
    )


def test_no_server_is_an_error(command, home):
    assert command("audit", "tail", home=home).status == 3


def test_a_folder_without_a_store_is_an_error(command, home):
    result = command("audit", "tail", "--data", home.path / "none", home=home)
    assert result.status == 3
    assert "no store" in result.err


def test_a_negative_limit_is_a_wrong_use(command, home):
    assert command("audit", "tail", "--limit", "-1", home=home).status == 2


def test_the_latest_events_of_an_ephemeral_server(command, running, shared_home):
    sts = client("sts", running.ready)
    sts.get_caller_identity()
    with pytest.raises(sts.exceptions.ClientError):
        sts.get_access_key_info(AccessKeyId="x" * 16)
    result = command("audit", "tail", "--json", "--limit", "2", home=shared_home)
    events = [json.loads(line) for line in result.out.splitlines()]
    assert [event["eventName"] for event in events] == ["GetCallerIdentity", "GetAccessKeyInfo"]
    assert [event.get("errorCode") is None for event in events] == [True, False]


def test_more_than_a_page_of_the_latest_events(command, running, shared_home):
    client("sts", running.ready).get_caller_identity()
    few = command("audit", "tail", "--json", "--limit", "1", home=shared_home).out.splitlines()
    many = command("audit", "tail", "--json", "--limit", "5000", home=shared_home).out.splitlines()
    assert few == many[-1:]


def test_the_table_has_a_line_an_event(command, running, shared_home):
    client("sts", running.ready).get_caller_identity()
    result = command("audit", "tail", "-n", "1", home=shared_home)
    head, line = result.out.splitlines()
    assert head.split() == ["time", "result", "event", "caller", "from"]
    assert line.split()[1:] == ["ok", "sts:GetCallerIdentity", "arn:aws:iam::123456789012:root", "127.0.0.1"]


def test_an_event_cannot_write_to_the_terminal(capsys):
    _show_line(json.dumps({"eventName": "a\x1b[2Jb", "userIdentity": {"arn": "[red]c\r\n"}}).encode())
    shown = capsys.readouterr().out
    assert "a\ufffd[2Jb" in shown
    assert "[red]c\ufffd\ufffd" in shown
    assert "\x1b" not in shown


def test_following_shows_what_happens_next(running, shared_home):
    tail = subprocess.Popen(
        [BIN / "rolekeeper", "audit", "tail", "--follow", "--limit", "0"],
        env=shared_home.environment,
        stdout=subprocess.PIPE,
        text=True,
        # What a shell starts in the background ignores Ctrl-C, and its children with it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    try:
        assert tail.stdout.readline().startswith("time")
        client("iam", running.ready).list_roles()
        assert "iam:ListRoles" in tail.stdout.readline()
    finally:
        tail.send_signal(signal.SIGINT)
        tail.communicate(timeout=60)
    assert tail.returncode == 0
