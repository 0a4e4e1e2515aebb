from __future__ import annotations

import os

import pytest

from rolekeeper.cli.credentials import AccessPair, root_key
from rolekeeper.cli.iam_calls import CallRefused, IamCalls
from rolekeeper.cli.running import Running, the_running
from rolekeeper.errors import ConfigurationError
from rolekeeper.iam.secret import Secret
from tests.cli.conftest import Home


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server of these tests' own, which change it."""
    home = Home(tmp_path_factory.mktemp("home"))
    with home.up("--ephemeral"):
        yield the_running(home.environment)


@pytest.fixture
def iam(server):
    return IamCalls(server, root_key(server, {}))


def test_a_server_that_is_gone_does_not_answer():
    gone = Running(endpoint="http://127.0.0.1:1", port=1, pid=os.getpid(), account="1" * 12)
    calls = IamCalls(gone, AccessPair(access_key_id="AKIA", secret=Secret("s")))
    with pytest.raises(ConfigurationError, match="the server on port 1 does not answer"):
        calls.call("GetRole", RoleName="x")


def test_a_refusal_has_its_code_and_text(iam):
    with pytest.raises(CallRefused, match="x cannot be found") as caught:
        iam.call("GetRole", RoleName="x")
    assert caught.value.code == "NoSuchEntity"


def test_a_wrong_secret_is_refused(server):
    key = root_key(server, {})
    wrong = IamCalls(server, AccessPair(access_key_id=key.access_key_id, secret=Secret("wrong")))
    with pytest.raises(CallRefused) as caught:
        wrong.call("ListRoles")
    assert caught.value.code == "SignatureDoesNotMatch"


def test_pages_follow_one_another(iam):
    names = {f"page-{number}" for number in range(3)}
    for name in names:
        iam.call("CreateUser", UserName=name)
    pages = list(iam.pages("ListUsers", MaxItems="2"))
    found = {element.text for page in pages for element in page.iterfind(".//Users/member/UserName")}
    assert len(pages) > 1
    assert found >= names
