"""What a decision costs on policies that have been compiled, beside the reference on the same requests.

Prints JSON: for each workload the microseconds of one decision (the best of many short runs) by the compiled
evaluator, warm and for layers never seen before, and by the reference, in the same run.
"""

from __future__ import annotations

import json
import sys
import timeit
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from typing import Any

from machine import machine
from rolekeeper.policy.authorize import authorize
from rolekeeper.policy.context import AssumedRole, IamUser, RequestContext
from rolekeeper.policy.decision import PolicyLayers
from rolekeeper.policy.reference import explain

ACCOUNT = "123456789012"
USER = IamUser(arn=f"arn:aws:iam::{ACCOUNT}:user/ana", user_id="AIDAEXAMPLE")
SESSION = AssumedRole(
    arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/app/s",
    role_arn=f"arn:aws:iam::{ACCOUNT}:role/app",
    session_name="s",
)
RUN, RUNS = 100, 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """One request, and what stands around it."""

    name: str
    context: RequestContext
    layers: PolicyLayers


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    """A document of the current version."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def statement(effect: str, action: str, resource: str = "*", **more: Any) -> dict[str, Any]:
    """One statement."""
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def small() -> Workload:
    """One policy of three statements."""
    own = policy(
        statement("Allow", "s3:Get*", "arn:aws:s3:::reports/*"),
        statement("Allow", "iam:GetRole"),
        statement("Deny", "s3:Delete*"),
    )
    context = RequestContext(
        principal=USER,
        action="s3:GetObject",
        resource="arn:aws:s3:::reports/q1.csv",
        resource_account=ACCOUNT,
    )
    return Workload(name="small", context=context, layers=PolicyLayers.from_json({"identity": [own]}))


def trust() -> Workload:
    """AssumeRole in one account: a trust policy that names the account, and an identity policy."""
    role = f"arn:aws:iam::{ACCOUNT}:role/app"
    door = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
    door["Condition"] = {"StringEquals": {"sts:ExternalId": "e-1"}}
    layers = {"identity": [policy(statement("Allow", "sts:AssumeRole", role))], "resource": policy(door)}
    context = RequestContext(
        principal=USER, action="sts:AssumeRole", resource=role, keys={"sts:externalid": "e-1"}
    )
    return Workload(name="trust", context=context, layers=PolicyLayers.from_json(layers))


def medium() -> Workload:
    """A session with six policies of three statements, conditions and variables, under four guards."""
    home = {
        "IpAddress": {"aws:SourceIp": ["203.0.113.0/24"]},
        "StringEquals": {"aws:PrincipalTag/team": "red"},
    }
    elsewhere = {"StringNotEquals": {"aws:PrincipalAccount": ACCOUNT}}
    own = [
        policy(
            statement("Allow", "iam:Get*", f"arn:aws:iam::{ACCOUNT}:role/team-{number}/*"),
            statement("Allow", "s3:*", "arn:aws:s3:::home/${aws:PrincipalTag/team}/*", Condition=home),
            statement("Deny", "iam:*", Condition=elsewhere),
        )
        for number in range(6)
    ]
    full = policy(statement("Allow", "*"))
    layers = {"identity": own, "boundary": [full], "session": [full], "scp": [[full], [full]]}
    context = RequestContext(
        principal=SESSION,
        action="iam:GetRole",
        resource=f"arn:aws:iam::{ACCOUNT}:role/team-5/x",
        keys={"aws:sourceip": "203.0.113.9", "aws:principaltag/team": "red"},
    )
    return Workload(name="medium", context=context, layers=PolicyLayers.from_json(layers))


def best(call: Callable[[], object]) -> float:
    """Microseconds."""
    return round(min(timeit.repeat(call, number=RUN, repeat=RUNS)) / RUN * 1e6, 2)


def measure(workload: Workload) -> dict[str, float]:
    """One workload by both evaluators, which have to agree."""
    context, layers = workload.context, workload.layers
    decision = authorize(context, layers)
    if not decision.allowed or decision != explain(context, layers).decision:
        raise SystemExit(f"{workload.name}: {decision}")
    return {
        "compiled": best(lambda: authorize(context, layers)),
        "compiled_new_layers": best(lambda: authorize(context, copy(layers))),
        "reference": best(lambda: explain(context, layers)),
    }


def main() -> None:
    """Measure all of them."""
    results = {workload.name: measure(workload) for workload in (small(), trust(), medium())}
    json.dump({"machine": machine(), "microseconds": results}, sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
