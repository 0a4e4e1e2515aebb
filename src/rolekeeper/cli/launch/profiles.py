"""The keys of a profile in the AWS configuration files, for who assumes a role with them.

Source: "Shared config and credentials files" in the AWS SDKs and Tools Reference Guide.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from configparser import Error, RawConfigParser
from pathlib import Path

from rolekeeper.cli.credentials import AccessPair
from rolekeeper.errors import ConfigurationError
from rolekeeper.iam.secret import Secret


def config_file(environment: Mapping[str, str]) -> Path:
    """Where the settings are."""
    return _place(environment.get("AWS_CONFIG_FILE"), "config")


def credentials_file(environment: Mapping[str, str]) -> Path:
    """Where the keys are."""
    return _place(environment.get("AWS_SHARED_CREDENTIALS_FILE"), "credentials")


def title(name: str) -> str:
    """What a profile's section is called among the settings."""
    return name if name == "default" else f"profile {name}"


def profiles_key(name: str, environment: Mapping[str, str]) -> AccessPair:
    """The key of a profile. ConfigurationError where it has none."""
    for section in _sections(name, environment):
        key_id, secret = (section.get(f"aws_{each}") for each in ("access_key_id", "secret_access_key"))
        if key_id and secret:
            token = section.get("aws_session_token")
            return AccessPair(
                access_key_id=key_id, secret=Secret(secret), token=Secret(token) if token else None
            )
    raise ConfigurationError(
        f"there is no profile {name} with keys of its own in the AWS configuration files"
    )


def _sections(name: str, environment: Mapping[str, str]) -> Iterator[Mapping[str, str]]:
    """What the files say of a profile, the credentials before the settings."""
    places = (
        (credentials_file(environment), name),
        (config_file(environment), title(name)),
    )
    for path, wanted in places:
        parser = RawConfigParser(strict=False, default_section="")
        try:
            parser.read_string(path.read_text("utf-8") if path.is_file() else "")
        except (OSError, UnicodeDecodeError, Error):
            raise ConfigurationError(f"{path} cannot be read") from None
        for section in parser.sections():
            if " ".join(section.replace('"', " ").split()) == wanted:
                yield parser[section]


def _place(given: str | None, name: str) -> Path:
    return (Path(given).expanduser() if given else Path.home() / ".aws" / name).resolve()
