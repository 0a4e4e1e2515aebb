"""From the settings to what stands behind: which backend has which service.

What the settings do not name is the embedded backend's, where it is installed, and otherwise nothing's. A
setting that cannot hold refuses to start: a service that AWS does not have, one that is answered here, a
backend without a key, one that is not installed.
"""

from __future__ import annotations

from rolekeeper.config import BackendAccess, Settings
from rolekeeper.config.strict import nearest
from rolekeeper.errors import ConfigurationError
from rolekeeper.gateway import embedded
from rolekeeper.gateway.backends import ALL, NATIVE, Backend, Backends
from rolekeeper.gateway.embedded import Embedded
from rolekeeper.gateway.remote import EVERY, Remote
from rolekeeper.wire import model


def arrange(settings: Settings, *, public: str = "localhost") -> Backends | None:
    """What stands behind by those settings; None where that is nothing at all. Raises ConfigurationError.

    `public` is the host of our own address, with its port, for the URLs that the embedded backend gives.
    """
    chosen = dict(settings.backend)
    for service in chosen:
        _check(service)
    chosen.setdefault(ALL, "embedded" if embedded.installed() else "none")
    keys = _keys(settings)
    made: dict[str, Backend] = {}
    found: dict[str, Backend | None] = {}
    for service, place in chosen.items():
        if place != "none" and place not in made:
            made[place] = _embedded(settings, public) if place == "embedded" else Remote(place, keys)
        if isinstance(made.get(place), Remote):
            _check_key(service, place, keys)
        found[service] = made.get(place)
    _check_used(keys, chosen)
    return Backends(found) if made else None


def _keys(settings: Settings) -> tuple[BackendAccess, ...]:
    if settings.backend_access_key_id is None or settings.backend_secret_access_key is None:
        return settings.backend_keys
    if any((key.backend, key.account) == (EVERY, settings.account) for key in settings.backend_keys):
        return settings.backend_keys
    own = BackendAccess(
        account=settings.account,
        access_key_id=settings.backend_access_key_id,
        secret_access_key=settings.backend_secret_access_key,
    )
    return (*settings.backend_keys, own)


def _embedded(settings: Settings, public: str) -> Embedded:
    if not embedded.installed():
        raise ConfigurationError(
            "backend: the embedded backend is not installed; install it with: pip install 'rolekeeper[local]'"
        )
    return Embedded(public, scheme="https" if settings.tls_cert else "http")


def _check(service: str) -> None:
    if service in NATIVE:
        raise ConfigurationError(
            f"backend: this server answers for {service} itself, and nothing stands behind"
        )
    if service != ALL and service not in model.every_service():
        near = nearest(service, model.every_service())
        raise ConfigurationError(f"backend: AWS has no service {service}; did you mean {near}?")


def _check_key(service: str, url: str, keys: tuple[BackendAccess, ...]) -> None:
    if not any(key.backend in (service, EVERY) for key in keys):
        raise ConfigurationError(
            f"backend: {service}={url} needs an access key there: give backend_keys, or "
            "ROLEKEEPER_BACKEND_ACCESS_KEY_ID and ROLEKEEPER_BACKEND_SECRET_ACCESS_KEY"
        )


def _check_used(keys: tuple[BackendAccess, ...], chosen: dict[str, str]) -> None:
    for key in keys:
        if key.backend != EVERY and chosen.get(key.backend, chosen[ALL]) in ("embedded", "none"):
            raise ConfigurationError(
                f"backend_keys: a key is of no use to {key.backend}: no URL is behind it"
            )
