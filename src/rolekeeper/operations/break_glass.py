"""A line in the server's log for each change of who may become a break-glass role, and until when.

It is the server's own, so that it is there whoever changes the trust policy and by whatever client; the
event of the call is in the audit trail as of every other call.
"""

from __future__ import annotations

import logging

from rolekeeper.iam import break_glass
from rolekeeper.iam.entities import Role
from rolekeeper.service.call import Call

_log = logging.getLogger("rolekeeper")


def announce(call: Call, role: Role, document: str) -> None:
    """Log that a break-glass role gets this trust policy, in the place of the one it has, if it is one."""
    if not role.name_path.startswith(break_glass.PATH):
        return
    window = break_glass.window(document)
    if window is None:
        state = "is given a trust policy that is not of the recipe"
    elif window.ends > call.now:
        before = break_glass.window(role.trust)
        extended = before is not None and call.now < before.ends < window.ends
        what = "extended" if extended else "opened"
        state = f"is {what} until {break_glass.instant(window.ends)}"
    else:
        state = "is closed"
    arn, caller = role.arn(call.partition), call.caller.principal.arn
    reason = role.tags.get(break_glass.REASON_TAG, "")
    _log.warning(
        "break glass: %s %s by %s, request %s, reason: %r", arn, state, caller, call.request_id, reason
    )
