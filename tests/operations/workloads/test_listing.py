"""All workloads of an account in one list, in pages."""

from __future__ import annotations

from typing import Any

from tests.client import Person
from tests.people import refused, role, user
from tests.workers import EC2, ECS, LAMBDA, instance, profile


def test_every_kind_is_told_with_its_roles(root: Person) -> None:
    roles = {name: role(root, name, trust) for name, trust in (("e", EC2), ("t", ECS), ("l", LAMBDA))}
    profile(root, "web", "e")
    mine, _ = instance(root, "web")
    bare, _ = instance(root)
    root.workloads.register_task(Family="web", TaskRoleArn=roles["t"], ExecutionRoleArn=roles["t"])
    root.in_region("eu-west-1").workloads.register_function(FunctionName="mine", Role=roles["l"])
    with refused("AccessDeniedException", 400, "rolekeeper:ListWorkloads"):
        user(root, "bob").workloads.list_workloads()
    found: list[dict[str, Any]] = []
    more: dict[str, Any] = {}
    while True:
        page = root.workloads.list_workloads(MaxResults=1, **more)
        found += page["Workloads"]
        if "NextToken" not in page:
            break
        more = {"NextToken": page["NextToken"]}
    told = {(each["Kind"], each["Id"]): each["RoleArns"] for each in found}
    assert told[("instance", mine)] == [roles["e"]]
    assert told[("instance", bare)] == []
    assert told[("function", "mine")] == [roles["l"]]
    assert [each["RoleArns"] for each in found if each["Kind"] == "task"] == [[roles["t"]]]
    assert len(found) == 4
