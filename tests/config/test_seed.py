from __future__ import annotations

import pytest

from rolekeeper.config import SeedAccount, load
from rolekeeper.config.seed import read_seed
from rolekeeper.errors import ConfigurationError

ACCOUNT = {
    "id": "111122223333",
    "name": "tests",
    "root_access_key_id": "tests",
    "root_secret_access_key": "hidden",
}


def seed(folder, *accounts, text=""):
    path = folder / "seed.toml"
    tables = [
        "[[accounts]]\n" + "\n".join(f'{k} = "{v}"' for k, v in account.items()) for account in accounts
    ]
    path.write_text(text + "\n".join(tables))
    return path


@pytest.mark.parametrize("missing", list(ACCOUNT))
def test_a_missing_key_is_named(tmp_path, missing):
    account = {name: value for name, value in ACCOUNT.items() if name != missing}
    with pytest.raises(ConfigurationError, match=rf"accounts\[0\] in .*: {missing} is missing"):
        read_seed(seed(tmp_path, account))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("id", "11112222333"),
        ("name", ""),
        ("root_access_key_id", "ab"),
        ("root_access_key_id", "a" * 129),
        ("root_access_key_id", "with-dash"),
        ("root_secret_access_key", ""),
        ("root_secret_access_key", "a b"),
    ],
)
def test_a_wrong_value_is_named(tmp_path, name, value):
    with pytest.raises(ConfigurationError, match=rf"accounts\[1\] in .*: {name}: must be"):
        read_seed(seed(tmp_path, ACCOUNT, ACCOUNT | {name: value}))


def test_an_unknown_key_names_the_nearest(tmp_path):
    with pytest.raises(ConfigurationError, match=r"nmae .* did you mean name\?"):
        read_seed(seed(tmp_path, ACCOUNT | {"nmae": "x"}))


@pytest.mark.parametrize("text", ["acounts = 1\n", "accounts = 1\n", "accounts = [1]\n"])
def test_another_form_is_refused(tmp_path, text):
    with pytest.raises(ConfigurationError, match="accounts"):
        read_seed(seed(tmp_path, text=text))


def test_the_accounts_are_read_in_their_order(tmp_path):
    second = ACCOUNT | {"id": "444455556666", "root_access_key_id": "abc"}
    accounts = read_seed(seed(tmp_path, ACCOUNT, second))
    assert accounts == (SeedAccount(**ACCOUNT), SeedAccount(**second))
    assert "hidden" not in repr(accounts)


def test_an_account_that_stands_twice_is_refused(tmp_path):
    path = seed(tmp_path, ACCOUNT, ACCOUNT | {"root_access_key_id": "other"})
    with pytest.raises(ConfigurationError, match="account 111122223333 stands twice"):
        load(flags={"seed": path, "ephemeral": True}, environment={})
