"""The mock server's evaluator as a contender: `IAMPolicy` of `moto.iam.access_control`, one a document.

It has identity policies and nothing around them, so the layers are put together here in the one way that its
own server puts policies together: a denial ends it, and each layer has to permit. Documents are read before
the first request. Where its answers differ (it takes a deny whose condition fails for a denial, and most
operators for true), the bench says so.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Sequence
from typing import Any

from policy_workloads import Workload


class Moto:
    """One workload in moto's evaluator; ImportError where moto is not installed."""

    def __init__(self, workload: Workload) -> None:
        module: Any = importlib.import_module("moto.iam.access_control")
        self.name = "moto"
        self._denied, self._permitted = module.PermissionResult.DENIED, module.PermissionResult.PERMITTED
        policies = workload.policies
        own = [*policies["identity"], *([policies["resource"]] if "resource" in policies else [])]
        guards = [*policies.get("scp", []), *([policies["boundary"]] if "boundary" in policies else [])]
        self._layers = [
            [module.IAMPolicy({"policy_document": json.dumps(document)}) for document in documents]
            for documents in (*guards, own)
        ]
        self._requests = [(each.action, each.resource, dict(each.keys)) for each in workload.requests]

    def allows(self, place: int) -> bool:
        """The answer to one request."""
        return self._allows(*self._requests[place])

    def loop(self, places: Sequence[int]) -> Callable[[], None]:
        """Each request by itself."""
        requests = [self._requests[place] for place in places]

        def run() -> None:
            for request in requests:
                self._allows(*request)

        return run

    def _allows(self, action: str, resource: str, keys: dict[str, str]) -> bool:
        for documents in self._layers:
            permitted = False
            for document in documents:
                result = document.is_action_permitted(action, resource, None, keys)
                if result is self._denied:
                    return False
                permitted = permitted or result is self._permitted
            if not permitted:
                return False
        return True
