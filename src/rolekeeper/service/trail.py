"""Writes each call into the audit trail, before it is answered.

The event of a call that changed something stands in the call's own transaction: the two survive together
or not at all. All other events, refusals and failures among them, go to the journal, which holds them
when the process dies.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from rolekeeper import ids
from rolekeeper.audit import cloudtrail
from rolekeeper.audit.event import AuditRecord
from rolekeeper.errors import AwsError
from rolekeeper.service.call import Caller, Resource, Vouched
from rolekeeper.service.identities import (
    identity,
    known_identity,
    stranger,
    unknown_identity,
    vouched_identity,
)
from rolekeeper.service.registry import Operation
from rolekeeper.store.contract import Store, Transaction
from rolekeeper.wire.answer import TARGET
from rolekeeper.wire.http import HttpRequest


class Trace(msgspec.Struct, kw_only=True, eq=False):
    """What is known of a request so far. It fills as the request goes on, so that a failure can be told."""

    request: HttpRequest
    request_id: str
    now: datetime
    operation: Operation | None = None
    region: str = "us-east-1"
    access_key_id: str | None = None
    caller: Caller | None = None
    arguments: Mapping[str, Any] = {}
    invoked_by: str = ""
    """The service that calls, as its role or on somebody's behalf."""
    resource: Resource | None = None
    observed: bool = False
    """Policies refuse it, and it goes on because its role is observed."""


def record_success(trace: Trace, result: Mapping[str, Any], tx: Transaction, store: Store) -> None:
    """Keep the event of a call that was allowed and done; in the transaction when it changed something.

    Who becomes somebody of another account (a role, its root user for a task, who has accepted a delegation)
    is known in that account's trail, too; a refusal is not, as with AWS.
    Sources: "Logging IAM and AWS STS API calls with AWS CloudTrail" in the IAM User Guide; "sharedEventID" in
    "CloudTrail record contents for management, data, and network activity events".
    """
    operation, caller = trace.operation, trace.caller
    changed = operation is not None and operation.writes
    gives = operation is not None and operation.name in _TELLING
    response = result if changed or gives else None
    role = trace.resource if trace.resource is not None and trace.resource.policy_kind == "trust" else None
    owner = role.account if role is not None else _lender(operation, result)
    if role is not None and role.entity is None:  # a root user, which is no resource
        role = None
    if owner is not None and caller is not None and owner != caller.account:
        shared = ids.request_id()
        records = [
            _record(trace, response=response, role=role, shared_id=shared, account=account)
            for account in (caller.account, owner)
        ]
    else:
        records = [_record(trace, response=response, role=role)]
    for record in records:
        if changed:
            tx.append_event(record)
        else:
            store.journal.append(record, _whose(caller))


def record_forwarded(trace: Trace, store: Store, error: tuple[str, str] | None = None) -> None:
    """Keep the event of a call that was allowed and answered by what stands behind; `error` is what that has
    answered, a code and a text. The event is in the journal, also of a call that has changed something: the
    change is kept elsewhere."""
    store.journal.append(_record(trace, error=error), _whose(trace.caller))


def _whose(caller: Caller | None) -> str:
    """The ID of the user or the role for whom a call counts as use."""
    return caller.entity.id if caller is not None and caller.entity is not None else ""


def _lender(operation: Operation | None, result: Mapping[str, Any]) -> str | None:
    """The account whose principal a delegation's token gives."""
    if operation is None or operation.name != "GetDelegatedAccessToken":
        return None
    return str(result["AssumedPrincipal"]).split(":")[4]


def record_failure(trace: Trace, error: AwsError, store: Store) -> None:
    """Keep the event of a call that was refused or failed."""
    store.journal.append(_record(trace, error=(error.code, error.message)), _whose(trace.caller))


# Operations that change nothing here and whose answer CloudTrail keeps all the same: they give credentials.
_TELLING = frozenset(
    {
        "AssumeRole",
        "AssumeRoleForPodIdentity",
        "AssumeRoleWithSAML",
        "AssumeRoleWithWebIdentity",
        "AssumeRoot",
        "CreateSession",
        "GetDelegatedAccessToken",
        "GetFederationToken",
        "GetSessionToken",
    }
)


def _record(
    trace: Trace,
    *,
    response: Mapping[str, Any] | None = None,
    error: tuple[str, str] | None = None,
    role: Resource | None = None,
    shared_id: str = "",
    account: str | None = None,
) -> AuditRecord:
    """The event of a call; in the trail of the caller's account, or of the `account` whose role it is."""
    operation, caller = trace.operation, trace.caller
    alone = error is None and not shared_id  # the only event of its request
    plain = error is None and account is None and not (trace.invoked_by or trace.observed)
    event_id = ids.event_id(trace.request_id if alone else ids.request_id())
    if operation and caller and plain and caller.vouched is None:
        return AuditRecord(
            event_id=event_id,
            time=trace.now,
            account=caller.account,
            document=cloudtrail.told(
                _scene(caller, operation, trace.region, trace.request.source_ip, _agent(trace.request)),
                event_id,
                trace.now,
                trace.request_id,
                _parameters(trace),
                _response(operation, response),
                "" if role is None else cloudtrail.role(role.arn, role.account),
            ),
        )
    # Nobody has shown to be of the account that a key claims: such an event belongs to none.
    home = caller.account if caller else ""
    trail = home if account is None else account
    name = operation.name if operation else _claimed(trace.request)
    return AuditRecord(
        event_id=event_id,
        time=trace.now,
        account=trail,
        document=cloudtrail.record(
            event_id=event_id,
            time=trace.now,
            service=operation.service.endpoint_prefix if operation else "unknown",
            name=name,
            region=trace.region,
            identity=_identity(trace) if trail == home else stranger(caller),
            account=trail,
            source_ip=trace.request.source_ip,
            user_agent=_agent(trace.request),
            request_id=trace.request_id,
            read_only=not (operation and operation.writes),
            parameters=_parameters(trace),
            response=_response(operation, response),
            error=error,
            resources=_touched(role, caller) if role is not None else "",
            shared_id=shared_id,
            additional=_OBSERVED if trace.observed else _additional(caller) if error is None else "",
            data=operation is not None and operation.data,
        ),
    )


@lru_cache(maxsize=8192)
def _scene(
    caller: Caller, operation: Operation, region: str, source_ip: str, user_agent: str
) -> cloudtrail.Scene:
    """What is alike in the events of a caller's calls of one operation."""
    return cloudtrail.scene(
        identity=known_identity(caller),
        service=operation.service.endpoint_prefix,
        name=operation.name,
        region=region,
        source_ip=source_ip,
        user_agent=user_agent,
        account=caller.account,
        read_only=not operation.writes,
        data=operation.data,
    )


def _response(operation: Operation | None, response: Mapping[str, Any] | None) -> str:
    """What the trail shows of an answer."""
    if response is None or operation is None:
        return "null"
    show = cloudtrail.given if "Credentials" in response else cloudtrail.elements
    return show(response, operation.model.sensitive)


def _agent(request: HttpRequest) -> str:
    return (request.header("user-agent") or "")[: cloudtrail.MAX_TEXT]


def _touched(role: Resource, caller: Caller | None) -> str:
    """The role that somebody becomes, and the SAML provider that vouches for him; one of OIDC is not told."""
    vouched = caller.vouched if caller is not None else None
    if vouched is None or ":saml-provider/" not in vouched.provider:
        return cloudtrail.role(role.arn, role.account)
    return cloudtrail.role(role.arn, role.account, saml_provider=vouched.provider)


_OBSERVED = '{"observed":true,"decision":"denied"}'
"""Of a call that would have been refused."""


def _additional(caller: Caller | None) -> str:
    """CloudTrail's `additionalEventData`, in JSON: how the connection to an OIDC provider was verified."""
    if caller is None or caller.vouched is None or not caller.vouched.verified_by:
        return ""
    return f'{{"identityProviderConnectionVerificationMethod":"{caller.vouched.verified_by}"}}'


def _parameters(trace: Trace) -> str:
    """The request's members as the trail shows them, with the tags that a chain of roles hands down, and with
    what an identity provider says for the request."""
    shown = _members(trace)
    if trace.caller is not None and trace.caller.vouched is not None:
        if trace.caller.vouched.service:
            return shown
        return _said_by_provider(shown, trace.caller.vouched)
    session = trace.caller.role_session if trace.caller is not None else None
    if session is None or not session.transitive or trace.operation is None:
        return shown
    if trace.operation.name != "AssumeRole" or shown == "null":
        return shown
    tags = msgspec.json.encode({key: session.tags[key] for key in session.transitive if key in session.tags})
    return f'{shown[:-1]},"incomingTransitiveTags":{tags.decode()}}}'


def _said_by_provider(shown: str, vouched: Vouched) -> str:
    """A request's members with what a provider gives: tags, a source identity, and with SAML the session's
    name; a SAML assertion has an ID there, and nothing more."""
    said: dict[str, Any] = {}
    if vouched.assertion_id:
        said["sAMLAssertionID"] = vouched.assertion_id[: cloudtrail.MAX_TEXT]
    if vouched.session_name:
        said["roleSessionName"] = vouched.session_name
    if vouched.source_identity is not None:
        said["sourceIdentity"] = vouched.source_identity
    if vouched.tags:
        said["principalTags"] = vouched.tags
    if vouched.transitive:
        said["transitiveTagKeys"] = vouched.transitive
    if not said or shown == "null":
        return shown
    return f"{shown[:-1]},{msgspec.json.encode(said).decode()[1:]}"


def _members(trace: Trace) -> str:
    """The request's members as the trail shows them; those of a remembered form are written once."""
    if not trace.arguments or trace.operation is None:
        return "null"
    if trace.operation.service.protocol != "query":
        return cloudtrail.elements(trace.arguments, trace.operation.model.sensitive)
    form = trace.request.form
    if form.members is not trace.arguments:
        return cloudtrail.elements(trace.arguments, trace.operation.model.sensitive)
    if form.shown is None:
        form.shown = cloudtrail.elements(trace.arguments, trace.operation.model.sensitive)
    return form.shown


def _claimed(request: HttpRequest) -> str:
    target = request.header(TARGET)
    if target is not None:
        return target.rpartition(".")[2][:128] or "unknown"
    try:
        return request.form.get("Action", "")[:128] or "unknown"
    except AwsError:
        return "unknown"


def _identity(trace: Trace) -> str:
    caller = trace.caller
    if caller is None:
        return unknown_identity(trace.access_key_id)
    if caller.vouched is not None:  # a caller of this one call
        name = trace.operation.name if trace.operation is not None else ""
        return msgspec.json.encode(vouched_identity(name, caller.vouched)).decode()
    if trace.invoked_by:
        return msgspec.json.encode(identity(caller) | {"invokedBy": trace.invoked_by}).decode()
    return known_identity(caller)
