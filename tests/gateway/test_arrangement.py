"""What stands behind is what the settings say, and a setting that cannot hold refuses to start."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from rolekeeper.config import BackendAccess, Settings
from rolekeeper.errors import ConfigurationError, ServiceUnavailable
from rolekeeper.gateway import embedded
from rolekeeper.gateway.arrangement import arrange
from rolekeeper.gateway.backends import Backends
from rolekeeper.gateway.embedded import Embedded
from rolekeeper.gateway.remote import Remote

URL = "http://127.0.0.1:9000"
OWN, OTHER = "123456789012", "222222222222"


def settings(**more: Any) -> Settings:
    return Settings(ephemeral=True, **more)


def key(account: str, backend: str = "*", name: str = "k") -> BackendAccess:
    return BackendAccess(account=account, backend=backend, access_key_id=name, secret_access_key="hidden")


def arranged(**more: Any) -> Backends:
    made = arrange(settings(**more), public="here:1")
    assert made is not None
    return made


def test_nothing_behind_anything_is_no_gateway() -> None:
    assert arrange(settings(backend={"*": "none", "s3": "none"})) is None


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"backend": {"s4": URL}, "backend_keys": (key("*"),)}, "did you mean s3"),
        ({"backend": {"iam": URL}, "backend_keys": (key("*"),)}, "answers for iam itself"),
        ({"backend": {"sts": "none"}}, "answers for sts itself"),
        ({"backend": {"s3": URL}}, "needs an access key"),
        ({"backend": {"s3": URL}, "backend_keys": (key("*", "sqs"),)}, "needs an access key"),
        ({"backend": {"s3": URL}, "backend_keys": (key("*"), key("*", "sqs"))}, "no use to sqs"),
        ({"backend": {"s3": "none"}, "backend_keys": (key("*", "s3"),)}, "no use to s3"),
    ],
)
def test_a_setting_that_cannot_hold_is_refused(given: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=complaint):
        arrange(settings(**given))


def test_the_embedded_backend_has_to_be_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "installed", lambda: False)
    with pytest.raises(ConfigurationError, match=r"rolekeeper\[local\]"):
        arrange(settings(backend={"*": "embedded"}))
    assert arrange(settings()) is None


def test_what_is_not_named_is_embedded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "installed", lambda: True)
    made = arranged(backend={"sqs": "none", "s3": URL}, backend_keys=(key("*"),))
    store, rest = made.behind("s3"), made.behind("dynamodb")
    assert isinstance(store, Remote)
    assert isinstance(rest, Embedded)
    assert rest.public == "here:1"
    assert made.behind("sqs") is None
    assert made.behind("iam") is None
    assert list(made.shown) == ["s3", "sqs", "*"]
    assert made.shown["s3"] == URL


def test_one_url_is_one_backend() -> None:
    made = arranged(backend={"s3": URL, "sqs": URL, "*": "none"}, backend_keys=(key("*"),))
    assert made.behind("s3") is made.behind("sqs")
    assert made.behind("sns") is None


def signs(made: Any, account: str, service: str = "s3") -> str:
    backend = made.behind(service)
    found: str = backend.key(account, service).access_key_id
    return found


def test_an_account_signs_with_its_own_key_and_no_other() -> None:
    own = {"backend_access_key_id": "pair", "backend_secret_access_key": "hidden"}
    made = arranged(backend={"s3": URL}, **own)
    assert signs(made, OWN) == "pair"
    with pytest.raises(ServiceUnavailable, match=OTHER):
        signs(made, OTHER)
    made = arranged(backend={"s3": URL}, backend_keys=(key(OTHER, name="o"),), **own)
    assert (signs(made, OWN), signs(made, OTHER)) == ("pair", "o")
    made = arranged(backend={"s3": URL}, backend_keys=(key(OWN, name="file"),), **own)
    assert signs(made, OWN) == "file"


def test_the_nearest_key_signs() -> None:
    all_keys = (
        key("*", name="LS{account}"),
        key("*", "sqs", "service"),
        key(OWN, name="account"),
        key(OWN, "s3", "both"),
    )
    made = arranged(backend={"*": URL}, backend_keys=all_keys)
    assert signs(made, OWN) == "both"
    assert signs(made, OWN, "sqs") == "account"
    assert signs(made, OTHER, "sqs") == "service"
    assert signs(made, OTHER) == f"LS{OTHER}"


def test_nothing_large_is_loaded_before_it_is_needed() -> None:
    program = (
        "import sys, rolekeeper.cli, rolekeeper.cli.serving\n"
        "print([name for name in ('aiohttp', 'moto', 'flask', 'botocore.parsers') if name in sys.modules])\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
