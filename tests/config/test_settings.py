from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from rolekeeper.config import RAISABLE_LIMITS, SeedAccount, Settings, is_loopback
from rolekeeper.errors import ConfigurationError
from rolekeeper.iam.limits import Limits

SEEDED = SeedAccount(
    id="111122223333", name="tests", root_access_key_id="tests", root_secret_access_key="hidden-1"
)


@pytest.mark.parametrize(
    "places",
    [{}, {"ephemeral": True, "data": Path("/d")}, {"data": Path("/d"), "database_url": "sqlite:////d"}],
)
def test_the_state_has_exactly_one_place(places):
    with pytest.raises(ConfigurationError, match="one place"):
        Settings(**places)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.com"])
def test_another_address_than_loopback_needs_tls_or_a_word(host):
    with pytest.raises(ConfigurationError, match="--insecure"):
        Settings(ephemeral=True, host=host)
    assert Settings(ephemeral=True, host=host, insecure=True).host == host
    assert Settings(ephemeral=True, host=host, tls_cert=Path("c"), tls_key=Path("k")).host == host


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "::1"])
def test_loopback_needs_nothing(host):
    assert is_loopback(host)
    assert Settings(ephemeral=True, host=host).host == host


@pytest.mark.parametrize("half", [{"tls_cert": Path("c")}, {"tls_key": Path("k")}])
def test_half_of_tls_is_refused(half):
    with pytest.raises(ConfigurationError, match="tls_cert and tls_key go together"):
        Settings(ephemeral=True, **half)


@pytest.mark.parametrize("half", [{"root_access_key_id": "root"}, {"root_secret_access_key": "secret"}])
def test_half_of_a_root_key_is_refused(half):
    with pytest.raises(ConfigurationError, match="go together"):
        Settings(ephemeral=True, **half)


def test_a_seeded_account_is_not_the_own_account():
    with pytest.raises(ConfigurationError, match="account 111122223333 stands twice"):
        Settings(ephemeral=True, account="111122223333", seed=(SEEDED,))


def test_a_seeded_access_key_is_not_the_own_one():
    with pytest.raises(ConfigurationError, match="access key tests stands twice"):
        Settings(ephemeral=True, root_access_key_id="tests", root_secret_access_key="other", seed=(SEEDED,))


def test_the_database_is_in_the_data_folder():
    assert Settings(data=Path("/d")).database == Path("/d")
    assert Settings(database_url="sqlite:////x/rolekeeper.db").database == Path("/x")
    assert Settings(ephemeral=True).database is None


def test_no_secret_shows():
    settings = Settings(
        ephemeral=True,
        root_access_key_id="root",
        root_secret_access_key="hidden-2",
        key=b"hidden-3" * 4,
        seed=(SEEDED,),
    )
    assert "hidden" not in repr(settings)


def test_the_limits_that_can_be_raised_are_limits():
    assert set(RAISABLE_LIMITS) <= {entry.name for entry in fields(Limits)}
