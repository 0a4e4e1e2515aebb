from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("arguments", "variables", "complaint", "expected"),
    [
        ((), {"ROLEKEEPER_PROT": "1"}, "did you mean ROLEKEEPER_PORT?", 3),
        (("--port", "70000"), {}, "--port: must be a port", 2),
        (("--port", "4566x"), {}, "--port: must be a port", 2),
        (("--host", "0.0.0.0"), {}, "--insecure", 3),
        (("--host", "192.0.2.7", "--insecure", "--port", "0"), {}, "is not an address of this machine", 3),
        (("--host", "no.such.host.invalid", "--insecure"), {}, "is not an address", 3),
        (("--database-url", "postgresql://localhost/iam"), {}, "SQLite only", 2),
        (("--account", "1234"), {}, "12 digits", 2),
        (("--seed", "/no/such/file"), {}, "cannot be read", 3),
        (("--config", "/no/such/file"), {}, "cannot be read", 3),
        (("--tls-cert", "/c.pem"), {}, "go together", 3),
        (("--ephemeral", "--data", "/x"), {}, "one place", 3),
        (("--tls-cert", "/c", "--tls-key", "/k", "--ephemeral", "--port", "0"), {}, "/c and /k: ", 3),
        ((), {"ROLEKEEPER_KEY": "c2hvcnQ="}, "ROLEKEEPER_KEY: must be the base64 text of 32 bytes", 3),
    ],
)
def test_what_is_wrong_refuses_to_start(home, arguments, variables, complaint, expected):
    with home.up(*arguments, **variables) as server:
        status, complaints = server.stop()
    assert (server.ready, status) == (None, expected)
    assert complaint in complaints
    assert len(complaints.splitlines()) == 1


def test_a_repeated_start_on_one_data_folder_is_refused(home):
    with home.up("--data", str(home.path / "state")) as first:
        with home.up("--data", str(home.path / "state")) as second:
            status, complaints = second.stop()
        assert (second.ready, status) == (None, 3)
        assert f"process with ID {first.ready['pid']}" in complaints
        assert first.stop()[0] == 0
