"""A credential report is AWS's table to the letter, and nobody's name breaks it."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

from rolekeeper.iam.credential_reports import COLUMNS, table

HEADER = (
    "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,"
    "password_next_rotation,mfa_active,"
    "access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,"
    "access_key_1_last_used_region,access_key_1_last_used_service,"
    "access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,"
    "access_key_2_last_used_region,access_key_2_last_used_service,"
    "cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated"
)


def test_the_columns_are_those_of_aws() -> None:
    assert table([]) == HEADER


def test_what_a_row_does_not_name_does_not_apply() -> None:
    made = datetime(2024, 2, 29, 12, 30, 15, 999999, tzinfo=UTC)
    text = table([{"user": "ann", "user_creation_time": made, "password_enabled": True, "mfa_active": False}])
    line = text.removeprefix(HEADER)
    assert line == "\nann,N/A,2024-02-29T12:30:15Z,true,N/A,N/A,N/A,false" + ",N/A" * 14


def test_a_comma_in_a_name_is_no_end_of_it() -> None:
    (row,) = csv.DictReader(io.StringIO(table([{"user": "ann,bob"}])))
    assert row["user"] == "ann,bob"
    assert tuple(row) == COLUMNS
