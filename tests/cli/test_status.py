from __future__ import annotations

import json
import os

from rolekeeper.cli.running import Running, announced


def test_nothing_running_is_a_no(command, home):
    result = command("status", home=home)
    assert result.status == 1
    assert "no server is running" in result.out


def test_a_server_that_does_not_answer_is_a_problem(command, home):
    gone = Running(endpoint="http://127.0.0.1:1", port=1, pid=os.getpid(), account="1" * 12)
    with announced(gone, home.environment):
        result = command("status", "--json", home=home)
    assert result.status == 3
    assert "does not answer" in json.loads(result.out)["problem"]


def test_it_says_what_is_enforced_and_what_is_behind(command, running, shared_home):
    result = command("status", home=shared_home)
    assert result.status == 0
    assert "on, for every call" in result.out
    assert "role trust policies" in result.out
    assert "every service: nothing" in result.out
    assert "NOT ENFORCED" not in result.out


def test_it_says_loudly_what_is_let_through(command, home):
    given = ("--backend", "none", "--unclassified", "allow", "--observe", "app")
    with home.up("--ephemeral", *given) as server:
        assert server.ready["observed"] == ["app"]
        result = command("status", home=home)
    assert "NOT ENFORCED: requests that cannot be classified go through" in result.out
    assert "NOT ENFORCED: refused calls of the role app go through" in result.out


def test_json_has_one_line_a_server(command, running, shared_home):
    report = json.loads(command("status", "--json", home=shared_home).out)
    assert (report["status"], report["port"]) == ("ok", running.ready["port"])
    assert report["ephemeral"] is True
    assert report["behind"] == {"*": "nothing"}
    assert (report["unclassified"], report["observed"]) == ("deny", [])


def test_another_port_is_a_no(command, running, shared_home):
    assert command("status", "--port", "1", home=shared_home).status == 1
