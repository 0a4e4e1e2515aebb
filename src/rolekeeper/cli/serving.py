"""One server on one port, from the bound socket to the clean stop.

The order is the promise: the port is bound first (a busy one stops everything), listens only when all is
ready, and is announced only when it listens. SIGINT and SIGTERM end it with 0, after what is in flight.
"""

from __future__ import annotations

import gc
import logging
import os
import secrets
import signal
import socket
import ssl
from contextlib import ExitStack, closing
from typing import Any
from urllib.parse import urlsplit

import uvicorn

from rolekeeper.app import Server, build
from rolekeeper.cli import banner
from rolekeeper.cli.door import operator_token
from rolekeeper.cli.listening import endpoint, unavailable
from rolekeeper.cli.protocol import EndpointProtocol
from rolekeeper.cli.proxies import Proxies
from rolekeeper.cli.running import Running, announced
from rolekeeper.cli.terminal import complain
from rolekeeper.config import Settings
from rolekeeper.endpoints.arrivals import PATIENCE
from rolekeeper.endpoints.aws import AwsEndpoint
from rolekeeper.errors import ConfigurationError
from rolekeeper.gateway.arrangement import arrange
from rolekeeper.iam.secret import Secret

COLLECTIONS = (20_000, 20, 50)
"""When cycles are looked for (`gc.set_threshold`). A request leaves none, so seldom is enough."""
KEEP_ALIVE = 65
"""Seconds that an idle connection is kept: longer than clients' pools keep theirs."""


def serve(settings: Settings, listener: socket.socket, *, as_json: bool = False) -> None:
    """Run a server on a bound socket until a signal. ConfigurationError or StoreError where it cannot."""
    stop = _Stop()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    with closing(build(settings)) as server:
        _check_state(server)
        url = endpoint(settings, listener)
        server.backends = arrange(settings, public=urlsplit(url).netloc)
        token = Secret(secrets.token_urlsafe(32)) if settings.ephemeral else None
        operator = token or operator_token(server.store)
        configuration = _configuration(settings, AwsEndpoint(server, token=operator))
        running = _description(server, url, listener.getsockname()[1], token)
        stop.http = http = _Http(configuration, server, running, as_json=as_json)
        gc.freeze()  # what is there at the start stays: no collection need look at it
        gc.set_threshold(*COLLECTIONS)
        gc.enable()
        try:
            http.run(sockets=[listener])
        except OSError as error:
            raise unavailable(settings, error) from None
        finally:
            http.withdraw.close()


def _check_state(server: Server) -> None:
    """The state was made by other settings, perhaps: say so, where these would seem to hold and do not."""
    settings = server.settings
    keys = [settings.root_access_key_id, *(account.root_access_key_id for account in settings.seed)]
    with server.store.read() as tx:
        if not tx.has_account(settings.account):
            there = ", ".join(account.account for account in tx.accounts())
            raise ConfigurationError(f"{settings.database} has no account {settings.account}, but {there}")
        for key in keys:
            if key is not None and tx.by_unique_id(key) is None:
                complain(
                    f"accounts and their root keys are made at first start only: {key} is not a key here"
                )


class _Stop:
    """The answer to SIGINT and SIGTERM, from the first moment to the last."""

    def __init__(self) -> None:
        self.http: _Http | None = None
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self)

    def __call__(self, number: int, frame: object) -> None:
        # uvicorn has handlers of its own while it serves, and gives the signal back to this one after.
        if self.http is None:
            raise SystemExit(0)
        self.http.should_exit = True


class _Http(uvicorn.Server):
    """uvicorn, which tells when it is ready."""

    def __init__(self, config: uvicorn.Config, server: Server, running: Running, *, as_json: bool) -> None:
        super().__init__(config)
        self.withdraw = ExitStack()
        self._server, self._running, self._as_json = server, running, as_json

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        try:
            self.withdraw.enter_context(announced(self._running, os.environ))
        except ConfigurationError as error:
            complain(f"{error}: `rolekeeper env` and others will not find this server")
        banner.show(self._server, self._running, as_json=self._as_json)


def protocol(settings: Settings) -> type[EndpointProtocol]:
    """What reads connections; it believes the proxies that the settings name, and nobody else."""
    own = {"proxies": Proxies(settings.trusted_proxies)}
    return (
        type("EndpointProtocol", (EndpointProtocol,), own) if settings.trusted_proxies else EndpointProtocol
    )


def _configuration(settings: Settings, application: AwsEndpoint) -> uvicorn.Config:
    tls: dict[str, Any] = {}
    if settings.tls_cert is not None:
        tls = {"ssl_certfile": str(settings.tls_cert), "ssl_keyfile": str(settings.tls_key)}
    configuration = uvicorn.Config(
        application,
        loop="uvloop",
        http=protocol(settings),
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        log_level="error",
        server_header=False,
        proxy_headers=False,  # `proxies.py` says whose word is taken
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=int(PATIENCE) + 5,
        **tls,
    )
    try:
        configuration.load()
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(f"{settings.tls_cert} and {settings.tls_key}: {error}") from None
    return configuration


def _description(server: Server, url: str, port: int, token: Secret | None) -> Running:
    settings = server.settings
    ephemeral = settings.ephemeral
    return Running(
        endpoint=url,
        port=port,
        pid=os.getpid(),
        account=settings.account,
        tls_cert=str(settings.tls_cert) if settings.tls_cert else None,
        data=None if settings.database is None else str(settings.database),
        access_key_id=server.root_access_key_id if ephemeral else None,
        secret_access_key=server.root_secret.reveal() if ephemeral else None,
        token=token.reveal() if token else None,
    )
