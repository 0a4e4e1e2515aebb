"""Which addresses are of the internet."""

from __future__ import annotations

import pytest

from rolekeeper.service.addresses import is_public, split_place

PRIVATE = [
    *("127.0.0.1", "127.8.8.8", "0.0.0.0", "0.1.2.3"),
    *("10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1"),
    *("169.254.169.254", "169.254.170.2", "192.0.2.1", "198.18.0.1", "203.0.113.9", "192.88.99.1"),
    *("224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"),
    *("::1", "::", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "::ffff:0:127.0.0.1"),
    *("64:ff9b::7f00:1", "64:ff9b:1::a00:1", "2002:7f00:1::", "2002:808:808::1", "2001:0:53aa:64c:0:0:0:1"),
    *("fe80::1", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "ff0e::1", "2001:db8::1", "100::1"),
    *("fe80::1%eth0", "2606:4700::1111%1", "4000::1", "5f00::1"),
    *("", "localhost", "127.1", "0x7f.0.0.1", "2130706433", "010.0.0.1", "8.8.8.8 ", "[::1]", "8.8.8.8:80"),
]


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_of_the_internet(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "140.82.112.3", "172.15.255.255", "172.32.0.1", "2606:4700::1111"]
)
def test_what_is(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("10.0.0.1", ("10.0.0.1", None)),
        ("10.0.0.1:8443", ("10.0.0.1", 8443)),
        ("[fd00::1]", ("fd00::1", None)),
        ("[fd00::1]:8443", ("fd00::1", 8443)),
        ("fd00::1", ("fd00::1", None)),
    ],
)
def test_a_place_is_an_address_and_perhaps_a_port(place: str, expected: tuple[str, int | None]) -> None:
    assert split_place(place) == expected
