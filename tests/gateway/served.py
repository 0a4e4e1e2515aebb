"""A server on loopback with the embedded backend behind it, in this process, for the unmodified SDK."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Mapping
from typing import Any

import uvicorn
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from rolekeeper import app
from rolekeeper.cli.serving import protocol
from rolekeeper.config import Settings
from rolekeeper.endpoints.aws import AwsEndpoint
from rolekeeper.gateway.backends import ALL, Backend, Backends
from rolekeeper.gateway.embedded import Embedded
from tests.client import ACCOUNT, OTHER, OTHER_ACCOUNT, Person, World


class ServedWorld(World):
    """Two accounts, and everything of theirs behind the gateway. With `backends` others stand there."""

    def __init__(self, backends: Mapping[str, Backend] | None = None, **settings: Any) -> None:
        self._clients: list[Any] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        host, port = self._listener.getsockname()
        self.url = f"http://{host}:{port}"
        self.server = app.build(Settings(ephemeral=True, account=ACCOUNT, seed=(OTHER,), **settings))
        self.server.backends = Backends(backends or {ALL: Embedded(f"{host}:{port}")})
        self.root = Person(self, self.server.root_access_key_id, self.server.root_secret.reveal())
        self.other = Person(self, OTHER.root_access_key_id, OTHER.root_secret_access_key)
        self.root.account, self.other.account = ACCOUNT, OTHER_ACCOUNT
        config = uvicorn.Config(
            AwsEndpoint(self.server),
            http=protocol(self.server.settings),
            loop="uvloop",
            lifespan="on",
            log_level="warning",
            proxy_headers=False,
        )
        self._uvicorn = uvicorn.Server(config)
        self._uvicorn.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def opened(self, client: Any) -> None:
        self._clients.append(client)

    def answer(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        raise AssertionError("this world is asked over the network")

    def events(self) -> list[dict[str, Any]]:
        """The audit trail, oldest first."""
        return [json.loads(record.document) for _, record in self.server.store.events()]

    def close(self) -> None:
        for client in self._clients:
            client.close()
        self._uvicorn.should_exit = True
        self._thread.join()
        self.server.close()

    def _run(self) -> None:
        asyncio.run(self._uvicorn.serve(sockets=[self._listener]))
