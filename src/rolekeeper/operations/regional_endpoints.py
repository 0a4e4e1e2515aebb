"""Operations that the global endpoint of STS does not have.

One server answers for all endpoints. Which of them a client meant is seen only where the name of AWS's host
leads to this server: by a proxy, or a hosts file.
Source: "AWS STS Regions and endpoints" in the IAM User Guide; "AssumeRoot" and "GetWebIdentityToken" in the
STS API Reference.
"""

from __future__ import annotations

from rolekeeper.errors import InvalidAction
from rolekeeper.service.call import Call

GLOBAL = "sts.amazonaws.com"


def refuse_global(call: Call) -> None:
    """InvalidAction, as AWS has been seen to answer, where the request came to the global endpoint."""
    host = call.request.header("host") or ""
    if host.lower().partition(":")[0] == GLOBAL:
        raise InvalidAction("Unknown Operation")
