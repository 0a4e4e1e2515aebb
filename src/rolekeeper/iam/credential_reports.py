"""The credential report of an account: a table of its users and what they can sign in or call with.

Source: "Generate credential reports for your AWS account" in the IAM User Guide. The columns and the form of
dates are those of reports that AWS has given out: the guide names one more column, for a third access key or
certificate, which nobody can have.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import ClassVar

from rolekeeper.iam.entities import Entity

LASTS = timedelta(hours=4)
"""How long a report stands; then it is made anew."""

NOT_APPLICABLE, NO_INFORMATION, NOT_SUPPORTED = "N/A", "no_information", "not_supported"

_OF_A_KEY = ("active", "last_rotated", "last_used_date", "last_used_region", "last_used_service")
COLUMNS = (
    *("user", "arn", "user_creation_time"),
    *("password_enabled", "password_last_used", "password_last_changed", "password_next_rotation"),
    "mfa_active",
    *(f"access_key_{number}_{column}" for number in (1, 2) for column in _OF_A_KEY),
    *("cert_1_active", "cert_1_last_rotated", "cert_2_active", "cert_2_last_rotated"),
)


class CredentialReport(Entity, frozen=True, kw_only=True, omit_defaults=True):
    """The last report of an account, as it was then. There is one, or none."""

    kind = "credential-report"
    noun = "credential report"
    folds = False
    name: ClassVar[str] = "CredentialReport"

    created: datetime
    text: str

    @property
    def key(self) -> str:
        return self.name


def shown(value: datetime | bool | str | None) -> str:
    """A value as the report has it; None is what does not apply."""
    if value is None:
        return NOT_APPLICABLE
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else value.isoformat()[:19] + "Z"


def table(rows: Iterable[Mapping[str, datetime | bool | str | None]]) -> str:
    """The report's text. What a row does not name does not apply; no line is behind the last one."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([shown(row.get(column)) for column in COLUMNS] for row in rows)
    return text.getvalue().removesuffix("\n")
