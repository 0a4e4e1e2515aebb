"""The door by which accounts are moved in and out: that of a running server, or a data folder's own.

Who may read a store's key may go through it: the token of the server's routes follows from that key, and that
of an ephemeral server stands in its file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlencode

from rolekeeper.cli.running import Running, running, the_running
from rolekeeper.errors import ConfigurationError
from rolekeeper.iam.secret import Secret
from rolekeeper.moving.report import Report
from rolekeeper.store.contract import Store

if TYPE_CHECKING:
    from rolekeeper.app import Server


class Door(Protocol):
    """What can be done with the accounts of a store."""

    @property
    def account(self) -> str:
        """The account that is meant where none is named."""
        ...

    def bring(self, account: str, page: bytes) -> Report:
        """Bring a page into an account; ConfigurationError."""
        ...

    def show(self, account: str, partition: str, marker: str) -> Mapping[str, Any]:
        """A page of an account, as its JSON says it; ConfigurationError."""
        ...


def operator_token(store: Store) -> Secret:
    """What opens a server's routes to who has the key of its store."""
    return Secret(store.keyring.derive("operator").hex())


@contextmanager
def door(
    data: Path | None, port: int | None, config: Path | None, environment: Mapping[str, str]
) -> Iterator[Door]:
    """The door of a running server, or of a data folder whose server does not run."""
    place = None if data is None else str(data.expanduser().absolute())
    if data is not None and not any(server.data == place for server in running(environment)):
        with _folder(data, config, environment) as found:
            yield found
    else:
        yield _OfServer(_with_token(the_running(environment, port=port, data=data), environment))


@contextmanager
def _folder(data: Path, config: Path | None, environment: Mapping[str, str]) -> Iterator[Door]:
    from rolekeeper.app import build
    from rolekeeper.config import load
    from rolekeeper.store.opening import DATABASE

    if not (data / DATABASE).is_file():
        raise ConfigurationError(f"there is no store in {data}; make one with: rolekeeper up --data {data}")
    settings = load(flags={"data": data, "config": config}, environment=environment)
    with closing(build(settings)) as server:
        yield _OfFolder(server)


class _OfFolder:
    def __init__(self, server: Server) -> None:
        self._server = server
        with server.store.read() as tx:
            accounts = [account.account for account in tx.accounts()]
        own = server.settings.account
        self.account = own if own in accounts else accounts[0]

    def bring(self, account: str, page: bytes) -> Report:
        return self._server.bring(account, page)

    def show(self, account: str, partition: str, marker: str) -> Mapping[str, Any]:
        import msgspec

        shown = msgspec.json.encode(self._server.show(account, partition, marker or None))
        page: Mapping[str, Any] = json.loads(shown)
        return page


class _OfServer:
    def __init__(self, server: Running) -> None:
        self._server = server
        self.account = server.account

    def bring(self, account: str, page: bytes) -> Report:
        import msgspec

        from rolekeeper.cli.client import ask

        answer = ask(self._server, f"import?{urlencode({'account': account})}", page)
        return msgspec.convert(answer, Report)

    def show(self, account: str, partition: str, marker: str) -> Mapping[str, Any]:
        from rolekeeper.cli.client import ask

        wanted = {"account": account, "partition": partition, "marker": marker}
        return ask(self._server, f"export?{urlencode(wanted)}")


def _with_token(server: Running, environment: Mapping[str, str]) -> Running:
    if server.data is None:
        return server
    from rolekeeper.config import load
    from rolekeeper.store import open_reader

    master = load(flags={"data": Path(server.data)}, environment=environment).key
    with closing(open_reader(Path(server.data), master)) as store:
        return replace(server, token=operator_token(store).reveal())
