from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("arguments", "variables", "complaint"),
    [
        ((), {"ROLEKEEPER_PROT": "1"}, "did you mean ROLEKEEPER_PORT?"),
        (("--port", "70000"), {}, "--port: must be a port"),
        (("--port", "4566x"), {}, "--port: must be a port"),
        (("--host", "0.0.0.0"), {}, "--insecure"),
        (("--host", "192.0.2.7", "--insecure", "--port", "0"), {}, "is not an address of this machine"),
        (("--host", "no.such.host.invalid", "--insecure"), {}, "is not an address"),
        (("--database-url", "postgresql://localhost/iam"), {}, "SQLite only"),
        (("--account", "1234"), {}, "12 digits"),
        (("--seed", "/no/such/file"), {}, "cannot be read"),
        (("--config", "/no/such/file"), {}, "cannot be read"),
        (("--tls-cert", "/c.pem"), {}, "go together"),
        (("--ephemeral", "--data", "/x"), {}, "one place"),
        (("--tls-cert", "/c", "--tls-key", "/k", "--ephemeral", "--port", "0"), {}, "/c and /k: "),
        ((), {"ROLEKEEPER_KEY": "c2hvcnQ="}, "ROLEKEEPER_KEY: must be the base64 text of 32 bytes"),
    ],
)
def test_what_is_wrong_refuses_to_start(home, arguments, variables, complaint):
    with home.up(*arguments, **variables) as server:
        status, complaints = server.stop()
    assert (server.ready, status) == (None, 3)
    assert complaint in complaints
    assert len(complaints.splitlines()) == 1


def test_a_repeated_start_on_one_data_folder_is_refused(home):
    with home.up("--data", str(home.path / "state")) as first:
        with home.up("--data", str(home.path / "state")) as second:
            status, complaints = second.stop()
        assert (second.ready, status) == (None, 3)
        assert f"process with ID {first.ready['pid']}" in complaints
        assert first.stop()[0] == 0
