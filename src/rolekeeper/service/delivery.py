"""Credentials for workloads: from a Grant to the session of its role, kept fresh.

A Grant says what a workload gets once it has shown who it is. Its service assumes the role, as with AWS: the
role's trust policy must let the service in for this account and this resource, no resource control policy may
stand against it, and the account's trail tells of it. What was made is handed out until it is due for
another. A grant that differs in anything is another one, and a role that is made again another role: neither
is ever answered with what was made before. A trust policy that changed is looked at when the next is made.
Sources: "The confused deputy problem" and "AWS global condition context keys" in the IAM User Guide; "IAM
roles for Amazon EC2" in the EC2 User Guide; "Resource control policies" in the Organizations User Guide.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from functools import lru_cache

import msgspec

from rolekeeper import ids
from rolekeeper.arn import Arn, assumed_role_arn
from rolekeeper.audit import cloudtrail
from rolekeeper.audit.event import AuditRecord
from rolekeeper.errors import RolekeeperError
from rolekeeper.iam.credentials import Credentials, RoleSession
from rolekeeper.iam.entities import Role
from rolekeeper.policy.context import KeyValue
from rolekeeper.service.call import Resource
from rolekeeper.service.clock import Clock
from rolekeeper.service.direct_calls import DirectCall, DirectCalls
from rolekeeper.service.organization import Organizations
from rolekeeper.service.sessions import Sessions, is_closed
from rolekeeper.store.contract import Store, Transaction

MARGIN = 20 * 60
"""Seconds before its end at which a session gives way to another: SDKs begin to ask 15 minutes early."""

SIX_HOURS, TWELVE_HOURS = 6 * 3600, 12 * 3600
"""How long the sessions of instances, tasks and pods last, and those of functions."""

_AGAIN = 60
"""Seconds for which a refusal stands, if nothing changes: workloads ask again and again."""

_KEPT = 20_000


class NotDelivered(RolekeeperError):
    """There are no credentials for a grant; what a client is told of it is its endpoint's to say."""


class NoRole(NotDelivered):
    """The role does not exist, or its account is closed."""


class NotTrusted(NotDelivered):
    """The role does not let the service in for this workload, or a resource control policy does not."""


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """What a workload gets: a role, by a service, under a session name. Equal ones share a session."""

    account: str
    """The workload's account."""
    role_arn: str
    service: str
    """The service that assumes the role: `ec2.amazonaws.com`."""
    session_name: str
    source_arn: str
    """The ARN of the workload, or of what the service says that it acts for."""
    region: str
    duration: int = SIX_HOURS
    """Seconds."""
    basis: str = ""
    """What it rests on, such as the ID of an association: on another one, the session is another."""
    tags: tuple[tuple[str, str], ...] = ()
    transitive: tuple[str, ...] = ()
    policy: str | None = None
    """The text of a session policy."""
    keys: tuple[tuple[str, str], ...] = ()
    """Condition keys by lower-case name that calls with the session have: `ec2:roledelivery`."""


class Delivered(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What was made for a grant."""

    credentials: Credentials
    role_arn: str
    role_id: str
    issued: int
    shown: dict[str, bytes] = {}
    """Room for an endpoint to keep what it shows of this, by a name of its own."""

    def __repr__(self) -> str:
        # What an endpoint shows has the secrets in it.
        return f"Delivered({self.role_arn}, {self.credentials.access_key_id})"

    @property
    def last_updated(self) -> datetime:
        """When the session began."""
        return datetime.fromtimestamp(self.issued, UTC)

    @property
    def expiration(self) -> datetime:
        """When it ends."""
        return datetime.fromtimestamp(self.credentials.expires, UTC)


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What a grant was answered, from which state of all accounts, and until when that is the answer."""

    answer: Delivered | NotDelivered
    edition: int | None
    until: float


class Deliveries:
    """Hands out credentials. Any thread may ask."""

    def __init__(
        self, *, store: Store, sessions: Sessions, organizations: Organizations, clock: Clock
    ) -> None:
        self._store = store
        self._sessions = sessions
        self._calls = DirectCalls(organizations)
        self._clock = clock
        self._kept: dict[Grant, _Kept] = {}
        self._lock = threading.Lock()

    def credentials(self, grant: Grant) -> Delivered:
        """The credentials for a grant, fresh for some time to come; NoRole, NotTrusted."""
        kept = self._kept.get(grant)
        with self._store.read() as tx:
            if kept is None or kept.edition != tx.edition or kept.until <= self._clock.now().timestamp():
                with self._lock:
                    kept = self._looked_at(tx, grant)
        if isinstance(kept.answer, NotDelivered):
            raise type(kept.answer)(*kept.answer.args)
        return kept.answer

    def _looked_at(self, tx: Transaction, grant: Grant) -> _Kept:
        """What is kept, where it still stands; else what takes its place."""
        edition, now = tx.edition, self._clock.now()  # the edition first, so that it never is too new
        role = _role(tx, grant)
        kept = self._kept.pop(grant, None)
        if kept is not None and (kept.until <= now.timestamp() or not _stands(kept, role, edition)):
            kept = None
        if kept is None:
            kept = self._answered(tx, grant, role, now, edition)
        elif kept.edition != edition:
            kept = msgspec.structs.replace(kept, edition=edition)
        if len(self._kept) >= _KEPT:
            self._make_room(now)
        self._kept[grant] = kept
        return kept

    def _make_room(self, now: datetime) -> None:
        self._kept = {grant: kept for grant, kept in self._kept.items() if kept.until > now.timestamp()}
        while len(self._kept) >= _KEPT:
            del self._kept[next(iter(self._kept))]

    def _answered(
        self, tx: Transaction, grant: Grant, role: Role | None, now: datetime, edition: int | None
    ) -> _Kept:
        refusal = self._refusal(tx, grant, role, now)
        if refusal is not None or role is None:
            answer = refusal or NoRole(f"there is no role {grant.role_arn}")
            self._tell(grant, now, role, error=("AccessDenied", str(answer)))
            return _Kept(answer=answer, edition=edition, until=now.timestamp() + _AGAIN)
        session = _session(grant, role, int(now.timestamp()))
        delivered = Delivered(
            credentials=self._sessions.issue(session),
            role_arn=grant.role_arn,
            role_id=role.id,
            issued=session.issued,
            shown={},
        )
        self._tell(grant, now, role, delivered=delivered)
        margin = min(MARGIN, grant.duration // 2)
        return _Kept(answer=delivered, edition=edition, until=session.expires - margin)

    def _refusal(self, tx: Transaction, grant: Grant, role: Role | None, now: datetime) -> NotTrusted | None:
        """Why the service does not get the role; None where it does."""
        if role is None:
            return None
        call = DirectCall(
            principal=grant.service,
            account=grant.account,
            source_arn=grant.source_arn,
            region=grant.region,
            now=now,
        )
        resource = Resource(
            arn=grant.role_arn,
            account=role.account,
            tags=role.tags,
            policy=role.trust,
            policy_kind="trust",
            entity=role,
        )
        for action in ("sts:AssumeRole", "sts:TagSession") if grant.tags else ("sts:AssumeRole",):
            if not self._calls.decide(tx, call, action, resource, _keys(grant)).allowed:
                return NotTrusted(
                    f"User: {grant.service} is not authorized to perform: {action} on resource: "
                    f"{grant.role_arn}"
                )
        return None

    def _tell(
        self,
        grant: Grant,
        now: datetime,
        role: Role | None,
        *,
        delivered: Delivered | None = None,
        error: tuple[str, str] | None = None,
    ) -> None:
        """Keep the event: a call of the service's, in the trail of the role's account. Of a role that is not
        there only the workload's account can know."""
        account = role.account if role is not None else grant.account
        event_id = ids.request_id()
        document = cloudtrail.record(
            event_id=event_id,
            time=now,
            service="sts",
            name="AssumeRole",
            region=grant.region,
            identity=_identity(grant.service),
            account=account,
            source_ip=grant.service,
            user_agent=grant.service,
            request_id=ids.request_id(),
            read_only=True,
            parameters=cloudtrail.elements(_parameters(grant)),
            response=cloudtrail.elements(_response(grant, delivered)),
            error=error,
            resources=cloudtrail.role(grant.role_arn, account) if error is None else "",
            shared_id=ids.request_id(),
        )
        self._store.journal.append(
            AuditRecord(event_id=event_id, time=now, account=account, document=document), ""
        )


def _stands(kept: _Kept, role: Role | None, edition: int | None) -> bool:
    """Whether an answer still is one: that of the same role, or a refusal since which nothing has changed."""
    if isinstance(kept.answer, Delivered):
        return role is not None and role.id == kept.answer.role_id
    return kept.edition == edition


def _role(tx: Transaction, grant: Grant) -> Role | None:
    """The role of just that ARN."""
    return tx.derived(_role_of, grant.role_arn)


def _role_of(tx: Transaction, role_arn: str) -> Role | None:
    try:
        arn = Arn.parse(role_arn)
    except ValueError:
        return None
    if not tx.has_account(arn.account) or is_closed(tx.account(arn.account)):
        return None
    role = tx.account(arn.account).roles.find(arn.name)
    return role if role is not None and role.arn(arn.partition) == role_arn else None


def _keys(grant: Grant) -> dict[str, KeyValue]:
    """The condition keys of becoming the role."""
    keys: dict[str, KeyValue] = {"sts:rolesessionname": grant.session_name}
    if grant.tags:
        keys["aws:tagkeys"] = tuple(name for name, _ in grant.tags)
    for name, value in grant.tags:
        keys[f"aws:requesttag/{name.lower()}"] = value
    if grant.transitive:
        keys["sts:transitivetagkeys"] = grant.transitive
    return keys


def _session(grant: Grant, role: Role, issued: int) -> RoleSession:
    return RoleSession(
        access_key_id=ids.access_key_id(ids.TEMPORARY_KEY, role.account),
        account=role.account,
        issued=issued,
        expires=issued + grant.duration,
        role_id=role.id,
        name=grant.session_name,
        policy=grant.policy,
        tags=dict(grant.tags),
        transitive=grant.transitive,
        claims=dict(grant.keys),
    )


@lru_cache(maxsize=256)
def _identity(service: str) -> str:
    """CloudTrail's `userIdentity` of a service that calls for itself, in JSON."""
    return msgspec.json.encode({"type": "AWSService", "invokedBy": service}).decode()


def _parameters(grant: Grant) -> dict[str, object]:
    told: dict[str, object] = {
        "RoleArn": grant.role_arn,
        "RoleSessionName": grant.session_name,
        "DurationSeconds": grant.duration,
    }
    if grant.tags:
        told["Tags"] = [{"Key": name, "Value": value} for name, value in grant.tags]
    if grant.transitive:
        told["TransitiveTagKeys"] = list(grant.transitive)
    return told


def _response(grant: Grant, delivered: Delivered | None) -> dict[str, object] | None:
    if delivered is None:
        return None
    arn = Arn.parse(grant.role_arn)
    return {
        "Credentials": delivered.credentials.view(),
        "AssumedRoleUser": {
            "AssumedRoleId": f"{delivered.role_id}:{grant.session_name}",
            "Arn": assumed_role_arn(arn.partition, arn.account, arn.name, grant.session_name),
        },
    }
