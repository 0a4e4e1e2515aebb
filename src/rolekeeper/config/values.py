"""The kinds of values that settings have: from a text or a TOML value to the checked value.

Each raises ValueError with what the value must be. The text never repeats the value: it may be a secret.
"""

from __future__ import annotations

import base64
import ipaddress
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rolekeeper.config.strict import nearest

DATABASE_NAME = "rolekeeper.db"
_ON = {"1", "true", "yes", "on"}
_OFF = {"0", "false", "no", "off"}


def text(value: Any) -> str:
    """A text on one line."""
    if not isinstance(value, str) or not value or not value.isprintable():
        raise ValueError("must be a text")
    return value


def port(value: Any) -> int:
    """A TCP port; 0 stands for any free one."""
    digits = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 5 and int(digits) <= 65535):
        raise ValueError("must be a port, 0 to 65535")
    return int(digits)


def switch(value: Any) -> bool:
    """On or off."""
    if isinstance(value, bool):
        return value
    word = value.lower() if isinstance(value, str) else ""
    if word not in _ON | _OFF:
        raise ValueError("must be true or false")
    return word in _ON


def path(value: Any) -> Path:
    """A path; a relative one starts at the current folder."""
    return Path(text(str(value) if isinstance(value, Path) else value)).expanduser().absolute()


def database_url(value: Any) -> str:
    """`sqlite:///FOLDER/rolekeeper.db`, with an absolute path."""
    place = text(value).removeprefix("sqlite:///")
    if place == value or Path(place).name != DATABASE_NAME:
        raise ValueError(
            f"this version keeps its state in SQLite only: give sqlite:///FOLDER/{DATABASE_NAME}"
        )
    return f"sqlite:///{path(place)}"


def key(value: Any) -> bytes:
    """The 32 bytes of a key, given in base64."""
    try:
        decoded = base64.b64decode(text(value), validate=True)
    except ValueError:
        decoded = b""
    if len(decoded) != 32:
        raise ValueError("must be the base64 text of 32 bytes")
    return decoded


def limits(names: tuple[str, ...]) -> Callable[[Any], dict[str, int]]:
    """A table of numbers under these names."""

    def read(value: Any) -> dict[str, int]:
        if not isinstance(value, dict):
            raise ValueError("must be a table")
        for name, limit in value.items():
            if name not in names:
                raise ValueError(f"{name} cannot be raised; did you mean {nearest(name, names)}?")
            if isinstance(limit, bool) or not isinstance(limit, int) or limit < 0:
                raise ValueError(f"{name} must be a number, 0 or more")
        return value

    return read


_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_PLACE = re.compile(r"(?:([0-9.]{7,15})|\[([0-9A-Fa-f:.]{2,45})\])(?::([0-9]{1,5}))?")


def hosts(value: Any) -> dict[str, str]:
    """Hosts, each with the address where it stands or none: `HOST`, `HOST=ADDRESS[:PORT]`, with commas."""
    given = value.split(",") if isinstance(value, str) else value
    if not isinstance(given, list):
        raise ValueError("must be a list of HOST or HOST=ADDRESS[:PORT]")
    found = {}
    for each in given:
        host, _, place = str(each).strip().partition("=")
        if not _HOST.fullmatch(host) or (place and not _is_place(place)):
            raise ValueError(
                "each must be HOST or HOST=ADDRESS[:PORT], such as idp.example=10.0.0.1:8443; "
                "an address of version 6 stands in brackets"
            )
        found[host.lower()] = place
    return found


def _is_place(place: str) -> bool:
    """An address that there is, with a port that there is or none."""
    found = _PLACE.fullmatch(place)
    if found is None:
        return False
    try:
        ipaddress.ip_address(found[1] or found[2])
    except ValueError:
        return False
    return 0 < int(found[3] or 443) <= 65535


def networks(value: Any) -> tuple[str, ...]:
    """Addresses and networks, with commas: `192.0.2.7`, `10.0.0.0/8`, `fd00::/8`."""
    given = value.split(",") if isinstance(value, str) else value
    if not isinstance(given, list | tuple):
        raise ValueError("must be a list of addresses and networks")
    found = tuple(str(each).strip() for each in given)
    try:
        for each in found:
            ipaddress.ip_network(each)
    except ValueError:
        raise ValueError("each must be an address or a network, such as 192.0.2.7 or 10.0.0.0/8") from None
    return found


_SERVICE = re.compile(r"\*|[a-z0-9-]{1,64}")
_URL = re.compile(
    r"https?://(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?"
    r"(?:/[A-Za-z0-9._~-]+)*/?"
)


def backends(value: Any) -> dict[str, str]:
    """What stands behind services: `SERVICE=URL`, with commas; one without a service is for all others."""
    given = value.split(",") if isinstance(value, str) else value
    if not isinstance(given, list | tuple):
        raise ValueError("must be a list of SERVICE=URL")
    found: dict[str, str] = {}
    for each in given:
        service, equals, place = str(each).strip().rpartition("=")
        service = service if equals else "*"
        if not _SERVICE.fullmatch(service) or not (place in ("embedded", "none") or _URL.fullmatch(place)):
            raise ValueError(
                "each must be SERVICE=URL, such as s3=http://127.0.0.1:9000, without credentials; "
                "'embedded' and 'none' may stand in place of a URL, and * in place of a service"
            )
        if service in found:
            raise ValueError(f"{service} stands there twice")
        found[service] = place.rstrip("/")
    return found


_ROLE = re.compile(
    r"arn:aws[a-z-]*:iam::[0-9]{12}:role/(?:[!-.0-~]+/)*[\w+=,.@-]{1,64}|[\w+=,.@-]{1,64}", re.ASCII
)


def role_names(value: Any) -> tuple[str, ...]:
    """Roles by name or ARN, with commas between ARNs and names; a comma is no part of a name here."""
    given = value.split(",") if isinstance(value, str) else value
    if not isinstance(given, list | tuple):
        raise ValueError("must be a list of roles")
    names = tuple(str(each).strip() for each in given)
    if not all(_ROLE.fullmatch(name) for name in names):
        raise ValueError("each must be the name or the ARN of a role")
    return names


def choice(*words: str) -> Callable[[Any], str]:
    """One of these words."""

    def read(value: Any) -> str:
        if value not in words:
            raise ValueError(f"must be {' or '.join(words)}")
        return str(value)

    return read


def matching(pattern: str, kind: str) -> Callable[[Any], str]:
    """A text that the whole pattern matches."""
    compiled = re.compile(pattern)

    def read(value: Any) -> str:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            raise ValueError(f"must be {kind}")
        return value

    return read


issuer_url = matching(
    r"https://[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~-]+)*",
    "an https URL in lower case with a host and, if need be, a path, without a slash at its end",
)
account = matching(r"[0-9]{12}", "an account number of 12 digits")
account_name = matching(r"[ -~]{1,50}", "a name of 1 to 50 printable ASCII characters")
key_id = matching(r"[A-Za-z0-9_]{3,128}", "an access key ID of 3 to 128 letters, digits and underscores")
secret = matching(r"[!-~]{1,256}", "a secret of 1 to 256 printable ASCII characters without spaces")
