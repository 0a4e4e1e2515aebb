"""Documents of identity providers: only from where they may come, and in bounds of size and time."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from rolekeeper.service.outgoing import MAX_DOCUMENT, Outgoing, Unreachable
from tests.tls import Certificate, Host, Respond, document, drips, says

HOST = "idp.example"
URL = f"https://{HOST}/keys"
PUBLIC = "93.184.215.14"
Answer = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def leaf() -> Certificate:
    return Certificate(HOST)


@contextmanager
def reaching(host: Host, patience: float = 60.0) -> Iterator[Outgoing]:
    with host:
        yield Outgoing({HOST: host.place}, patience=patience)


def get(leaf: Certificate, respond: Respond, patience: float = 60.0) -> bytes:
    with reaching(Host(leaf, respond=respond), patience) as outgoing:
        return outgoing.get(URL, [leaf.thumbprint]).text


# -- where ------------------------------------------------------------------------------------------


def resolving(*addresses: str) -> tuple[Answer, list[str]]:
    """A resolver that gives these addresses, one at each question; the last again and again."""
    left, asked = list(addresses), []

    def answer(host: str, port: int, *_: Any, **__: Any) -> list[tuple[Any, ...]]:
        asked.append(host)
        address = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    return answer, asked


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """What was connected to; nothing is."""
    tried: list[tuple[str, int]] = []

    def refuse(place: tuple[str, int], *_: Any, **__: Any) -> None:
        tried.append(place)
        raise ConnectionRefusedError("nobody is there")

    monkeypatch.setattr(socket, "create_connection", refuse)
    return tried


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "127.0.0.1", "[::1]", "0.0.0.0", "169.254.169.254", "10.1.2.3", "[fd00:ec2::254]"),
        *("[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::1]", "[fe80::1%25lo]", "[fe80::1%lo]"),
        *("2130706433", "0x7f000001", "127.1", "localhost."),
    ],
)
def test_a_host_of_this_machine_or_its_networks_is_not_connected_to(
    host: str, connections: list[tuple[str, int]]
) -> None:
    with pytest.raises(Unreachable):
        Outgoing().get(f"https://{host}/keys")
    assert connections == []


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "192.168.0.1", "::1", "fe80::1%lo"])
def test_nor_is_a_name_of_such_an_address(
    address: str, connections: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolving(address)[0])
    with pytest.raises(Unreachable, match="has no public address; the setting federation_hosts"):
        Outgoing({"other.example": ""}).get(URL)
    assert connections == []


def test_it_is_not_told_whether_a_network_has_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    texts = []
    for answer in (unknown, resolving("10.0.0.1")[0]):
        monkeypatch.setattr(socket, "getaddrinfo", answer)
        with pytest.raises(Unreachable) as caught:
            Outgoing().get(URL)
        texts.append(str(caught.value))
    assert texts[0] == texts[1]


def test_the_address_that_was_looked_at_is_the_one_that_is_used(
    connections: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer, asked = resolving(PUBLIC, "127.0.0.1")
    monkeypatch.setattr(socket, "getaddrinfo", answer)
    with pytest.raises(Unreachable, match="nobody is there"):
        Outgoing().get(URL)
    assert connections == [(PUBLIC, 443)]
    assert asked == [HOST]


def test_of_several_addresses_only_the_public_ones_are_tried(
    connections: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [resolving(each)[0]("", 443)[0] for each in ("10.0.0.1", PUBLIC, "127.0.0.1", "8.8.8.8")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(Unreachable):
        Outgoing().get(URL)
    assert connections == [(PUBLIC, 443), ("8.8.8.8", 443)]


def test_a_host_of_the_setting_may_be_private(
    connections: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolving("10.0.0.1")[0])
    for setting in ({HOST: ""}, {HOST.upper(): ""}, {HOST: "10.0.0.1"}):
        with pytest.raises(Unreachable, match="nobody is there"):
            Outgoing(setting).get(URL)
    assert connections == [("10.0.0.1", 443)] * 3


def test_another_host_is_not_allowed_by_that(connections: list[tuple[str, int]]) -> None:
    for other in ("localhost", "x.idp.example.localhost"):
        with pytest.raises(Unreachable):
            Outgoing({HOST: "", "idp.example.localhost": ""}).get(f"https://{other}/")
    assert connections == []


def test_a_resolver_that_does_not_answer_is_not_waited_for(
    connections: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait() and [])
    with pytest.raises(Unreachable, match="could not be looked up in time"):
        Outgoing(patience=0.05).get(URL)
    over.set()
    assert connections == []


@pytest.mark.parametrize(
    "url",
    [
        *("http://idp.example/keys", "ftp://idp.example/keys", "file:///etc/passwd", "//idp.example/keys"),
        *("https:///keys", "https://", "", "idp.example", "gopher://idp.example:70/_", "https:idp.example"),
        *("https://user@idp.example/", "https://user:pass@idp.example/", "https://@idp.example/"),
        *("https://idp.example:8443/", "https://idp.example:80/", "https://idp.example:99999/"),
        *(
            "https://idp.example:x/",
            "https://[::1/",
            "https://[idp.example]/",
            "https://idp.example\x00.org/",
        ),
        *("https://\ud800.example/", f"https://{'a' * 300}.example/", "https://a..b/", "https://%00/"),
    ],
)
def test_what_is_no_https_url_of_a_host_is_refused(url: str, connections: list[tuple[str, int]]) -> None:
    with pytest.raises(Unreachable) as caught:
        Outgoing({HOST: "127.0.0.1:1"}).get(url)
    assert connections == []
    assert str(caught.value).isascii() and str(caught.value).isprintable()
    assert len(str(caught.value)) < 4000


def test_the_path_cannot_bring_a_second_request(leaf: Certificate) -> None:
    with reaching(Host(leaf, respond=says(document(b"{}")))) as outgoing, pytest.raises(Unreachable):
        outgoing.get(f"https://{HOST}/a b\x7fX-Evil: 1", [leaf.thumbprint])


def test_proxies_of_the_environment_are_not_used(leaf: Certificate, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "ALL_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert get(leaf, says(document(b"{}"))) == b"{}"


# -- what -------------------------------------------------------------------------------------------


def test_the_document_is_what_the_host_says(leaf: Certificate) -> None:
    host = Host(leaf, respond=says(document(b'{"keys": []}')))
    with reaching(host) as outgoing:
        assert outgoing.get(f"{URL}?p=1#part", [leaf.thumbprint.upper()]).text == b'{"keys": []}'
    [head] = host.heard
    assert head.startswith(b"GET /keys?p=1 HTTP/1.1\r\nHost: idp.example\r\n")
    assert b"Accept-Encoding: identity\r\n" in head


@pytest.mark.parametrize(
    "answer",
    [
        document(b"", "Location: https://idp.example/keys", status="302 Found"),
        document(b"", "Location: http://169.254.169.254/", status="307 Temporary Redirect"),
        document(b"{}", status="201 Created"),
        document(b"{}", status="404 Not Found"),
        document(b"{}", status="500 Oh \x1b[31mno"),
    ],
)
def test_no_other_answer_is_taken_and_no_redirect_followed(leaf: Certificate, answer: bytes) -> None:
    host = Host(leaf, respond=says(answer))
    with reaching(host) as outgoing, pytest.raises(Unreachable, match="answered /keys with status"):
        outgoing.get(URL, [leaf.thumbprint])
    assert len(host.heard) == 1


def test_a_document_may_be_so_large_and_no_larger(leaf: Certificate) -> None:
    assert len(get(leaf, says(document(b"x" * MAX_DOCUMENT)))) == MAX_DOCUMENT
    with pytest.raises(Unreachable, match="more than 262144 bytes"):
        get(leaf, says(document(b"x" * (MAX_DOCUMENT + 1))))
    with pytest.raises(Unreachable, match="more than 262144 bytes"):
        get(leaf, says(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", b"x" * 2 * MAX_DOCUMENT))


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def test_chunks_are_bounded_like_everything(leaf: Certificate) -> None:
    assert get(leaf, says(CHUNKED, b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n")) == b"{}"
    chunk = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
    with pytest.raises(Unreachable, match="more than 262144 bytes"):
        get(leaf, drips(CHUNKED, chunk, pause=0))


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}",
        CHUNKED + b"5\r\n{}",
        CHUNKED + b"2\r\n{}\r\n",
        CHUNKED + b"x\r\n{}\r\n0\r\n\r\n",
        b"HTTP/1.1 2",
        b"\x00\xff\x1b[31m",
        b"",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70000 + b"\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n{}",
    ],
)
def test_half_an_answer_is_none(leaf: Certificate, answer: bytes) -> None:
    with pytest.raises(Unreachable) as caught:
        get(leaf, says(answer))
    assert str(caught.value).isascii() and str(caught.value).isprintable()


def test_a_length_that_is_too_short_cuts_the_document(leaf: Certificate) -> None:
    assert get(leaf, says(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}<html>")) == b"{}"


def test_nothing_is_unpacked(leaf: Certificate) -> None:
    packed = gzip.compress(b"0" * (16 << 20))
    assert get(leaf, says(document(packed, "Content-Encoding: gzip"))) == packed


# -- when -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "part"),
    [
        (b"", b""),
        (b"H", b"T"),
        (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
        (b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b" "),
        (b"HTTP/1.1 200 OK\r\n\r\n", b" "),
        (CHUNKED, b"1\r\n \r\n"),
        (CHUNKED + b"0\r\n", b"X: y\r\n"),
    ],
)
def test_a_host_that_takes_its_time_does_not_get_it(leaf: Certificate, first: bytes, part: bytes) -> None:
    with pytest.raises(Unreachable):
        get(leaf, drips(first, part), patience=0.3)


def test_a_host_that_accepts_and_says_nothing_is_not_waited_for(leaf: Certificate) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        place = f"127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(Unreachable):
            Outgoing({HOST: place}, patience=0.1).get(URL, [leaf.thumbprint])


def test_a_handshake_that_never_ends_is_not_waited_for(leaf: Certificate) -> None:
    over = threading.Event()

    def drip(server: socket.socket) -> None:
        connection, _ = server.accept()
        with suppress(OSError), connection:
            connection.sendall(b"\x16\x03\x03\x40\x00")  # the head of a long record
            while not over.wait(0.02):
                connection.sendall(b"\x00")

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=drip, args=(server,), daemon=True).start()
        with pytest.raises(Unreachable):
            Outgoing({HOST: f"127.0.0.1:{server.getsockname()[1]}"}, patience=0.3).get(URL)
    over.set()


# -- who --------------------------------------------------------------------------------------------

ANSWER = says(document(b"{}"))


@pytest.fixture(scope="module")
def chain() -> tuple[Certificate, Certificate, Certificate]:
    root = Certificate("root", authority=True)
    middle = Certificate("middle", root, authority=True)
    return Certificate(HOST, middle), middle, root


@pytest.mark.parametrize("number", [0, 1, 2])
def test_the_thumbprint_may_be_that_of_any_certificate_of_the_chain(
    chain: tuple[Certificate, ...], number: int
) -> None:
    with reaching(Host(*chain, respond=ANSWER)) as outgoing:
        assert outgoing.get(URL, ["0" * 40, chain[number].thumbprint]) == (b"{}", True)


def test_another_thumbprint_is_refused_and_none_too(chain: tuple[Certificate, ...]) -> None:
    host = Host(*chain, respond=ANSWER)
    with reaching(host) as outgoing:
        with pytest.raises(Unreachable, match="doesn't match the configured thumbprint"):
            outgoing.get(URL, ["0" * 40])
        with pytest.raises(Unreachable, match="certificate verify failed"):
            outgoing.get(URL)
    assert host.heard == []


def test_a_root_that_the_host_does_not_show_does_not_count(chain: tuple[Certificate, ...]) -> None:
    with reaching(Host(*chain[:2], respond=ANSWER)) as outgoing, pytest.raises(Unreachable):
        outgoing.get(URL, [chain[2].thumbprint])


def test_a_known_certificate_beside_a_chain_of_others_does_not_help(chain: tuple[Certificate, ...]) -> None:
    forged = Certificate(HOST, Certificate("middle", authority=True))
    with reaching(Host(forged, *chain[1:], respond=ANSWER)) as outgoing:
        for known in chain[1:]:
            with pytest.raises(Unreachable):
                outgoing.get(URL, [known.thumbprint])


def test_a_leaf_is_no_authority(leaf: Certificate) -> None:
    forged = Certificate(HOST, leaf)
    with reaching(Host(forged, leaf, respond=ANSWER)) as outgoing, pytest.raises(Unreachable):
        outgoing.get(URL, [leaf.thumbprint])


@pytest.mark.parametrize("name", ["other.example", "idp.example.org", "*.idp.example", "example"])
def test_the_certificate_must_be_the_hosts(name: str) -> None:
    other = Certificate(name)
    with reaching(Host(other, respond=ANSWER)) as outgoing, pytest.raises(Unreachable, match="mismatch"):
        outgoing.get(URL, [other.thumbprint])


def test_an_expired_certificate_is_refused_whoever_knows_it() -> None:
    root = Certificate("root", authority=True)
    for leaf, known in ((old := Certificate(HOST, days=-1), old), (Certificate(HOST, root, days=-1), root)):
        host = Host(leaf, root, respond=ANSWER)
        with reaching(host) as outgoing, pytest.raises(Unreachable, match="expired"):
            outgoing.get(URL, [known.thumbprint])


def test_an_expired_authority_is_refused_too() -> None:
    root = Certificate("root", authority=True, days=-1)
    host = Host(Certificate(HOST, root), root, respond=ANSWER)
    with reaching(host) as outgoing, pytest.raises(Unreachable, match="expired"):
        outgoing.get(URL, [root.thumbprint])


def test_whom_the_machines_authorities_know_needs_no_thumbprint(
    chain: tuple[Certificate, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = tmp_path / "authorities.pem"
    known.write_bytes(chain[2].pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(known))
    with reaching(Host(*chain[:2], respond=ANSWER)) as outgoing:
        assert outgoing.get(URL) == (b"{}", False)
        assert outgoing.get(URL, ["0" * 40]) == (b"{}", False)
    stranger = Certificate(HOST, Certificate("root", authority=True))
    with reaching(Host(stranger, respond=ANSWER)) as outgoing, pytest.raises(Unreachable):
        outgoing.get(URL)
