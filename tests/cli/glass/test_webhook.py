"""The message really arrives, or it is told that it did not; and it goes nowhere else."""

from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from rolekeeper.cli.glass import webhook
from rolekeeper.errors import ConfigurationError, UsageError


class Listener(HTTPServer):
    """A server on this machine that keeps what it is sent."""

    def __init__(self, status=204, **headers):
        self.heard = []
        super().__init__(("127.0.0.1", 0), _handler(status, headers))
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/hook/secret?a=b"

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


def _handler(status, headers):
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            self.server.heard.append((self.path, self.headers["content-type"], body))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_):
            pass

    return Handler


@pytest.mark.parametrize(
    ("url", "fragment"),
    [
        ("", "https://"),
        ("file:///etc/passwd", "https://"),
        ("https://", "https://"),
        ("https://[", "no URL"),
        ("https://a:99999/", "no URL"),
        ("http://example.com/hook", "this machine only, not to example.com"),
        ("http://127.0.0.1.example.com/hook", "this machine only"),
        ("https://ana:pw@example.com/", "no user name"),
        ("https://example.com/a b", "without spaces"),
        ("https://example.com/\r\nx: y", "without spaces"),
    ],
)
def test_where_no_message_goes(url, fragment):
    with pytest.raises(UsageError, match=fragment):
        webhook.checked(url)


@pytest.mark.parametrize("url", ["https://example.com/hook", "http://localhost:1/", "http://[::1]:1/"])
def test_where_a_message_may_go(url):
    assert webhook.checked(url).geturl() == url


def test_a_message_arrives():
    with Listener() as listener:
        assert webhook.post(webhook.checked(listener.url), {"text": "a"}) == 204
    assert listener.heard == [("/hook/secret?a=b", "application/json", b'{"text": "a"}')]


@pytest.mark.parametrize("status", [301, 307, 404, 500])
def test_another_answer_is_told_and_no_redirect_is_followed(status):
    with (
        Listener() as other,
        Listener(status, location=other.url) as listener,
        pytest.raises(ConfigurationError, match=f"answers with status {status}") as caught,
    ):
        webhook.post(webhook.checked(listener.url), {})
    assert (len(listener.heard), other.heard) == (1, [])
    assert "secret" not in str(caught.value)


def test_nobody_there_is_told():
    with socket.create_server(("127.0.0.1", 0)) as place:
        port = place.getsockname()[1]
    with pytest.raises(ConfigurationError, match="was not told"):
        webhook.post(webhook.checked(f"http://127.0.0.1:{port}/secret"), {})


def test_who_never_answers_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(webhook, "PATIENCE", 0.2)
    with (
        socket.create_server(("127.0.0.1", 0)) as place,
        pytest.raises(ConfigurationError, match="was not told"),
    ):
        webhook.post(webhook.checked(f"http://127.0.0.1:{place.getsockname()[1]}/"), {})
