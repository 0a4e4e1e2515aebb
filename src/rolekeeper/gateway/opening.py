"""How the gateway is put together, from what stands behind and a server."""

from __future__ import annotations

from collections.abc import Callable

from rolekeeper.gateway.backends import Backends
from rolekeeper.gateway.classify import rules_of
from rolekeeper.gateway.deciding import Deciding, Options
from rolekeeper.gateway.following import Following
from rolekeeper.gateway.lookups import BackendLookups
from rolekeeper.gateway.owners import Change
from rolekeeper.gateway.proxy import Gateway
from rolekeeper.gateway.resources import Resources
from rolekeeper.service.dispatch import Service
from rolekeeper.service.service_calls import ServiceCalls


def open_gateway(
    service: Callable[[], Service],
    calls: Callable[[], ServiceCalls],
    backends: Backends,
    options: Options,
    change: Change,
    *,
    home: str,
) -> Gateway:
    """The gateway of a server, of which `service` gives the parts that requests pass through, and `calls` the
    client that services have; a reset makes both anew. `home` is the server's own account."""
    lookups = BackendLookups(backends)

    kept: list[tuple[Service, Resources]] = []

    def resources() -> Resources:
        own = service()
        if not kept or kept[0][0] is not own:
            kept[:] = [(own, Resources(own.store, lookups, rules_of, change, own.clock.now, home=home))]
        return kept[0][1]

    return Gateway(
        service,
        backends,
        Deciding(resources, lookups, options),
        Following(calls, resources, lookups, change),
    )
