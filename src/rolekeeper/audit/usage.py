"""Who used what, and when last: read from the events of the audit trail.

A call counts for whom its signature showed, whether it was allowed or not: for the user or the role behind
it, for the account that they are of, and for the access key where it is a long-lived one. A later time takes
the place of an earlier one, so an event that is summed up twice changes nothing. Events are many, and few of
them differ in more than their times: what one says of its caller and its action is read once, and known by
its bytes from then on.
Source: "Refine permissions in AWS using last accessed information" in the IAM User Guide.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

import msgspec

from rolekeeper.audit.cloudtrail import EVENT_VERSION
from rolekeeper.audit.event import AuditRecord

Access = tuple[str, str]
"""A service and the name of one of its operations; of accounts and access keys only the service is kept."""

Use = tuple[datetime, str]
"""When it was, and in which region."""


class Uses(dict[str, dict[Access, Use]]):
    """The last use of each access by each subject: the ID of a user, a role, an access key or an account."""

    def __init__(self) -> None:
        super().__init__()
        self._like = _Like(b"\0", 0, b"\0", ())  # no event begins so

    def add(self, records: Iterable[AuditRecord]) -> None:
        """Sum events up. One that is like the one before it in caller and action is hardly looked at."""
        head, place, origin, told = self._like
        for record in records:
            document = record.document
            if not (document.startswith(head) and document.startswith(origin, place)):
                self._like = head, place, origin, told = _read(document)
            for subject, access, region in told:
                self._put(subject, access, (record.time, region))

    def merge(self, others: Uses) -> None:
        """Have what others have."""
        for subject, uses in others.items():
            for access, use in uses.items():
                self._put(subject, access, use)

    def _put(self, subject: str, access: Access, use: Use) -> None:
        uses = self.get(subject)
        if uses is None:
            self[subject] = {access: use}
        elif access not in uses or uses[access][0] <= use[0]:
            uses[access] = use


# What of an event is read. Whatever has no such form says nothing here.


class _Issuer(msgspec.Struct, rename="camel"):
    type: str = ""
    principal_id: str = ""


class _Context(msgspec.Struct, rename="camel"):
    session_issuer: _Issuer | None = None


class _Identity(msgspec.Struct, rename="camel"):
    type: str
    principal_id: str = ""
    account_id: str = ""
    access_key_id: str = ""
    session_context: _Context | None = None


class _Origin(msgspec.Struct, rename="camel"):
    event_source: str
    event_name: str
    aws_region: str


class _Event(_Origin, rename="camel"):
    user_identity: _Identity


_Told = tuple[tuple[str, Access, str], ...]

_identity = msgspec.json.Decoder(_Identity).decode
_origin = msgspec.json.Decoder(_Origin).decode
_event = msgspec.json.Decoder(_Event).decode


class _Like(NamedTuple):
    """What an event says, and the two parts of it that say so: its beginning, and what stands at a place."""

    head: bytes
    place: int
    origin: bytes
    told: _Told


# `cloudtrail.told` writes the caller first, then the time, then what was called and where. In a string of
# JSON no quotation mark stands without a backslash, so these marks are not in one.
_START = len(f'{{"eventVersion":"{EVENT_VERSION}","userIdentity":')
_TIME, _END = b',"eventTime":', b',"sourceIPAddress":'
_TIMED = len(',"eventTime":"2026-11-22T10:00:00Z",')


def _read(document: bytes) -> _Like:
    timed = document.find(_TIME, _START)
    place = timed + _TIMED
    end = document.find(_END, place)
    told = _told_by(document[_START:timed], document[place:end])
    if told is None or timed < 0 or end < 0:
        return _Like(document, 0, document, _told_otherwise(document))
    return _Like(document[: timed + len(_TIME)], place, document[place : end + len(_END)], told)


@lru_cache(maxsize=8192)
def _told_by(identity: bytes, origin: bytes) -> _Told | None:
    """Who used what, and in which region; None where the two are not what stands there as a rule."""
    try:
        return _uses(_identity(identity), _origin(b"{" + origin + b"}"))
    except msgspec.MsgspecError:
        return None


def _told_otherwise(document: bytes) -> _Told:
    """The same of an event of any other form."""
    try:
        event = _event(document)
    except msgspec.MsgspecError:
        return ()
    return _uses(event.user_identity, event)


def _uses(identity: _Identity, origin: _Origin) -> _Told:
    service, region = origin.event_source.partition(".")[0], origin.aws_region
    found = []
    subject = _subject(identity)
    if subject:
        found.append((subject, (service, origin.event_name), region))
    long_lived = identity.session_context is None and identity.type in ("IAMUser", "Root")
    if long_lived and identity.access_key_id:
        found.append((identity.access_key_id, (service, ""), region))
    # Who has tried to be somebody, and was not let in, has no ID in the event: it was not an account's own.
    if identity.type in _OF_AN_ACCOUNT and identity.account_id and identity.principal_id:
        found.append((identity.account_id, (service, ""), region))
    return tuple(found)


_OF_AN_ACCOUNT = frozenset({"Root", "IAMUser", "AssumedRole", "FederatedUser"})
"""Who calls with credentials of an account: no stranger in its trail, and nobody who has none."""


def _subject(identity: _Identity) -> str | None:
    """The ID of the user or the role for whom a call counts."""
    context = identity.session_context
    if context is not None and context.session_issuer is not None:
        issuer = context.session_issuer
        return issuer.principal_id if issuer.type in ("Role", "IAMUser") else None
    return identity.principal_id if identity.type == "IAMUser" else None
