"""A packet that is read in one go is read as the HTTP server's parser reads it; any other is left to that."""

from __future__ import annotations

import httptools
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rolekeeper.cli import packet as packets
from rolekeeper.cli.packet import may_be_short, whole_request

BODY = b"Action=GetCallerIdentity&Version=2011-06-15"
PLAIN = [
    b"Host: localhost",
    b"Content-Type: application/x-www-form-urlencoded",
    b"X-Amz-Date: 20260101T000000Z",
]


def packet(*lines, start=b"POST / HTTP/1.1", body=BODY, length=None):
    size = b"Content-Length: %d" % (len(body) if length is None else length)
    return b"\r\n".join([start, *PLAIN, size, *lines, b"", b""]) + body


class Parsed:
    """What httptools makes of some bytes."""

    def __init__(self, data):
        self.url, self.headers, self.body, self.complete = b"", [], b"", 0
        parser = httptools.HttpRequestParser(self)
        parser.feed_data(data)
        self.method, self.version = parser.get_method(), parser.get_http_version()
        self.kept = parser.should_keep_alive()

    def on_url(self, url):
        self.url += url

    def on_header(self, name, value):
        self.headers.append((name.decode("latin-1").lower(), value.decode("latin-1")))

    def on_body(self, body):
        self.body += body

    def on_message_complete(self):
        self.complete += 1


def test_a_whole_request_is_read():
    data = packet(b"amz-sdk-request: attempt=1; max=3", b"Connection: Keep-Alive")
    line, headers, body = whole_request(data)
    assert (line, body) == (("POST", "/", ""), BODY)
    assert headers == {
        "host": "localhost",
        "content-type": "application/x-www-form-urlencoded",
        "x-amz-date": "20260101T000000Z",
        "content-length": "43",
        "amz-sdk-request": "attempt=1; max=3",
        "connection": "Keep-Alive",
    }


def test_a_line_that_was_read_before_is_read_as_the_first_time():
    for _ in range(2):
        assert whole_request(packet(b"Accept: 1"))[1]["accept"] == "1"
        assert whole_request(packet(b"accept: 1"))[1]["accept"] == "1"
        assert whole_request(packet(b"Accept: 1", b"accept: 1")) is None


def test_no_line_with_a_secret_is_remembered():
    secret = [
        *(b"Authorization: AWS4 abc", b"X-Amz-Security-Token: abc", b"amz-sdk-invocation-id: abc"),
        *(b"Cookie: abc", b"DPoP: abc", b"X-Of-Somebodys-Own: abc"),
    ]
    assert whole_request(packet(*secret))[1]["authorization"] == "AWS4 abc"
    assert whole_request(packet(b"User-Agent: abc"))
    assert b"User-Agent: abc" in packets._lines
    assert packets._lines.keys().isdisjoint(secret)


def test_lines_are_remembered_in_bounds():
    for number in range(packets._MOST_LINES + 10):
        assert whole_request(packet(b"User-Agent: %d" % number))
    assert 0 < len(packets._lines) <= packets._MOST_LINES
    assert whole_request(packet(b"User-Agent: " + b"a" * 600))
    assert not any(len(line) > packets._LONGEST_LINE for line in packets._lines)


@pytest.mark.parametrize(
    "data",
    [
        packet(start=b"POST / HTTP/1.0"),
        packet(start=b"PATCH / HTTP/1.1"),
        packet(start=b"POST x HTTP/1.1"),
        packet(start=b"POST http://localhost/ HTTP/1.1"),
        packet(start=b"POST /a#b HTTP/1.1"),
        packet(start=b"POST /a?b#c HTTP/1.1"),
        packet(start=b"POST /\xe9 HTTP/1.1"),
        packet(start=b"POST /a b HTTP/1.1"),
        packet(start=b"POST /a\tb HTTP/1.1"),
        packet(start=b"GET / HTTP/1.1\r\n"),
        packet(start=b"GET / HTTP/1.1", body=b"").replace(b"Content-Length: 0", b"Content-Length: 1"),
        packet(start=b"GET / HTTP/1.1").replace(b"Content-Length: 43\r\n", b""),
        packet(start=b"PUT / HTTP/1.1", body=b"").replace(b"Content-Length: 0\r\n", b""),
        packet(start=b"post / HTTP/1.1"),
        packet(start=b"POST  / HTTP/1.1"),
        packet()[:-1],
        packet() + b"x",
        packet() + packet(),
        packet(length=7),
        packet(b"Transfer-Encoding: chunked"),
        packet(b"Content-Length: 43"),
        packet(b"Host: other"),
        packet(b"Expect: 100-continue"),
        packet(b"Upgrade: h2c", b"Connection: upgrade"),
        packet(b"Connection: close"),
        packet(b"Trailer: x"),
        packet(b"TE: trailers"),
        packet(b"X-Same: 1", b"x-same: 2"),
        packet(b"X-Empty: "),
        packet(b"X-Padded:  a"),
        packet(b"X-Padded: a "),
        packet(b"X-Near:a"),
        packet(b"X-Space : a"),
        packet(b"X Space: a"),
        packet(b" folded: a"),
        packet(b"X-Fold: a", b" b"),
        packet(b"X-Tab: a\tb"),
        packet(b"X-Nul: a\0b"),
        packet(b"X-Cr: a\rb"),
        packet(b"X-Lf: a\nHost: b"),
        packet(b"X-High: \xe9"),
        packet(b": nameless"),
        packet(b"no colon"),
        packet().replace(b"\r\n", b"\n"),
        packet().replace(b"Host: localhost\r\n", b""),
        packet().replace(b"Content-Length: 43\r\n", b""),
        packet().replace(b"Content-Length: 43", b"Content-Length: 043"),
        packet().replace(b"Content-Length: 43", b"Content-Length: +43"),
        packet(b"X-Long: " + b"a" * 20_000),
        b"",
        b"POST / HTTP/1.1\r\n",
        b"POST / HTTP/1.1\r\n\r\n",
        b"\r\n" + packet(),
    ],
)  # fmt: skip
def test_anything_else_is_left_to_the_parser(data):
    assert whole_request(data) is None


def test_only_what_may_be_answered_at_once_or_is_signed_is_read_here():
    get = packet(start=b"GET /latest/meta-data/ HTTP/1.1", body=b"")
    assert may_be_short(packet())
    assert not may_be_short(get)
    assert not may_be_short(packet(start=b"POST /form HTTP/1.1"))
    signed = b"Authorization: AWS4-HMAC-SHA256 Credential=a"
    assert may_be_short(packet(signed, start=b"GET /bucket/key HTTP/1.1", body=b""))


LINES = st.lists(
    st.one_of(
        st.sampled_from([*PLAIN, b"Connection: keep-alive", b"Content-Length: 43", b"Expect: 100-continue"]),
        st.binary(max_size=12),
        st.builds(lambda name, value: name + b": " + value, st.binary(max_size=6), st.binary(max_size=12)),
        st.builds(
            lambda name, value: f"{name}: {value}".encode(),
            st.text("abcXYZ-_.~1", min_size=1, max_size=8),
            st.text("abc ,;=/\"'()%", max_size=12),
        ),
    ),
    max_size=5,
)


TARGETS = st.one_of(
    st.sampled_from([b"/", b"//a/b", b"/a?", b"/a?b=c?d", b"/a/../b", b"/a%2fb", b"/;a:1@b", b"/a?/b://c#d"]),
    st.text("/ab.%?#:@;=&[]|{}^\\\"<>'~", max_size=12).map(lambda text: b"/" + text.encode()),
    st.binary(max_size=8).map(lambda raw: b"/" + raw),
)
METHODS = st.sampled_from([b"GET", b"HEAD", b"POST", b"PUT", b"DELETE"])


@given(METHODS, TARGETS, LINES, st.binary(max_size=20))
@example(b"POST", b"/", [b"x: y\r\nContent-Length: 0"], b"")
@example(b"GET", b"//host:1/path", [], b"")
def test_what_is_read_is_what_the_servers_parser_reads(method, target, lines, body):
    data = packet(*lines, start=b"%b %b HTTP/1.1" % (method, target), body=body)
    found = whole_request(data)
    if found is not None:
        theirs = Parsed(data)
        line, headers, content = found
        assert (theirs.method, theirs.url, theirs.version) == (line[0].encode(), target, "1.1")
        assert theirs.kept and theirs.complete == 1
        assert (headers, content) == (dict(theirs.headers), theirs.body)
        assert len(headers) == len(theirs.headers)
        url = httptools.parse_url(theirs.url)
        assert (url.path, url.query or b"") == (line[1].encode(), line[2].encode())


def test_a_request_without_a_body_is_read():
    data = packet(start=b"GET /bucket/key?versionId=1 HTTP/1.1", body=b"")
    for each in (data, data.replace(b"Content-Length: 0\r\n", b"")):
        line, headers, body = whole_request(each)
        assert (line, headers["host"], body) == (("GET", "/bucket/key", "versionId=1"), "localhost", b"")


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_left(data):
    assert whole_request(data) is None or Parsed(data).complete == 1
