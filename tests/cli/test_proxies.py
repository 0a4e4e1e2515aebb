"""Where a request comes from: the connection says it, or a proxy that the settings name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rolekeeper.cli.proxies import Proxies
from tests.client import Person
from tests.gateway.raw import send, signed
from tests.gateway.served import ServedWorld
from tests.people import allow, deny, user

OFFICE, ELSEWHERE, PROXY = "203.0.113.9", "198.51.100.1", "127.0.0.1"


def source(*lines: bytes, proxies: tuple[str, ...] = ("127.0.0.0/8", "10.0.0.0/8", "fd00::/8")) -> str:
    return Proxies(proxies).source(PROXY, [(b"x-forwarded-for", line) for line in lines])


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ([b"203.0.113.9"], OFFICE),
        ([b"198.51.100.1, 203.0.113.9"], OFFICE),
        ([b"198.51.100.1,203.0.113.9 , 10.1.2.3"], OFFICE),
        ([b"198.51.100.1", b"203.0.113.9", b"10.1.2.3,127.0.0.1"], OFFICE),
        ([b"::ffff:203.0.113.9"], OFFICE),
        ([b"nobody, 203.0.113.9"], OFFICE),
        ([b"fd00::1, 10.0.0.1"], "fd00::1"),
        ([b"2001:DB8::1"], "2001:db8::1"),
        ([b"10.0.0.7"], "10.0.0.7"),
        ([], PROXY),
    ],
)
def test_the_last_that_is_no_proxy_of_ours(lines: list[bytes], found: str) -> None:
    assert source(*lines) == found


@pytest.mark.parametrize(
    "line", [b"", b"unknown", b"203.0.113.9,", b"203.0.113.9:80", b"[::1]", b"1.2.3", b"x, y"]
)
def test_what_nobody_can_read_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError):
        source(line)


def test_nobody_is_trusted_who_is_not_named() -> None:
    assert not Proxies().trusts(PROXY)
    assert not Proxies(["10.0.0.0/8"]).trusts(PROXY)
    assert Proxies(["10.0.0.0/8"]).trusts("::ffff:10.0.0.1")


@pytest.mark.parametrize(
    ("told", "own", "found"),
    [([], True, True), ([], False, False), ([b"https"], False, True), ([b"http"], True, False),
     ([b"HTTPS"], False, True), ([b"https, http"], False, False), ([b"https", b"x"], False, False)],
)  # fmt: skip
def test_tls_counts_where_all_say_so(told: list[bytes], own: bool, found: bool) -> None:
    assert Proxies(["127.0.0.1"]).secure([(b"x-forwarded-proto", each) for each in told], own) is found


@pytest.fixture(scope="module", params=["127.0.0.0/8", ""])
def world(request: pytest.FixtureRequest) -> Iterator[ServedWorld]:
    """A server before which a proxy on this machine is believed, and one before which nobody is."""
    found = ServedWorld(trusted_proxies=tuple(filter(None, [request.param])))
    yield found
    found.close()


@pytest.fixture(scope="module")
def bob(world: ServedWorld) -> Person:
    """Who may list buckets and users from the office only, and by TLS."""
    own = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    plain = {"Bool": {"aws:SecureTransport": "false"}}
    listing = ("s3:ListAllMyBuckets", "iam:ListUsers")
    return user(world.root, "bob", allow(*listing, Condition=own), deny("*", Condition=plain))


USERS = b"Action=ListUsers&Version=2010-05-08"
FORM = ("content-type", "application/x-www-form-urlencoded")


def ask(world: ServedWorld, bob: Person, service: str, *said: tuple[str, str]) -> int:
    if service == "s3":
        return send(world, signed(bob, "s3", "GET", "/", unsigned=said))[0]
    return send(world, signed(bob, "iam", "POST", "/", [FORM], USERS, unsigned=said))[0]


@pytest.mark.parametrize("service", ["s3", "iam"])
def test_a_policy_sees_what_a_trusted_proxy_says_and_nobody_else(
    world: ServedWorld, bob: Person, service: str
) -> None:
    by_tls = ("x-forwarded-proto", "https")
    office, elsewhere = ("X-Forwarded-For", OFFICE), ("X-Forwarded-For", f"{OFFICE}, {ELSEWHERE}")
    trusted = bool(world.server.settings.trusted_proxies)
    assert ask(world, bob, service, office, by_tls) == (200 if trusted else 403)
    for wrong in ((elsewhere, by_tls), (office,), (by_tls,), ()):
        assert ask(world, bob, service, *wrong) == 403
    unclear = ("x-forwarded-for", "somebody")
    assert ask(world, bob, service, unclear, by_tls) == (400 if trusted else 403)
    last = [event for event in world.events() if event["eventName"] in ("ListBuckets", "ListUsers")]
    assert {event["sourceIPAddress"] for event in last} <= {OFFICE, ELSEWHERE, PROXY} if trusted else {PROXY}


def test_each_request_of_a_connection_has_a_source_of_its_own(world: ServedWorld, bob: Person) -> None:
    if not world.server.settings.trusted_proxies:
        return
    kept = b"connection: close\r\n"
    first = signed(bob, "iam", "POST", "/", [FORM], USERS, unsigned=[("x-forwarded-for", OFFICE), TLS])
    other = signed(bob, "iam", "POST", "/", [FORM], USERS, unsigned=[("x-forwarded-for", ELSEWHERE), TLS])
    answer = send(world, first.replace(kept, b"") + other)[1]
    assert answer.index(b"HTTP/1.1 200") < answer.index(b"HTTP/1.1 403")


TLS = ("x-forwarded-proto", "https")


def test_the_sdk_works_behind_a_proxy_that_says_nothing(world: ServedWorld) -> None:
    carol: Any = user(world.root, "carol", allow("iam:ListUsers"))
    assert carol.iam.list_users()["Users"]
    with pytest.raises(ClientError, match="AccessDenied"):
        carol.iam.list_roles()
