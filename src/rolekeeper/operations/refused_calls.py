"""Why a call was refused, for the account that has made it: our own operation, as AWS has none.

What is answered is the question itself, with every policy that was read; who may ask it can read all of them.
"""

from __future__ import annotations

from typing import Any

import msgspec

from rolekeeper.errors import ResourceNotFoundException
from rolekeeper.operations import resources
from rolekeeper.service.call import Call
from rolekeeper.service.refusals import NotKept
from rolekeeper.service.registry import operation


@operation(resource=resources.everything)
def get_denial(call: Call, *, request_id: str) -> dict[str, Any]:
    """Tell what was asked and which policies were read, of a request that was refused of late."""
    try:
        found = call.refusals.find(call.account, request_id)
    except NotKept:
        raise ResourceNotFoundException(
            f"No refusal of request {request_id} is kept: requests that were allowed, or refused for another "
            "reason than policies, are not, and of refusals only the last ones of this server."
        ) from None
    return {
        "RequestId": found.request_id,
        "Time": found.time,
        "Observed": found.observed,
        "Question": msgspec.json.encode(found.question).decode(),
        "Policies": [{"Place": place, "Name": name} for place, name in found.texts.places()],
    }
