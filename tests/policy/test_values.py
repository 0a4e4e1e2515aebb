from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolekeeper.policy.values import address, boolean, decoded, instant, network, number


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "1,0",
        "0x1",
        "NaN",
        "Infinity",
        "1_0",
        " 1",
        "١",
        "1e9999999",
        "1" * 200,
        ".",
        "1.2.3",
        "1e",
        "+",
    ],
)
def test_no_number(text: str) -> None:
    assert number(text) is None


@pytest.mark.fact(71)
def test_numbers_are_decimals() -> None:
    assert number("10") == number("10.0") == number("1e1") == number("+10.") == number(".1e2")
    assert number("0.1") != number("0.10000000000000000001")


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2024-13-01", "2024-01-01T25:00:00Z", "20240101T00:00:00Z", "9" * 60]
)
def test_no_instant(text: str) -> None:
    assert instant(text) is None


@pytest.mark.fact(72)
@pytest.mark.parametrize(
    "text",
    [
        "2024-01-01T00:00:00Z",
        "2024-01-01T02:00:00+02:00",
        "2024-01-01T00:00Z",
        "2024-01-01",
        "2024-01",
        "1704067200",
    ],
)
def test_one_moment_has_many_spellings(text: str) -> None:
    assert instant(text) == 1_704_067_200_000_000


def test_fractions_of_a_second_count() -> None:
    assert instant("1704067200.5") == instant("2024-01-01T00:00:00.5Z")


@pytest.mark.parametrize(
    "text", ["10.0.0", "10.0.0.256", "010.0.0.1", "fe80::1%eth0", "10.0.0.1/32", "", "a" * 500]
)
def test_no_address(text: str) -> None:
    assert address(text) is None


@pytest.mark.parametrize(
    "text", ["10.0.0.0/33", "10.0.0.0/", "10.0.0.0/255.0.0.0", "10.0.0.0/-1", "::/129", "x/8"]
)
def test_no_network(text: str) -> None:
    assert network(text) is None


def inside(host: str, cidr: str) -> bool:
    found, wanted = address(host), network(cidr)
    assert found is not None and wanted is not None
    return found.version == wanted.version and found.number & wanted.mask == wanted.start


@pytest.mark.fact(70)
@pytest.mark.parametrize(
    ("host", "cidr"),
    [
        ("10.1.2.3", "10.0.0.0/8"),
        ("10.1.2.3", "10.9.9.9/8"),
        ("10.0.0.1", "10.0.0.1"),
        ("2001:db8::1", "2001:DB8::/32"),
        ("1.2.3.4", "0.0.0.0/0"),
    ],
)
def test_an_address_is_inside(host: str, cidr: str) -> None:
    assert inside(host, cidr)


@pytest.mark.fact(70)
@pytest.mark.parametrize(
    ("host", "cidr"),
    [
        ("11.1.2.3", "10.0.0.0/8"),
        ("10.0.0.2", "10.0.0.1"),
        ("10.0.0.1", "::/0"),
        ("::1", "0.0.0.0/0"),
        ("::ffff:10.0.0.1", "10.0.0.0/8"),
    ],
)
def test_an_address_is_outside(host: str, cidr: str) -> None:
    assert not inside(host, cidr)


@pytest.mark.fact(74)
def test_base64_is_compared_by_its_bytes() -> None:
    assert decoded("YQ==") == b"a"
    assert decoded("YQ") is None
    assert decoded("Y*Q=") is None


def test_booleans() -> None:
    assert boolean("true") is True
    assert boolean("False") is False
    assert boolean("yes") is None


GROUPS = st.sampled_from(["0", "1", "a", "fFfF", "00001", "g", "", "1.2.3.4"])
PARTS = st.sampled_from(["0", "1", "255", "256", "01", "", "a", "\u0663", " 1"])


@given(
    st.one_of(
        st.lists(GROUPS, min_size=1, max_size=9).map(":".join),
        st.lists(PARTS, min_size=3, max_size=5).map(".".join),
        st.text("01:.%f", max_size=20),
    )
)
def test_addresses_are_those_of_the_standard_library(text: str) -> None:
    try:
        known = ipaddress.ip_address(text)
    except ValueError:
        assert address(text) is None
    else:
        expected = None if "%" in text else (known.version, int(known))
        assert address(text) == expected
