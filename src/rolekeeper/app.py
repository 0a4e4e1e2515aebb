"""The composition root: the only place that wires the rooms together.

`build` turns settings into a `Server`, whole and without a network: the rims put it on one.
"""

from __future__ import annotations

import hashlib
import secrets as randomness
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from rolekeeper import ids
from rolekeeper.config import SeedAccount, Settings
from rolekeeper.errors import AwsError
from rolekeeper.gateway.backends import Backends
from rolekeeper.gateway.deciding import Options
from rolekeeper.gateway.opening import open_gateway
from rolekeeper.gateway.owners import Change
from rolekeeper.gateway.proxy import Gateway
from rolekeeper.iam.authorization_messages import MessageSealer
from rolekeeper.iam.credentials import TokenSealer
from rolekeeper.iam.entities import AccessKey, Account
from rolekeeper.iam.limits import Limits
from rolekeeper.iam.secret import Secret
from rolekeeper.moving import exporting, importing
from rolekeeper.moving.dump import read_page
from rolekeeper.moving.report import Report
from rolekeeper.operations.table import OPERATIONS
from rolekeeper.service.authorizer import Authorizer
from rolekeeper.service.clock import Clock
from rolekeeper.service.delivery import Deliveries
from rolekeeper.service.denials import Denials
from rolekeeper.service.dispatch import Service, dispatch
from rolekeeper.service.doors import Doors, Opened
from rolekeeper.service.key_sets import KeySets
from rolekeeper.service.organization import Organizations
from rolekeeper.service.outgoing import Outgoing
from rolekeeper.service.pod_chains import become
from rolekeeper.service.pods import Pods
from rolekeeper.service.proofs import Proofs
from rolekeeper.service.refusals import Refusals
from rolekeeper.service.registry import Course, OperationTable
from rolekeeper.service.service_calls import ServiceCalls
from rolekeeper.service.sessions import Sessions
from rolekeeper.service.signin import SignIn
from rolekeeper.service.task_agent import Behind, TaskAgent
from rolekeeper.store import memory_store, open_store
from rolekeeper.store.contract import Store
from rolekeeper.wire.http import HttpRequest, HttpResponse

__all__ = ["OPERATIONS", "Server", "build"]


class Server:
    """Everything wired. `first_start` tells that the account and its root key have just been made."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self.settings = settings
        self.clock = Clock()
        self.operations = OperationTable(OPERATIONS)
        self._first = _first_accounts(settings)
        self.root_access_key_id = self._first[0].root_access_key_id
        self.root_secret = Secret(self._first[0].root_secret_access_key)
        self._key_sets = KeySets(Outgoing(settings.federation_hosts))
        self.backends: Backends | None = None
        """What stands behind the gateway; None: nothing does."""
        self._open(store)

    @property
    def store(self) -> Store:
        """Where everything is kept."""
        return self._service.store

    def dispatch(self, request: HttpRequest) -> HttpResponse:
        """Answer one request; it never raises."""
        return dispatch(self._service, request)

    def course(self, request: HttpRequest) -> Course:
        """What answering a request takes. Raises AwsError for an unreadable form."""
        return self.operations.course(request)

    def missing(self, request: HttpRequest) -> Callable[[], object] | None:
        """What has to be fetched from elsewhere before the request is answered without waiting for it."""
        try:
            operation = self.operations.find(request)
            arguments = operation.model.arguments(operation.read(request))
        except AwsError:
            return None
        if operation.proof is None:
            return None
        with self.store.read() as tx:
            return self._service.proofs.missing(
                operation.proof, arguments, request=request, now=self.clock.now(), store=tx
            )

    @property
    def deliveries(self) -> Deliveries:
        """Credentials for workloads."""
        return self._deliveries

    @property
    def signin(self) -> SignIn:
        """The sign-in to the console."""
        return self._signin

    @property
    def pods(self) -> Pods:
        """Sessions for pods."""
        return self._pods

    @property
    def service_calls(self) -> ServiceCalls:
        """What services call as their roles, and on behalf of their callers."""
        return self._service_calls

    def attest(self, secret: str) -> Opened | None:
        """The workload whose secret it is; None where it is nobody's."""
        with self.store.read() as tx:
            return self._service.doors.open(tx, secret)

    def task_agent(self, secret: str, behind: Behind) -> TaskAgent:
        """The agent of the task with that secret, before those services; NotTheAgent."""
        return TaskAgent(self._service, self._deliveries, behind, secret)

    @property
    def behind(self) -> Mapping[str, str]:
        """What stands behind the gateway, in words, by service."""
        return {"*": "nothing"} if self.backends is None else self.backends.shown

    def gateway(self, change: Change) -> Gateway | None:
        """The gateway, whose changes of the store go where `change` brings them; None where nothing stands
        behind."""
        if self.backends is None:
            return None
        return open_gateway(
            lambda: self._service,
            lambda: self._service_calls,
            self.backends,
            Options(
                unclassified=self.settings.unclassified == "allow",
                observed=frozenset(self.settings.observe),
                home=self.settings.account,
            ),
            change,
            home=self.settings.account,
        )

    def bring(self, account: str, page: bytes) -> Report:
        """Bring a page of authorization details into an account; ConfigurationError where it is none."""
        return importing.bring(self._service, account, read_page(page))

    def show(self, account: str, partition: str, marker: str | None) -> Mapping[str, Any]:
        """A page of an account's authorization details, as JSON can have it; ConfigurationError."""
        return exporting.page(self._service, account, partition, marker)

    def reset(self) -> None:
        """The first state again, with the same root keys; for a store in memory only."""
        if not self.settings.ephemeral:
            raise RuntimeError("only an ephemeral server can be reset")
        self.store.close()
        self.clock.restore()
        self._open(memory_store())

    def close(self) -> None:
        """Let everything go."""
        self.store.close()

    def _open(self, store: Store) -> None:
        self.first_start = _make_first_state(store, self.clock, self._first)
        organizations = Organizations()
        sessions = Sessions(
            sealer=_sealer(store), clock=self.clock, iam_any_region=self.settings.iam_any_region
        )
        self._deliveries = Deliveries(
            store=store, sessions=sessions, organizations=organizations, clock=self.clock
        )
        self._pods = Pods(
            store=store,
            deliveries=self._deliveries,
            clock=self.clock,
            issuer_url=self.settings.issuer_url,
            become=lambda *asked: become(self._service, *asked),
        )
        self._service = Service(
            operations=self.operations,
            store=store,
            sessions=sessions,
            authorizer=Authorizer(organizations),
            denials=Denials(
                MessageSealer(store.keyring.derive("authorization messages")),
                encoded=self.settings.encoded_denials,
            ),
            refusals=Refusals(),
            organizations=organizations,
            doors=Doors(store.keyring.derive("workload doors")),
            pods=self._pods,
            proofs=Proofs(self._key_sets, self.settings.issuer_url),
            clock=self.clock,
            limits=replace(Limits(), **self.settings.limits),
            simulator_ignores_trust=self.settings.simulator_ignores_trust,
            issuer_url=self.settings.issuer_url,
        )
        self._service_calls = ServiceCalls(self._service, self._deliveries)
        self._signin = SignIn(self._service, store.keyring.derive("sign-in tokens"))


def build(settings: Settings) -> Server:
    """A server for those settings; StoreError where its store cannot be opened."""
    database = settings.database
    if database is None:
        return Server(settings, memory_store())
    store = open_store(database, key=settings.key, audit_sync=settings.audit_sync)
    try:
        return Server(settings, store)
    except BaseException:
        store.close()
        raise


def _first_accounts(settings: Settings) -> list[SeedAccount]:
    """The account of the settings, with its root key or a new one, and those of the seed."""
    account = settings.account
    own = SeedAccount(
        id=account,
        name="rolekeeper",
        root_access_key_id=settings.root_access_key_id or ids.access_key_id(ids.LONG_LIVED_KEY, account),
        root_secret_access_key=settings.root_secret_access_key or ids.secret_access_key(),
    )
    return [own, *settings.seed]


def _make_first_state(store: Store, clock: Clock, accounts: list[SeedAccount]) -> bool:
    """Make the accounts in a store that has none; whether it had none."""
    with store.read() as tx:
        if tx.accounts():
            return False
    with store.write() as tx:
        for seed in accounts:
            created = clock.now().replace(microsecond=0)
            tx.add_account(
                Account(
                    account=seed.id, name=seed.name, created=created, canonical_id=randomness.token_hex(32)
                )
            )
            state = tx.account(seed.id)
            key = AccessKey(account=seed.id, id=seed.root_access_key_id, user=None, created=created)
            state.access_keys.add(key)
            state.links.add("key", "", key.id)
            state.secrets.put(AccessKey.kind, key.id, Secret(seed.root_secret_access_key))
    return True


def _sealer(store: Store) -> TokenSealer:
    key = store.keyring.derive("session tokens")
    key_id = hashlib.sha256(key).digest()[:4]
    return TokenSealer({key_id: key}, key_id)
