"""How a decision grows with statements that the request does not touch: from 10 to 1,000 of them.

They speak of other actions, or of the same action and other resources; the statement that grants stands last.
"""

from __future__ import annotations

from policy_contenders import Compiled
from policy_timing import microseconds
from policy_workloads import ACCOUNT, Json, Request, Workload, policy, statement

COUNTS = (10, 100, 1000)
GOAL = 2.0


def scaling() -> Json:
    """Both kinds, each with the factor between the least and the most."""
    return {
        "other actions": _grown([_other_actions(count) for count in COUNTS]),
        "other resources": _grown([_other_resources(count) for count in COUNTS]),
        "other resources of a resource policy": _grown([_at_the_resource(count) for count in COUNTS]),
    }


def _grown(workloads: list[Workload]) -> Json:
    contenders = {workload.name: Compiled(workload) for workload in workloads}
    for name, contender in contenders.items():
        if not contender.allows(0):
            raise SystemExit(f"{name}: the request is to be allowed")
    places = range(len(workloads[0].requests))
    found = microseconds({name: (each.loop, places) for name, each in contenders.items()})
    factor = round(found[workloads[-1].name] / found[workloads[0].name], 2)
    return {"microseconds": found, "factor": factor, "goal": GOAL, "reached": factor < GOAL}


def _other_actions(count: int) -> Workload:
    others = [
        statement("Allow", f"svc{number}:Get*", f"arn:aws:svc{number}:::x/*") for number in range(count)
    ]
    return _workload(count, {"identity": _documents(others)})


def _other_resources(count: int) -> Workload:
    others = [
        statement("Deny" if number % 4 == 3 else "Allow", "s3:Get*", f"arn:aws:s3:::bucket-{number}/*")
        for number in range(count)
    ]
    return _workload(count, {"identity": _documents(others)})


def _at_the_resource(count: int) -> Workload:
    everyone = {"Principal": {"AWS": ACCOUNT}}
    others = [
        statement("Allow", "s3:Get*", f"arn:aws:s3:::mine/area-{number}/*", **everyone)
        for number in range(count)
    ]
    return _workload(count, {"identity": _documents([]), "resource": policy(*others)})


def _documents(others: list[Json]) -> list[Json]:
    """Documents of fifty statements, and the one that grants."""
    granting = policy(statement("Allow", "s3:GetObject", "arn:aws:s3:::mine/*"))
    return [*(policy(*others[start : start + 50]) for start in range(0, len(others), 50)), granting]


def _workload(count: int, policies: Json) -> Workload:
    requests = [
        Request(session=f"s{number}", action="s3:GetObject", resource=f"arn:aws:s3:::mine/{number}")
        for number in range(200)
    ]
    return Workload(name=str(count), policies=policies, requests=requests)
