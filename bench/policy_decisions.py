"""Microseconds of one decision, by this engine and its peers, on three sizes of policies.

- `same`: one request again and again.
- `different`: other sessions, actions, resources and keys in turn, so that no answer is one given before.
- `new layers`: the first request to layers that are made anew of known documents.
- `new documents`: the first request to documents never seen before, parsed already.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from policy_cedar import Cedar
from policy_contenders import Compiled, Contender, Reference
from policy_moto import Moto
from policy_timing import best_of, microseconds
from policy_workloads import Json, Workload, large, medium, small
from rolekeeper.policy.authorize import authorize
from rolekeeper.policy.decision import PolicyLayers

GOALS = {"small": 3.0, "medium": 15.0, "large": 60.0}
FASTER = 20
PEERS: tuple[Callable[[Workload], Contender], ...] = (Cedar, Moto, Reference)


def decisions() -> Json:
    """All three sizes."""
    found = {workload.name: _measured(workload) for workload in (small(), medium(), large())}
    return {"peers": {name: _version(name) for name in ("cedarpy", "moto")}, **found}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _measured(workload: Workload) -> Json:
    ours = Compiled(workload)
    contenders: list[Contender] = [ours]
    for peer in PEERS:
        with suppress(ImportError):  # `peers` says which are not installed
            contenders.append(peer(workload))
    places = range(len(workload.requests))
    typical = [0] * len(places)
    same = microseconds({each.name: (each.loop, typical) for each in contenders})
    different = microseconds({each.name: (each.loop, places) for each in contenders})
    fresh = microseconds({"new layers": (ours.loop_over_new_layers, places[:50])})
    found: Json = {
        "same": same,
        "different": different,
        "new layers": fresh["new layers"],
        "new documents": _new_documents(workload, ours),
        "goal": GOALS[workload.name],
        "reached": max(same[ours.name], different[ours.name]) < GOALS[workload.name],
        "differing answers": {each.name: _differing(ours, each, places) for each in contenders[1:]},
    }
    if "cedarpy" in same:
        times = [round(each["cedarpy"] / each[ours.name], 1) for each in (same, different)]
        found |= {
            "times faster than cedarpy": times,
            "goal of times": FASTER,
            "times reached": min(times) >= FASTER,
        }
    return found


def _differing(ours: Contender, other: Contender, places: Sequence[int]) -> str:
    count = sum(ours.allows(place) != other.allows(place) for place in places)
    return f"{count} of {len(places)}"


def _new_documents(workload: Workload, ours: Compiled) -> float:
    rounds = 8
    fresh = iter([_respelled(workload.policies, " " * number) for number in range(1, rounds + 1)])
    return round(best_of(lambda: authorize(ours.contexts[0], next(fresh)), rounds) * 1e6, 1)


def _respelled(policies: Json, space: str) -> PolicyLayers:
    """The same policies by another text, so that they are compiled anew."""
    return PolicyLayers.from_json(_texts(policies, space))


def _texts(policies: Any, space: str) -> Any:
    if isinstance(policies, list):
        return [_texts(each, space) for each in policies]
    if "Statement" in policies:
        return json.dumps(policies) + space
    return {name: _texts(each, space) for name, each in policies.items()}
