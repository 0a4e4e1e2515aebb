"""One call that needs several permissions: each access has to be allowed, and the first refusal decides.

RunInstances asks for the image, the subnet, the instance and more; CreateAlias for the alias and for the key;
CreateRole with tags for TagRole as well. Each access is a question of its own, since the condition keys and
the resource's policy differ from resource to resource. Which accesses a call has is the caller's knowledge.
Source: "IAM JSON policy elements: Condition operators" (...IfExists) and "Actions, resources, and condition
keys for AWS services" (required resource types) in AWS's guides.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rolekeeper.policy.authorize import authorize
from rolekeeper.policy.context import RequestContext
from rolekeeper.policy.decision import Decision, PolicyLayers


@dataclass(frozen=True, slots=True, kw_only=True)
class CallDecision:
    """The answer to a call: that of its first refused access, else that of its first access.

    `access` is the one that `decision` answers, so that a refusal can name its action and resource.
    """

    decision: Decision
    access: RequestContext

    @property
    def allowed(self) -> bool:
        """Whether the call may go on: all of its accesses are allowed."""
        return self.decision.allowed


def authorize_all(accesses: Iterable[tuple[RequestContext, PolicyLayers]]) -> CallDecision:
    """Whether every access of a call is allowed; each comes with the policies that bear on it.

    Nothing is asked behind a refusal. ValueError for a call without any access: what asks for nothing must
    not pass as allowed.
    """
    first: CallDecision | None = None
    for context, layers in accesses:
        answer = CallDecision(decision=authorize(context, layers), access=context)
        if not answer.allowed:
            return answer
        first = first or answer
    if first is None:
        raise ValueError("a call has at least one access")
    return first
