"""What the flags of the commands say: how long, and who."""

from __future__ import annotations

import re
from datetime import timedelta

from rolekeeper.arn import Arn, iam_arn
from rolekeeper.errors import UsageError
from rolekeeper.iam.break_glass import LONGEST

_DURATION = re.compile(r"(?:(?P<hours>\d{1,2})h)?(?:(?P<minutes>\d{1,3})m)?")
_SHORTEST = timedelta(minutes=1)
_WHO = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)


def duration(text: str) -> timedelta:
    """A time such as 1h30m; UsageError."""
    parts = _DURATION.fullmatch(text)
    if not text or parts is None:
        raise UsageError(f"--for is a time such as 30m or 1h30m, and not {text!r}")
    length = timedelta(hours=int(parts["hours"] or 0), minutes=int(parts["minutes"] or 0))
    if not _SHORTEST <= length <= LONGEST:
        raise UsageError(f"--for is from 1m to 12h, and not {text}")
    return length


def person(who: str, caller: str) -> str:
    """The ARN of a user of the caller's account, or the ARN that is given: of a user, or of an account.
    UsageError where it is neither.
    """
    if _WHO.fullmatch(who):
        own = Arn.parse(caller)
        return iam_arn(own.partition, own.account, "user", "/", who)
    try:
        arn = Arn.parse(who)
    except ValueError:
        arn = None
    if arn is None or arn.service != "iam" or arn.resource_type not in ("user", "root"):
        raise UsageError(f"--allow is a user's name or ARN, as only users have MFA devices, and not {who!r}")
    return who
