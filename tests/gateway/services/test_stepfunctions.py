from __future__ import annotations

from typing import Any

import pytest

from rolekeeper import errors
from tests.gateway.asking import ACCOUNT, OTHER, keys, pairs, tags, wanted

START = f"arn:aws:states:eu-west-1:{ACCOUNT}:"
MACHINE = START + "stateMachine:orders"


@pytest.mark.parametrize("operation", ["StartExecution", "DescribeStateMachine", "UpdateStateMachine"])
def test_a_state_machine_is_called_by_its_arn(operation: str) -> None:
    assert pairs("stepfunctions", operation, stateMachineArn=MACHINE) == [
        (f"states:{operation}", "stateMachine:orders")
    ]
    assert pairs("stepfunctions", operation, stateMachineArn=MACHINE + "2") == [
        (f"states:{operation}", "stateMachine:orders2")
    ]


def test_a_version_or_an_alias_is_asked_on_the_state_machine() -> None:
    (one,) = wanted("stepfunctions", "StartExecution", stateMachineArn=MACHINE + ":live")
    assert (one.resource, one.keys) == (MACHINE, {"states:statemachinequalifier": ("live",)})
    assert keys("stepfunctions", "StartExecution", stateMachineArn=MACHINE) == {}
    (one,) = wanted("stepfunctions", "DescribeStateMachineAlias", stateMachineAliasArn=MACHINE + ":live")
    assert one.keys == {"states:statemachinequalifier": ("live",)}


def test_a_state_machine_of_another_account_is_that_accounts() -> None:
    theirs = MACHINE.replace(ACCOUNT, OTHER)
    assert pairs("stepfunctions", "StartExecution", stateMachineArn=theirs) == [
        ("states:StartExecution", theirs)
    ]


@pytest.mark.parametrize(
    "arn",
    [
        "",
        "orders",
        MACHINE + ":a:b",
        MACHINE + "/x",
        MACHINE + ":*",
        MACHINE.replace("eu-west-1", "us-east-1"),
        START + "activity:orders",
    ],
)
def test_what_names_no_state_machine_of_the_region_is_refused(arn: str) -> None:
    with pytest.raises(errors.ValidationError):
        pairs("stepfunctions", "StartExecution", stateMachineArn=arn)


@pytest.mark.parametrize(
    ("resource", "kind"),
    [
        ("execution:orders:run-1", "execution"),
        ("execution:orders/Map:0f5c", "labelled execution"),
        ("express:orders:run-1:00000000-0000", "express"),
    ],
)
def test_an_execution_is_called_by_its_arn(resource: str, kind: str) -> None:
    for operation in ("DescribeExecution", "StopExecution", "GetExecutionHistory"):
        (one,) = wanted("stepfunctions", operation, executionArn=START + resource)
        assert (one.action, one.resource, one.type) == (f"states:{operation}", START + resource, kind)


def test_executions_are_listed_of_a_state_machine_or_of_a_map_run() -> None:
    run = START + "mapRun:orders/Map:0f5c"
    assert pairs("stepfunctions", "ListExecutions", stateMachineArn=MACHINE) == [
        ("states:ListExecutions", "stateMachine:orders")
    ]
    assert pairs("stepfunctions", "ListExecutions", mapRunArn=run) == [
        ("states:ListExecutions", "mapRun:orders/Map:0f5c")
    ]
    assert len(pairs("stepfunctions", "ListExecutions", mapRunArn=run, stateMachineArn=MACHINE)) == 2
    with pytest.raises(errors.ValidationError):
        pairs("stepfunctions", "ListExecutions")


def test_an_alias_is_made_on_the_state_machine_of_its_versions() -> None:
    routes = [{"stateMachineVersionArn": f"{MACHINE}:{number}", "weight": 50} for number in (1, 2)]
    (one,) = wanted("stepfunctions", "CreateStateMachineAlias", name="live", routingConfiguration=routes)
    assert one.resource == MACHINE
    assert one.keys == {"states:statemachinequalifier": ("live", "1", "2")}
    other = [{"stateMachineVersionArn": MACHINE + "2:1", "weight": 100}]
    asked_for = pairs(
        "stepfunctions",
        "UpdateStateMachineAlias",
        stateMachineAliasArn=MACHINE + ":live",
        routingConfiguration=other,
    )
    assert [resource for _, resource in asked_for] == ["stateMachine:orders", "stateMachine:orders2"]
    with pytest.raises(errors.ValidationError):
        pairs("stepfunctions", "CreateStateMachineAlias", name="live", routingConfiguration=[])


@pytest.mark.parametrize(
    ("operation", "members", "resource"),
    [
        ("CreateStateMachine", {"name": "orders"}, "stateMachine:orders"),
        ("CreateActivity", {"name": "pack"}, "activity:pack"),
        ("DescribeActivity", {"activityArn": START + "activity:pack"}, "activity:pack"),
        ("TagResource", {"resourceArn": MACHINE}, "stateMachine:orders"),
        ("TagResource", {"resourceArn": START + "activity:pack"}, "activity:pack"),
        ("DescribeMapRun", {"mapRunArn": START + "mapRun:orders/Map:0f5c"}, "mapRun:orders/Map:0f5c"),
    ],
)
def test_the_others_are_called_by_name_or_arn(operation: str, members: Any, resource: str) -> None:
    assert pairs("stepfunctions", operation, **members) == [(f"states:{operation}", resource)]


def test_tags_are_read() -> None:
    answers = {"ListTagsForResource": {"tags": [{"key": "a", "value": "b"}]}}
    assert tags("stepfunctions", "statemachine", MACHINE, answers) == {"a": "b"}
