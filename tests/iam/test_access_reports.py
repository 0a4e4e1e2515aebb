from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from rolekeeper.iam.access_reports import Accessor, AccessReport, LastAccess

NOW = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
USED = LastAccess(NOW, "us-east-1")
REPORT = AccessReport(
    account="111111111111",
    id="0196a1b2-0000-7000-8000-00000000000A",
    owner="AIDA",
    created=NOW,
    policies=("{}",),
    accessors=(Accessor(id="AIDA", arn="arn", services={"iam": USED}, actions={"iam": {"GetUser": USED}}),),
)


def test_it_is_found_by_its_id_exactly() -> None:
    assert REPORT.key == REPORT.id
    assert REPORT.unique_id is None
    assert not REPORT.folds


def test_everything_is_kept() -> None:
    kept = msgspec.json.encode(REPORT)
    assert msgspec.json.decode(kept, type=AccessReport) == REPORT
