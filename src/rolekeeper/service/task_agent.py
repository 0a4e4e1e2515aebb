"""The agent of an ECS task: what it does with the execution role before the application starts, and for it.

It fetches the secrets that the task's environment shall have, and writes the application's log. Each of these
is decided for the execution role's session as if the agent had called the service, and the trail has the
event that the service would have written; a value only comes from behind (`Behind`) once policies have said
yes. The application gets the values, and never the role.
Sources: "Amazon ECS task execution IAM role", "Pass Secrets Manager secrets through Amazon ECS environment
variables" and "Send Amazon ECS logs to CloudWatch" in the ECS Developer Guide; "Actions, resources, and
condition keys" of the services in the Service Authorization Reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol

import msgspec

from rolekeeper import ids
from rolekeeper.arn import Arn
from rolekeeper.audit import cloudtrail
from rolekeeper.audit.event import AuditRecord
from rolekeeper.errors import AccessDenied, AwsError, RolekeeperError
from rolekeeper.iam.secret import Secret
from rolekeeper.iam.workloads import AGENT, Task
from rolekeeper.service.acting import STS
from rolekeeper.service.call import Access, Call, Resource
from rolekeeper.service.delivery import Deliveries, NotDelivered
from rolekeeper.service.dispatch import Service, new_call
from rolekeeper.service.grants import grant_for
from rolekeeper.service.identities import identity
from rolekeeper.service.trail import Trace
from rolekeeper.store.contract import Transaction
from rolekeeper.wire.http import HttpRequest
from rolekeeper.wire.model import partition_of

_AGENT: Final = "amazon-ecs-agent"
_SECRET_PARTS: Final = 7
"""Parts of a secret's ARN; a task definition may name a member, a stage and a version behind them."""
_PARAMETER_PARTS: Final = 6


class NotTheAgent(RolekeeperError):
    """Who asks is not the agent of a task."""


class NotInitialized(RolekeeperError):
    """The task cannot start: what it needs was refused, or is not there."""


class Behind(Protocol):
    """The services behind: what keeps secrets and parameters, and takes logs. It is asked for nothing that
    policies have not allowed."""

    def value(self, arn: str) -> Secret | None:
        """The value of a secret or a parameter; None where there is none."""
        ...

    def log(self, arn: str, lines: list[str]) -> None:
        """Write lines into the log stream of that ARN."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """One call of the agent's, and how the trail shows it; without a name it does not."""

    action: str
    arn: str
    shown: Mapping[str, Any] | None


class TaskAgent:
    """Works for one task, whose agent's secret opens it."""

    def __init__(self, service: Service, deliveries: Deliveries, behind: Behind, secret: str) -> None:
        """Raises NotTheAgent: the secret of the application is not the agent's."""
        self._service = service
        self._deliveries = deliveries
        self._behind = behind
        self._secret = secret
        with service.store.read() as tx:
            self._task(tx)

    def environment(self, secrets: Mapping[str, str]) -> dict[str, str]:
        """Variables by name, from where a task definition has their values (`valueFrom`): the ARN of a
        secret or a parameter, or the name of a parameter in the task's region. NotInitialized."""
        return {name: self._value(place) for name, place in secrets.items()}

    def log(self, group: str, prefix: str, container: str, lines: list[str]) -> None:
        """Write the application's lines into its log stream. AwsError where policies refuse it."""
        with self._service.store.read() as tx:
            task = self._task(tx)
        stream = f"{prefix}/{container}/{task.id}"
        start = f"arn:{partition_of(task.region)}:logs:{task.region}:{task.account}"
        arn = f"{start}:log-group:{group}:log-stream:{stream}"
        shown = {"logGroupName": group, "logStreamName": stream}
        self._require(_Asked(action="logs:CreateLogStream", arn=arn, shown=shown))
        self._require(_Asked(action="logs:PutLogEvents", arn=arn, shown=None))
        self._behind.log(arn, lines)

    def _value(self, place: str) -> str:
        asked, member = self._sought(place)
        try:
            self._require(asked)
        except (AwsError, NotDelivered) as error:
            raise NotInitialized(f"{_FAILED} {asked.arn}: {error}") from None
        value = self._behind.value(asked.arn)
        if value is None:
            raise NotInitialized(f"{_FAILED} {asked.arn}: there is no such value")
        return value.reveal() if not member else _member(asked.arn, value, member)

    def _sought(self, place: str) -> tuple[_Asked, str]:
        """The call that fetches a value, and the member of it that is wanted."""
        with self._service.store.read() as tx:
            task = self._task(tx)
        if not place.startswith("arn:"):
            start = f"arn:{partition_of(task.region)}:ssm:{task.region}:{task.account}"
            place = f"{start}:parameter/{place.removeprefix('/')}"
        parts = place.split(":")
        arn = ":".join(parts[:_SECRET_PARTS])
        if parts[2:3] == ["secretsmanager"] and len(parts) >= _SECRET_PARTS:
            member = (parts[_SECRET_PARTS:] or [""])[0]
            shown: dict[str, Any] = {"secretId": arn}
            return _Asked(action="secretsmanager:GetSecretValue", arn=arn, shown=shown), member
        if parts[2:3] == ["ssm"] and len(parts) == _PARAMETER_PARTS and parts[-1].startswith("parameter/"):
            shown = {"withDecryption": True, "names": [parts[-1].removeprefix("parameter")]}
            return _Asked(action="ssm:GetParameters", arn=place, shown=shown), ""
        raise NotInitialized(f"{_FAILED} {place}: it names no secret and no parameter")

    def _require(self, asked: _Asked) -> None:
        """Return where the execution role may do it. AccessDenied, NotDelivered."""
        with self._service.store.read() as tx, self._call(tx, asked) as call:
            owner = Arn.parse(asked.arn).account
            access = Access(action=asked.action, resource=Resource(arn=asked.arn, account=owner))
            self._service.authorizer.require(call, [access])

    @contextmanager
    def _call(self, tx: Transaction, asked: _Asked) -> Iterator[Call]:
        """A call with the credentials of the execution role; its event is kept however it ends."""
        task = self._task(tx)
        grant = grant_for(tx, task, AGENT)
        if grant is None:
            raise AccessDenied("The task has no execution role")
        given = self._deliveries.credentials(grant).credentials
        partition = partition_of(task.region)
        sessions = self._service.sessions
        caller = sessions.opened(given.access_key_id, given.secret, given.token.reveal(), tx, partition)
        request = HttpRequest(method="POST", path="/", headers=[("user-agent", _AGENT)], secure=True)
        trace = Trace(request=request, request_id=ids.request_id(), now=self._service.clock.now())
        trace.region, trace.caller = task.region, caller
        anything = self._service.operations.named(STS, "GetCallerIdentity")
        try:
            yield new_call(self._service, trace, anything, caller, tx)
        except AwsError as error:
            self._tell(trace, asked, (error.code, error.message))
            raise
        self._tell(trace, asked, None)

    def _tell(self, trace: Trace, asked: _Asked, error: tuple[str, str] | None) -> None:
        caller = trace.caller
        if asked.shown is None or caller is None:  # lines of logs are no events
            return
        service, _, name = asked.action.partition(":")
        event_id = ids.request_id()
        document = cloudtrail.record(
            event_id=event_id,
            time=trace.now,
            service=service,
            name=name,
            region=trace.region,
            identity=msgspec.json.encode(identity(caller)).decode(),
            account=caller.account,
            source_ip=trace.request.source_ip,
            user_agent=_AGENT,
            request_id=trace.request_id,
            read_only=service != "logs",
            parameters=msgspec.json.encode(asked.shown).decode(),
            error=error,
        )
        record = AuditRecord(event_id=event_id, time=trace.now, account=caller.account, document=document)
        self._service.store.journal.append(record, "" if caller.entity is None else caller.entity.id)

    def _task(self, tx: Transaction) -> Task:
        """The task, for as long as its agent's secret opens it."""
        opened = self._service.doors.open(tx, self._secret)
        if opened is None or opened.part != AGENT or not isinstance(opened.workload, Task):
            raise NotTheAgent("the secret is not that of a task's agent")
        return opened.workload


_FAILED: Final = "ResourceInitializationError: unable to pull secrets: unable to retrieve"


def _member(arn: str, value: Secret, member: str) -> str:
    """A member of a secret that is a JSON object."""
    try:
        found = msgspec.json.decode(value.reveal())[member]
    except (msgspec.DecodeError, KeyError, TypeError, RecursionError):
        raise NotInitialized(f"{_FAILED} {arn}: it has no member {member}") from None
    return found if isinstance(found, str) else msgspec.json.encode(found).decode()
