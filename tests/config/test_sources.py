from __future__ import annotations

import base64
from dataclasses import fields
from pathlib import Path

import pytest

from rolekeeper.config import Settings, load
from rolekeeper.config.sources import READERS
from rolekeeper.errors import ConfigurationError, UsageError

KEY = base64.b64encode(bytes(range(32))).decode()


def settings(file=None, environment=None, **flags):
    return load(flags=flags | ({"config": str(file)} if file else {}), environment=environment or {})


def written(folder, text):
    path = folder / "rolekeeper.toml"
    path.write_text(text)
    return path


def test_an_unknown_variable_names_the_nearest():
    with pytest.raises(ConfigurationError, match=r"ROLEKEEPER_PROT .* did you mean ROLEKEEPER_PORT\?"):
        settings(environment={"ROLEKEEPER_PROT": "1"})


def test_an_unknown_variable_is_refused_even_when_empty():
    with pytest.raises(ConfigurationError, match="ROLEKEEPER_STRICT"):
        settings(environment={"ROLEKEEPER_STRICT": ""})


def test_an_unknown_key_names_the_nearest(tmp_path):
    with pytest.raises(ConfigurationError, match=r"acount in .* did you mean account\?"):
        settings(written(tmp_path, 'acount = "123456789012"'))


def test_an_unknown_limit_names_the_nearest(tmp_path):
    with pytest.raises(ConfigurationError, match=r"limits in .*: rols .* did you mean roles\?"):
        settings(written(tmp_path, "[limits]\nrols = 1"))


def test_the_key_is_not_read_from_a_file(tmp_path):
    with pytest.raises(ConfigurationError, match="key in"):
        settings(written(tmp_path, f'key = "{KEY}"'))


def test_a_file_that_is_not_there_or_not_toml(tmp_path):
    with pytest.raises(ConfigurationError, match="cannot be read"):
        settings(tmp_path / "none.toml")
    with pytest.raises(ConfigurationError, match="is not TOML"):
        settings(written(tmp_path, "port = = 1"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("PORT", "٣"),
        ("PORT", "http"),
        ("EPHEMERAL", "maybe"),
        ("ACCOUNT", "12345678901"),
        ("ACCOUNT", "123456789012\n"),
        ("DATABASE_URL", "postgresql://localhost/x"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("DATABASE_URL", "sqlite:///rolekeeper.db?mode=memory"),
        ("DATABASE_URL", "sqlite:///other.db"),
        ("ROOT_ACCESS_KEY_ID", "ab"),
        ("ROOT_ACCESS_KEY_ID", "a b c"),
        ("HOST", "a\nb"),
        ("KEY", "c2hvcnQ="),
        ("KEY", "not base64"),
        ("ISSUER_URL", "http://tokens.example"),
        ("ISSUER_URL", "https://tokens.example/"),
        ("ISSUER_URL", "https://Tokens.example"),
        ("ISSUER_URL", "https://u@tokens.example"),
        ("ISSUER_URL", "https://tokens.example/a?b=c"),
        ("ISSUER_URL", "tokens.example"),
    ],
)
def test_a_wrong_value_names_its_variable(name, value):
    with pytest.raises(ConfigurationError, match=f"^ROLEKEEPER_{name}: must be|SQLite only"):
        settings(environment={f"ROLEKEEPER_{name}": value})


@pytest.mark.parametrize("line", ["port = true", "ephemeral = 1", "host = 1", "limits = 3", "data = []"])
def test_a_value_of_another_kind_is_refused(tmp_path, line):
    with pytest.raises(ConfigurationError, match="must be"):
        settings(written(tmp_path, line))


def test_a_wrong_secret_is_not_repeated():
    with pytest.raises(ConfigurationError) as caught:
        settings(environment={"ROLEKEEPER_ROOT_SECRET_ACCESS_KEY": "hidden secret"})
    assert "hidden" not in str(caught.value)


def test_flags_win_over_the_environment_over_the_file(tmp_path):
    file = written(tmp_path, 'port = 1\naccount = "111111111111"\nhost = "127.0.0.3"')
    environment = {"ROLEKEEPER_PORT": "2", "ROLEKEEPER_ACCOUNT": "222222222222"}
    held = settings(file, environment, port=3)
    assert (held.port, held.account, held.host) == (3, "222222222222", "127.0.0.3")


def test_the_file_may_be_named_by_the_environment(tmp_path):
    file = written(tmp_path, "[limits]\nroles = 5000")
    assert settings(environment={"ROLEKEEPER_CONFIG": str(file)}).limits == {"roles": 5000}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("idp.example", {"idp.example": ""}),
        ("IDP.example=10.0.0.1", {"idp.example": "10.0.0.1"}),
        ("a.example, b.example=10.0.0.1:8443", {"a.example": "", "b.example": "10.0.0.1:8443"}),
        ("idp.example=[fd00::1]:8443", {"idp.example": "[fd00::1]:8443"}),
    ],
)
def test_hosts_of_identity_providers_may_be_private(text, expected):
    assert settings(environment={"ROLEKEEPER_FEDERATION_HOSTS": text}).federation_hosts == expected
    assert settings().federation_hosts == {}


@pytest.mark.parametrize(
    "text",
    [
        *(",", "*", "*.example", "idp.example:8443", "https://idp.example", "idp example", "-", "[::1]"),
        *("a=b", "a=10.0.0", "a=10.0.0.256", "a=10.0.0.1:0", "a=10.0.0.1:65536", "a=10.0.0.1:", "a=fd00::1"),
        *("a=[fd00::1", "a=[10.0.0.1.1]", "a=10.0.0.1=10.0.0.2", "a,,b", "a=10.0.0.1:\u0663"),
    ],
)
def test_a_host_that_is_none_stops_the_start(text):
    with pytest.raises(ConfigurationError, match="ROLEKEEPER_FEDERATION_HOSTS: each must be HOST"):
        settings(environment={"ROLEKEEPER_FEDERATION_HOSTS": text})


@pytest.mark.parametrize("url", ["https://tokens.example", "https://tokens.example:8443/aws/tokens"])
def test_issuers_have_a_url_where_that_is_wanted(url):
    assert settings().issuer_url is None
    assert settings(environment={"ROLEKEEPER_ISSUER_URL": url}).issuer_url == url


def test_the_simulator_is_awss_where_that_is_wanted(tmp_path):
    assert not settings().simulator_ignores_trust
    assert settings(environment={"ROLEKEEPER_SIMULATOR_IGNORES_TRUST": "yes"}).simulator_ignores_trust
    assert settings(written(tmp_path, "simulator_ignores_trust = true")).simulator_ignores_trust


def test_refusals_have_messages_where_that_is_wanted(tmp_path):
    assert not settings().encoded_denials
    assert settings(environment={"ROLEKEEPER_ENCODED_DENIALS": "true"}).encoded_denials
    assert settings(written(tmp_path, "encoded_denials = true")).encoded_denials


def test_iam_has_one_region_where_nothing_else_is_wanted(tmp_path):
    assert not settings().iam_any_region
    assert settings(environment={"ROLEKEEPER_IAM_ANY_REGION": "1"}).iam_any_region
    assert settings(written(tmp_path, "iam_any_region = true")).iam_any_region


def test_a_stronger_source_replaces_the_place_of_the_state():
    environment = {"ROLEKEEPER_DATA": "/somewhere"}
    assert settings(environment=environment).data == Path("/somewhere")
    assert settings(environment=environment, ephemeral=True).data is None


def test_two_places_in_one_source_are_refused():
    with pytest.raises(ConfigurationError, match="one place"):
        settings(ephemeral=True, data="/somewhere")


def test_the_state_is_in_the_data_folder_when_nothing_is_said(monkeypatch):
    monkeypatch.setenv("HOME", "/home/somebody")
    assert settings().data == Path("/home/somebody/.local/share/rolekeeper")
    assert settings(environment={"XDG_DATA_HOME": "/data"}).data == Path("/data/rolekeeper")


def test_a_relative_path_starts_at_the_current_folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert settings(data="state").data == tmp_path / "state"
    assert settings(database_url="sqlite:///state/rolekeeper.db").database == tmp_path / "state"


def test_the_key_comes_from_the_environment():
    assert settings(environment={"ROLEKEEPER_KEY": KEY}).key == bytes(range(32))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("none", {"*": "none"}),
        ("embedded", {"*": "embedded"}),
        ("s3=http://127.0.0.1:9000/", {"s3": "http://127.0.0.1:9000"}),
        ("s3=https://store.example/s3,*=none", {"s3": "https://store.example/s3", "*": "none"}),
        (
            "sqs=http://[::1]:9324, dynamodb=http://d_b:8000",
            {"sqs": "http://[::1]:9324", "dynamodb": "http://d_b:8000"},
        ),
    ],
)
def test_what_stands_behind_is_said_by_service(text, expected):
    assert load(flags={}, environment={"ROLEKEEPER_BACKEND": text}).backend == expected
    assert load(flags={"backend": text.split(",")}, environment={}).backend == expected


@pytest.mark.parametrize(
    "text",
    [
        "s3",
        "s3=",
        "s3=ftp://host",
        "S3=http://host",
        "s3=http://user:hidden@host",
        "s3=http://host?x=hidden",
        "s3=http://host/#hidden",
        "s3=http://host,s3=none",
        "=http://host",
        "s3=http://ho st",
    ],
)
def test_a_backend_that_is_none_stops_the_start(text):
    with pytest.raises(ConfigurationError, match="ROLEKEEPER_BACKEND: ") as raised:
        load(flags={}, environment={"ROLEKEEPER_BACKEND": text})
    assert "hidden" not in str(raised.value)


def test_half_of_a_backends_key_is_refused():
    with pytest.raises(ConfigurationError, match="go together"):
        load(flags={}, environment={"ROLEKEEPER_BACKEND_ACCESS_KEY_ID": "abc"})


def test_what_cannot_be_classified_is_denied_where_nothing_else_is_wanted():
    assert load(flags={}, environment={}).unclassified == "deny"
    assert load(flags={"unclassified": "allow"}, environment={}).unclassified == "allow"
    with pytest.raises(UsageError, match="deny or allow"):
        load(flags={"unclassified": "Allow"}, environment={})


def test_roles_that_are_observed_are_named_one_by_one():
    arn = "arn:aws:iam::123456789012:role/a/b"
    assert load(flags={}, environment={}).observe == ()
    assert load(flags={"observe": ["app", arn]}, environment={}).observe == ("app", arn)
    assert load(flags={}, environment={"ROLEKEEPER_OBSERVE": f"app,{arn}"}).observe == ("app", arn)
    for wrong in ("*", "a*", "arn:aws:iam::123456789012:user/a", "", "a b", "arn:aws:iam::*:role/a"):
        with pytest.raises(ConfigurationError, match="name or the ARN of a role"):
            load(flags={"observe": [wrong]}, environment={})


def test_every_setting_has_a_reader():
    assert {entry.name for entry in fields(Settings)} == set(READERS)
