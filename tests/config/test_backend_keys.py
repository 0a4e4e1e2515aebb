from __future__ import annotations

import pytest

from rolekeeper.config import BackendAccess
from rolekeeper.config.backend_keys import read_backend_keys
from rolekeeper.errors import ConfigurationError

KEY = {"backend": "s3", "account": "111122223333", "access_key_id": "minio", "secret_access_key": "hidden"}


def keys(folder, *tables, text=""):
    path = folder / "keys.toml"
    written = ["[[keys]]\n" + "\n".join(f'{k} = "{v}"' for k, v in table.items()) for table in tables]
    path.write_text(text + "\n".join(written))
    return path


@pytest.mark.parametrize("missing", ["account", "access_key_id", "secret_access_key"])
def test_a_missing_part_is_named(tmp_path, missing):
    key = {name: value for name, value in KEY.items() if name != missing}
    with pytest.raises(ConfigurationError, match=rf"keys\[0\] in .*: {missing} is missing"):
        read_backend_keys(keys(tmp_path, key))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("backend", "S3"),
        ("backend", ""),
        ("account", "11112222333"),
        ("account", "all"),
        ("access_key_id", "a b"),
        ("access_key_id", "LS-{account-id}"),
        ("access_key_id", "{}"),
        ("secret_access_key", ""),
        ("session_token", "a b"),
    ],
)
def test_a_wrong_value_is_named_and_not_repeated(tmp_path, name, value):
    with pytest.raises(ConfigurationError, match=rf"keys\[0\] in .*: {name}: ") as raised:
        read_backend_keys(keys(tmp_path, KEY | {name: value}))
    assert "hidden" not in str(raised.value)


def test_an_unknown_name_names_the_nearest(tmp_path):
    with pytest.raises(ConfigurationError, match=r"acount .* did you mean account\?"):
        read_backend_keys(keys(tmp_path, KEY | {"acount": "x"}))


@pytest.mark.parametrize("text", ["kees = 1\n", "keys = 1\n", "keys = [1]\n"])
def test_another_form_is_refused(tmp_path, text):
    with pytest.raises(ConfigurationError, match="keys"):
        read_backend_keys(keys(tmp_path, text=text))


def test_two_keys_of_one_account_at_one_backend_are_refused(tmp_path):
    with pytest.raises(ConfigurationError, match=r"keys\[1\] .* already"):
        read_backend_keys(keys(tmp_path, KEY, KEY | {"access_key_id": "other"}))


def test_the_keys_are_read_and_their_secrets_do_not_show(tmp_path):
    every = {
        "account": "*",
        "access_key_id": "{account}",
        "secret_access_key": "hidden",
        "session_token": "t",
    }
    found = read_backend_keys(keys(tmp_path, KEY, every))
    assert found == (BackendAccess(**KEY), BackendAccess(**every, backend="*"))
    assert "hidden" not in repr(found)
    assert "'t'" not in repr(found)
