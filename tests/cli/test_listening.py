from __future__ import annotations

import socket
from contextlib import closing
from pathlib import Path

import pytest

from rolekeeper.cli.listening import bind, endpoint
from rolekeeper.config import Settings
from rolekeeper.errors import ConfigurationError


def settings(**given):
    return Settings(**{"ephemeral": True, "port": 0} | given)


def test_a_busy_port_is_named_and_no_other_is_taken():
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = other.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"port {port} on 127.0.0.1 is in use"):
            bind(settings(port=port))


def test_the_port_is_bound_and_does_not_listen_yet():
    with closing(bind(settings())) as listener, closing(socket.socket()) as client:
        with pytest.raises(ConnectionRefusedError):
            client.connect(listener.getsockname())
        listener.listen()
        client.connect(listener.getsockname())


def test_a_name_that_leads_off_this_machine_is_refused(monkeypatch):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("0.0.0.0", 0))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(ConfigurationError, match="not a loopback address"):
        bind(settings(host="localhost"))


@pytest.mark.parametrize(
    ("given", "start"),
    [
        ({}, "http://127.0.0.1:"),
        ({"host": "localhost"}, "http://localhost:"),
        ({"host": "0.0.0.0", "insecure": True}, "http://127.0.0.1:"),
        ({"tls_cert": Path("c"), "tls_key": Path("k")}, "https://127.0.0.1:"),
    ],
)
def test_the_endpoint_is_what_clients_here_can_use(given, start):
    with closing(bind(settings(**given))) as listener:
        assert endpoint(settings(**given), listener) == f"{start}{listener.getsockname()[1]}"
