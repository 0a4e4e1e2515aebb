"""The listener for one program, by requests as anybody could send them."""

from __future__ import annotations

import http.client
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from rolekeeper.cli.launch.listener import AT_ONCE, MAX_BODY, Answer, Listener


@pytest.fixture
def listener():
    def echo(asked):
        told = f"{asked.method} {asked.target} {asked.headers.get('x-one', '')} ".encode()
        return Answer(status=200, headers={"X-Two": "2"}, body=told + asked.body)

    with Listener(echo) as found:
        yield found


def ask(listener, method="GET", path="/", body=None, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", listener.port, timeout=60)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body, named)
    answer = connection.getresponse()
    found = answer.status, answer.read()
    connection.close()
    return found


def raw(listener, request):
    """What comes back. It may close before all was sent: then no more comes, or the connection is reset."""
    found = []
    with socket.create_connection(("127.0.0.1", listener.port), timeout=60) as connection:
        with suppress(OSError):
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
        with suppress(ConnectionError):
            found.extend(iter(lambda: connection.recv(65536), b""))
    return b"".join(found)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", ""])
def test_another_host_is_not_served(listener, host):
    assert ask(listener, host=host.format(port=listener.port)) == (403, b"")


def test_two_hosts_and_none_are_not_served(listener):
    own = f"127.0.0.1:{listener.port}"
    assert raw(listener, f"GET / HTTP/1.1\r\nHost: {own}\r\nHost: {own}\r\n\r\n".encode())[:12] == (
        b"HTTP/1.1 403"
    )
    assert raw(listener, b"GET / HTTP/1.1\r\n\r\n")[:12] == b"HTTP/1.1 403"


def test_a_page_in_a_browser_is_not_served(listener):
    assert ask(listener, origin=f"http://127.0.0.1:{listener.port}")[0] == 403


def test_bodies_are_bounded_and_told_before(listener):
    assert ask(listener, "PUT", body=b"x" * (MAX_BODY + 1))[0] == 413
    assert ask(listener, "PUT", content_length="-1")[0] == 411
    assert ask(listener, "PUT", content_length="9" * 5000)[0] == 413
    assert ask(listener, "POST", transfer_encoding="chunked")[0] == 411


def test_what_is_no_request_gets_no_answer_from_us(listener):
    assert b" 200 " not in raw(listener, b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 200 + b"\r\n")
    assert b" 200 " not in raw(listener, b"GET " + b"/" * 100_000 + b" HTTP/1.1\r\n\r\n")
    assert b" 501 " in raw(listener, b"TRACE / HTTP/1.1\r\n\r\n")


def test_a_request_comes_through_as_it_is(listener):
    assert ask(listener, "PUT", "/a/b?c=d", b"body", x_one="1") == (200, b"PUT /a/b?c=d 1 body")
    assert ask(listener, "HEAD") == (200, b"")


def test_more_clients_than_places_are_all_served(listener):
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(pool.map(lambda number: ask(listener, path=f"/{number}"), range(2 * AT_ONCE)))
    assert found == [(200, f"GET /{number}  ".encode()) for number in range(2 * AT_ONCE)]


def test_it_is_gone_at_the_end():
    with Listener(lambda asked: Answer(status=200)) as listener:
        pass
    with pytest.raises(ConnectionRefusedError):
        ask(listener)


def test_it_listens_on_loopback_alone(listener):
    assert listener.endpoint == f"http://127.0.0.1:{listener.port}"


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
def test_it_listens_where_it_is_told():
    with Listener(lambda asked: Answer(status=200, body=asked.source.encode()), host="::1") as listener:
        assert listener.endpoint == f"http://[::1]:{listener.port}"
        connection = http.client.HTTPConnection("::1", listener.port, timeout=60)
        connection.request("GET", "/")
        assert connection.getresponse().read() == b"::1"
        connection.close()


def test_a_port_that_is_taken_is_an_error(listener):
    with pytest.raises(OSError):
        Listener(lambda asked: Answer(status=200), port=listener.port)


def test_what_may_not_go_far_comes_this_far():
    with Listener(lambda asked: Answer(status=200, body=b"near", hops=1)) as listener:
        assert ask(listener) == (200, b"near")


def test_a_request_that_trickles_in_is_given_up(listener, monkeypatch):
    """Who sends a byte now and then does not keep a place from the program."""
    monkeypatch.setattr("rolekeeper.cli.launch.listener.PATIENCE", 0.3)
    with socket.create_connection(("127.0.0.1", listener.port), timeout=60) as connection:
        for _ in range(1000):
            try:
                connection.sendall(b"G")
            except OSError:
                break
            connection.settimeout(0.1)
            try:
                if connection.recv(1) == b"":
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        else:
            pytest.fail("it waits for ever")
