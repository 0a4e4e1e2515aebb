from __future__ import annotations

import datetime
import json
import signal
import socket
import time
from pathlib import Path

import pytest

from rolekeeper.cli.protocol import MAX_HEAD
from tests.cli.test_audit import client

QUERY = b"Action=GetCallerIdentity&Version=2011-06-15"


def connected(ready):
    return socket.create_connection(("127.0.0.1", ready["port"]), timeout=60)


def head(length, *more):
    lines = ["POST / HTTP/1.1", "Host: localhost", f"Content-Length: {length}", *more]
    return "\r\n".join([*lines, "", ""]).encode()


def answer(connection):
    """The status and the body of one answer."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += more(connection)
    top, _, body = received.partition(b"\r\n\r\n")
    fields = dict(line.lower().split(b": ", 1) for line in top.split(b"\r\n")[1:])
    while len(body) < int(fields[b"content-length"]):
        body += more(connection)
    return int(top.split()[1]), body


def more(connection):
    received = connection.recv(65536)
    assert received, "the connection was closed"
    return received


def begin(connection):
    """Send the head of a request, and wait until its body is waited for."""
    connection.sendall(head(len(QUERY), "Expect: 100-continue"))
    received = b""
    while not received.endswith(b"\r\n\r\n"):
        received += more(connection)
    assert received.startswith(b"HTTP/1.1 100 ")


def until_closed(ready):
    """Wait until nobody listens any more."""
    with pytest.raises(ConnectionError):
        while True:
            connected(ready).close()


def test_a_busy_port_is_an_error_that_names_it(home, running):
    port = str(running.ready["port"])
    with home.up("--ephemeral", "--port", port) as second:
        status, complaint = second.stop()
    assert (second.ready, status) == (None, 3)
    assert f"port {port} on 127.0.0.1 is in use" in complaint


def test_a_head_without_end_is_cut_off(running):
    with connected(running.ready) as connection, pytest.raises(OSError):
        connection.sendall(b"POST / HTTP/1.1\r\nX-Long: ")
        for _ in range(64):
            connection.sendall(b"x" * MAX_HEAD)
            time.sleep(0.001)
        connection.recv(1) or connection.sendall(b"x")
    assert client("sts", running.ready).get_caller_identity()["Account"] == "123456789012"


def test_a_body_over_the_limit_answers_an_error_of_aws(running):
    with connected(running.ready) as connection:
        connection.sendall(head(8 << 20) + b"x" * (8 << 20))
        status, body = answer(connection)
    assert status == 413
    assert b"<Code>RequestEntityTooLarge</Code>" in body


@pytest.mark.parametrize(
    "sent", [b"nonsense\r\n\r\n", b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n", b"\x16\x03\x01\x00"]
)
def test_what_is_no_http_is_a_bad_request(running, sent):
    with connected(running.ready) as connection:
        connection.sendall(sent + b"\r\n\r\n")
        assert answer(connection)[0] == 400


def test_a_request_without_a_signature_is_refused(running):
    with connected(running.ready) as connection:
        form = "Content-Type: application/x-www-form-urlencoded"
        connection.sendall(head(len(QUERY), form) + QUERY)
        status, body = answer(connection)
    assert status == 403
    assert b"<Code>MissingAuthenticationToken</Code>" in body


def test_the_source_address_is_not_what_a_header_says(running, command, shared_home):
    sts = client("sts", running.ready)
    sts.meta.events.register(
        "before-sign.sts.*", lambda request, **_: request.headers.add_header("X-Forwarded-For", "192.0.2.9")
    )
    sts.get_caller_identity()
    event = json.loads(command("audit", "tail", "--json", "-n", "1", home=shared_home).out)
    assert event["sourceIPAddress"] == "127.0.0.1"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_after_what_is_in_flight(home, number):
    with home.up("--ephemeral") as server, connected(server.ready) as connection:
        begin(connection)
        connection.sendall(QUERY[:10])
        server.process.send_signal(number)
        until_closed(server.ready)  # while the request is still on its way
        connection.sendall(QUERY[10:])
        assert answer(connection)[0] == 403
        assert server.end() == (0, "")
    assert list((home.path / "run" / "rolekeeper").iterdir()) == []


def test_a_second_interrupt_does_not_wait(home):
    with home.up("--ephemeral") as server, connected(server.ready) as connection:
        begin(connection)
        server.process.send_signal(signal.SIGINT)
        until_closed(server.ready)
        status, complaint = server.stop(signal.SIGINT)
    assert status == 0
    assert "lifespan" not in complaint


def test_the_state_and_the_key_outlive_the_server(home, command):
    state = str(home.path / "state")
    with home.up("--data", state) as first:
        client("iam", first.ready).create_user(UserName="alice")
        assert first.stop()[0] == 0
    with home.up("--data", state) as second:
        assert not any(name.startswith("root_") for name in second.ready)
        variables = json.loads(command("env", "--json", "--data", state, home=home).out)
        assert variables["AWS_ACCESS_KEY_ID"] == first.ready["root_access_key_id"]
        assert variables["AWS_SECRET_ACCESS_KEY"] == first.ready["root_secret_access_key"]
        key = {name: first.ready[name] for name in ("root_access_key_id", "root_secret_access_key")}
        assert client("iam", second.ready | key).get_user(UserName="alice")["User"]["UserName"] == "alice"
        second.stop()
    tail = command("audit", "tail", "--data", state, "--json", home=home)
    assert [json.loads(line)["eventName"] for line in tail.out.splitlines()] == ["CreateUser", "GetUser"]


def test_settings_that_the_state_does_not_follow_are_told(home):
    state = str(home.path / "state")
    chosen = {"ROLEKEEPER_ROOT_ACCESS_KEY_ID": "later", "ROLEKEEPER_ROOT_SECRET_ACCESS_KEY": "hidden"}
    with home.up("--data", state) as first:
        first.stop()
    with home.up("--data", state, "--account", "111122223333") as other:
        status, complaint = other.stop()
        assert (other.ready, status) == (None, 3)
        assert "has no account 111122223333, but 123456789012" in complaint
    with home.up("--data", state, **chosen) as third:
        status, complaint = third.stop()
    assert status == 0
    assert "made at first start only: later is not a key here" in complaint
    assert "hidden" not in complaint


def test_no_secret_is_written_where_others_can_read(home):
    with home.up() as server:
        secret = server.ready["root_secret_access_key"].encode()
        client("sts", server.ready).get_caller_identity()
        assert server.stop() == (0, "")
    files = [path for path in Path(home.path).rglob("*") if path.is_file()]
    assert any(path.name == "rolekeeper.db" for path in files)
    assert not any(secret in path.read_bytes() for path in files)


def test_a_chosen_root_key_is_used_and_not_shown(home):
    chosen = {"ROLEKEEPER_ROOT_ACCESS_KEY_ID": "root", "ROLEKEEPER_ROOT_SECRET_ACCESS_KEY": "chosen-secret"}
    with home.up("--ephemeral", "--account", "111122223333", **chosen) as server:
        assert "chosen-secret" not in json.dumps(server.ready)
        key = {"root_secret_access_key": "chosen-secret"}
        identity = client("sts", server.ready | key).get_caller_identity()
    assert identity["Arn"] == "arn:aws:iam::111122223333:root"


def test_seeded_accounts_have_their_keys(home):
    seed = home.path / "seed.toml"
    seed.write_text(
        '[[accounts]]\nid = "444455556666"\nname = "b"\n'
        'root_access_key_id = "abc"\nroot_secret_access_key = "x"'
    )
    with home.up("--ephemeral", "--seed", str(seed)) as server:
        key = {"root_access_key_id": "abc", "root_secret_access_key": "x"}
        identity = client("sts", server.ready | key).get_caller_identity()
    assert identity["Account"] == "444455556666"


def test_the_banner_shows_the_key_once_and_the_line_that_uses_it(home):
    import subprocess

    from tests.cli.conftest import BIN

    def shown(*arguments):
        process = subprocess.Popen(
            [BIN / "rolekeeper", "up", "--port", "0", *arguments],
            env=home.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        lines = []
        while not lines or not lines[-1].startswith("In another shell"):
            lines.append(process.stdout.readline())
            assert lines[-1], lines
        process.terminate()
        process.communicate()
        return "".join(lines)

    first = shown()
    port = first.split("http://127.0.0.1:")[1].split()[0]
    assert "on, for every call" in first
    assert first.count("secret access key") == 1
    assert f'rolekeeper env --port {port})"' in first
    assert "access key ID" not in shown()


def certificate(folder):
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "rolekeeper")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(*plain))
    return ["--tls-cert", str(folder / "cert.pem"), "--tls-key", str(folder / "key.pem")]


def test_tls(home, command):
    with home.up("--ephemeral", "--host", "0.0.0.0", *certificate(home.path)) as server:
        assert server.ready["endpoint"].startswith("https://127.0.0.1:")
        report = json.loads(command("status", "--json", home=home).out)
        assert report["status"] == "ok"
        with connected(server.ready) as connection:
            connection.sendall(head(0))
            connection.settimeout(60)
            assert not connection.recv(1000).startswith(b"HTTP")
