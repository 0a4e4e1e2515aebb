"""Requests to any service of AWS, read by its model, and written anew from what was read.

`find` says which operation a request names, `read` what it has, and in `Reading.written` is the request as it
goes on: of what came, only what was understood. Constraints of the model are not checked here: that does who
answers. A reading is of sound types, and small enough to be one of a service's requests.
"""

from __future__ import annotations

from rolekeeper.wire.reading.claims import named_in_body, scope_of, seems, usual_scope
from rolekeeper.wire.reading.finding import find
from rolekeeper.wire.reading.names import warm
from rolekeeper.wire.reading.operation import read, write
from rolekeeper.wire.reading.rest_plans import streams
from rolekeeper.wire.reading.values import Reading, Route, Written

__all__ = [
    "Reading",
    "Route",
    "Written",
    "find",
    "named_in_body",
    "read",
    "scope_of",
    "seems",
    "streams",
    "usual_scope",
    "warm",
    "write",
]
