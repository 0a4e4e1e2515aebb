"""Which services a request can mean: by the name in its credential scope, its target, its version.

Several services share a signing name (`elasticloadbalancing` is of two). Here are all that do; which of them
is meant, the rest of the request says.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cache, lru_cache

from rolekeeper.wire.model import Service, every_service, service

__all__ = ["signed_as", "warm", "with_target", "with_version"]

_FORMS = ("query", "ec2")


@lru_cache(maxsize=512)
def signed_as(signing_name: str) -> tuple[Service, ...]:
    """The services of a signing name; the one that is called so itself is the first."""
    return tuple(service(name) for name in _by_signing_name().get(signing_name, ()))


def with_target(prefix: str) -> Service | None:
    """The service whose targets begin so."""
    name = _by_target().get(prefix)
    return None if name is None else service(name)


def with_version(version: str) -> tuple[Service, ...]:
    """The services of forms that have that version."""
    return tuple(service(name) for name in _by_version().get(version, ()))


def warm() -> None:
    """Have the tables made, so that the first request need not wait for them: a twentieth of a second."""
    _by_signing_name()
    _by_target()
    _by_version()


@cache
def _by_signing_name() -> Mapping[str, tuple[str, ...]]:
    found = defaultdict(list)
    for name, said in every_service().items():
        found[said.get("signingName", said["endpointPrefix"])].append(name)
    return {key: tuple(sorted(names, key=lambda name: (name != key, name))) for key, names in found.items()}


@cache
def _by_target() -> Mapping[str, str]:
    named = ((said["targetPrefix"], name) for name, said in every_service().items() if "targetPrefix" in said)
    return dict(sorted(named, key=lambda pair: pair[1], reverse=True))


@cache
def _by_version() -> Mapping[str, tuple[str, ...]]:
    found = defaultdict(list)
    for name, said in sorted(every_service().items()):
        spoken = said.get("protocols") or [said["protocol"]]
        if name == "sqs" or any(protocol in _FORMS for protocol in spoken):
            found[said["apiVersion"]].append(name)
    return {version: tuple(names) for version, names in found.items()}
