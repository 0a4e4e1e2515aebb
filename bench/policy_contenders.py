"""Who decides in the policy bench: this engine and its peers, behind one small face.

A contender gets a workload once, and all that can be prepared is prepared then, the requests included: each
is in the form that this contender takes fastest. Measured is the decision and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from policy_workloads import ACCOUNT, ROLE, Request, Workload, session_arn
from rolekeeper.policy.authorize import authorize
from rolekeeper.policy.context import AssumedRole, RequestContext
from rolekeeper.policy.decision import PolicyLayers
from rolekeeper.policy.reference import explain


class Contender(Protocol):
    """An evaluator with one workload. Requests are named by their place in it."""

    @property
    def name(self) -> str: ...

    def allows(self, place: int) -> bool:
        """The answer to one request."""

    def loop(self, places: Sequence[int]) -> Callable[[], None]:
        """What decides these requests, one after the other."""


class Compiled:
    """This engine: layers prepared at the first request, contexts made before."""

    name = "rolekeeper"

    def __init__(self, workload: Workload) -> None:
        self.layers = PolicyLayers.from_json(workload.policies)
        self.contexts = [context(request) for request in workload.requests]

    def allows(self, place: int) -> bool:
        """The answer to one request."""
        return authorize(self.contexts[place], self.layers).allowed

    def loop(self, places: Sequence[int]) -> Callable[[], None]:
        """Layers that have been seen before."""
        contexts, layers = [self.contexts[place] for place in places], self.layers

        def run() -> None:
            for each in contexts:
                authorize(each, layers)

        return run

    def loop_over_new_layers(self, places: Sequence[int]) -> Callable[[], None]:
        """Layers never seen before, of documents that are known: the first request of a session."""
        contexts = [self.contexts[place] for place in places]
        fresh = iter([replace(self.layers) for _ in range(len(places) * 40)])

        def run() -> None:
            for each, layers in zip(contexts, fresh, strict=False):
                authorize(each, layers)

        return run


class Reference:
    """The specification, which explains what it finds."""

    name = "rolekeeper reference"

    def __init__(self, workload: Workload) -> None:
        self._layers = PolicyLayers.from_json(workload.policies)
        self._contexts = [context(request) for request in workload.requests]

    def allows(self, place: int) -> bool:
        """The answer to one request."""
        return explain(self._contexts[place], self._layers).decision.allowed

    def loop(self, places: Sequence[int]) -> Callable[[], None]:
        """With its explanation, which it has at every request."""
        contexts, layers = [self._contexts[place] for place in places], self._layers

        def run() -> None:
            for each in contexts:
                explain(each, layers)

        return run


def context(request: Request) -> RequestContext:
    """A request of a workload as this engine takes it."""
    return RequestContext(
        principal=AssumedRole(arn=session_arn(request.session), role_arn=ROLE, session_name=request.session),
        action=request.action,
        resource=request.resource,
        resource_account=ACCOUNT,
        keys={name.lower(): value for name, value in request.keys.items()},
    )
