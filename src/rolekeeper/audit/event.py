"""One event of the audit trail as it is kept: what the store must know of it, and the document as it is."""

from __future__ import annotations

from datetime import datetime

import msgspec


class AuditRecord(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An event: `event_id` is unique for ever, `time` is aware, `document` is CloudTrail's record in JSON."""

    event_id: str
    time: datetime
    account: str
    document: bytes
