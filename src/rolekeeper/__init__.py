"""Rolekeeper: IAM roles as a system that anyone can run.

This is the library: policies, requests and decisions, without a server, a store or a network.

    layers = PolicyLayers.from_json({"identity": [document]})
    context = RequestContext.from_json({"principal": ..., "action": ..., "resource": ...})
    authorize(context, layers).allowed
    explain(context, layers).why

What explains is imported when it is first named: whoever only decides starts in half the time.
"""

from typing import TYPE_CHECKING, Any

from rolekeeper.policy.authorize import authorize
from rolekeeper.policy.context import RequestContext
from rolekeeper.policy.decision import Decision, Outcome, PolicyLayers
from rolekeeper.policy.document import PolicyDocument, PolicySyntaxError, parse_document

if TYPE_CHECKING:
    from rolekeeper.policy.explanation import Explanation
    from rolekeeper.policy.reference import explain

__all__ = [
    "Decision",
    "Explanation",
    "Outcome",
    "PolicyDocument",
    "PolicyLayers",
    "PolicySyntaxError",
    "RequestContext",
    "authorize",
    "explain",
    "parse_document",
]


def __getattr__(name: str) -> Any:
    if name not in ("Explanation", "explain"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from rolekeeper.policy import reference

    return getattr(reference, name)


def __dir__() -> list[str]:
    return __all__
