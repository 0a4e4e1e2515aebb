"""Rolekeeper: IAM roles as a system that anyone can run.

This is the library: policies, requests and decisions, without a server, a store or a network.

    layers = PolicyLayers.from_json({"identity": [document]})
    context = RequestContext.from_json({"principal": ..., "action": ..., "resource": ...})
    authorize(context, layers).allowed
    explain(context, layers).why
    remedy(context, layers).changes

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
    from rolekeeper.policy.remedy import Remedy, remedy

__all__ = [
    "Decision",
    "Explanation",
    "Outcome",
    "PolicyDocument",
    "PolicyLayers",
    "PolicySyntaxError",
    "Remedy",
    "RequestContext",
    "authorize",
    "explain",
    "parse_document",
    "remedy",
]


def __getattr__(name: str) -> Any:
    if name in ("Explanation", "explain"):
        from rolekeeper.policy import reference

        return getattr(reference, name)
    if name in ("Remedy", "remedy"):
        from rolekeeper.policy import remedy

        return getattr(remedy, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
