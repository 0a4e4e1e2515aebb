"""Step Functions: state machines, their versions and aliases, executions, activities.

A version or an alias is asked on its state machine, and which one it is, is the key
`states:StateMachineQualifier`.
Source: "Actions, resources, and condition keys for AWS Step Functions" in the Service Authorization
Reference; "State machine authorization for versions and aliases" in the AWS Step Functions Developer Guide.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rolekeeper.gateway.asked import Asked, Wanted
from rolekeeper.gateway.naming import Asking, Kind, all_of, given, on, on_any, refuse, required
from rolekeeper.gateway.rules import Lookups, Rules
from rolekeeper.policy.context import KeyValue

_NAME = r"[^\s\x00-\x1f\x7f:/*?<>{}\[\]\"#%\\^|~`$&,;]{1,80}"
_RUN = r"[A-Za-z0-9_.-]{1,80}"
MACHINE = Kind(type="statemachine", service="states", before="stateMachine:", name=_NAME)
QUALIFIED = Kind(type="statemachine", service="states", before="stateMachine:", name=f"{_NAME}:{_NAME}")
ACTIVITY = Kind(type="activity", service="states", before="activity:", name=_NAME)
EXECUTION = Kind(type="execution", service="states", before="execution:", name=f"{_NAME}:{_NAME}")
LABELLED = Kind(
    type="labelled execution", service="states", before="execution:", name=f"{_NAME}/{_RUN}:{_NAME}"
)
EXPRESS = Kind(
    type="express", service="states", before="express:", name=f"{_NAME}(?:/{_RUN})?:{_NAME}:[A-Za-z0-9-]+"
)
MAP_RUN = Kind(type="maprun", service="states", before="mapRun:", name=f"{_NAME}/{_RUN}:[A-Za-z0-9-]+")

_ON_MACHINES = (
    *("DeleteStateMachine", "DescribeStateMachine", "ListStateMachineAliases", "ListStateMachineVersions"),
    *("PublishStateMachineVersion", "StartExecution", "StartSyncExecution", "UpdateStateMachine"),
)
_ON_EXECUTIONS = (
    *("DescribeExecution", "DescribeStateMachineForExecution", "GetExecutionHistory", "ListMapRuns"),
    *("RedriveExecution", "StopExecution"),
)
_ON_ACTIVITIES = ("DeleteActivity", "DescribeActivity", "GetActivityTask")


def _machine(asked: Asked, arn: str) -> Wanted:
    """An access to the state machine of an ARN, which may have a version or an alias at its end."""
    action, base, keys = f"states:{asked.operation.name}", arn, dict[str, KeyValue]()
    if QUALIFIED.named(asked, arn) is not None:
        base, _, qualifier = arn.rpartition(":")
        keys["states:statemachinequalifier"] = (qualifier,)
    return Wanted(action=action, resource=MACHINE.whole(asked, base), type=MACHINE.type, keys=keys)


def _on_machine(member: str = "stateMachineArn") -> Asking:
    return lambda asked: (_machine(asked, required(asked, member)),)


def _create_alias(asked: Asked) -> Iterator[Wanted]:
    """The state machine whose versions an alias is for."""
    versions = [
        str(each.get("stateMachineVersionArn")) for each in asked.members.get("routingConfiguration") or ()
    ]
    if not versions:
        refuse("An alias is for one or two versions of a state machine")
    found = [_machine(asked, version) for version in versions]
    given_names = [name for each in found for name in each.keys.get("states:statemachinequalifier", ())]
    qualifiers = (required(asked, "name"), *given_names)
    for resource in dict.fromkeys(each.resource for each in found):
        keys: dict[str, KeyValue] = {"states:statemachinequalifier": qualifiers}
        yield Wanted(action="states:CreateStateMachineAlias", resource=resource, type=MACHINE.type, keys=keys)


def _update_alias(asked: Asked) -> Iterator[Wanted]:
    yield _machine(asked, required(asked, "stateMachineAliasArn"))
    for each in asked.members.get("routingConfiguration") or ():
        yield _machine(asked, str(each.get("stateMachineVersionArn")))


def _executions(asked: Asked) -> Iterator[Wanted]:
    run = given(asked, "mapRunArn")
    if run:
        resource = MAP_RUN.whole(asked, run)
        yield Wanted(action="states:ListExecutions", resource=resource, type=MAP_RUN.type)
    if not run or given(asked, "stateMachineArn"):
        yield _machine(asked, required(asked, "stateMachineArn"))


async def _tags(lookups: Lookups, asked: Asked, arn: str) -> Mapping[str, str]:
    answer = await lookups.ask(asked, "stepfunctions", "ListTagsForResource", resourceArn=arn)
    return {tag["key"]: tag["value"] for tag in (answer or {}).get("tags") or ()}


RULES = Rules(
    prefix="states",
    special={
        **all_of(_ON_MACHINES, _on_machine()),
        **all_of(_ON_EXECUTIONS, on_any("states", "executionArn", EXECUTION, LABELLED, EXPRESS)),
        **all_of(_ON_ACTIVITIES, on("states", ACTIVITY, "activityArn", whole=True)),
        **all_of(("DescribeMapRun", "UpdateMapRun"), on("states", MAP_RUN, "mapRunArn", whole=True)),
        **all_of(
            ("TagResource", "UntagResource", "ListTagsForResource"),
            on_any("states", "resourceArn", MACHINE, ACTIVITY),
        ),
        **all_of(
            ("DeleteStateMachineAlias", "DescribeStateMachineAlias"), _on_machine("stateMachineAliasArn")
        ),
        "CreateActivity": on("states", ACTIVITY, "name"),
        "CreateStateMachine": on("states", MACHINE, "name"),
        "CreateStateMachineAlias": _create_alias,
        "DeleteStateMachineVersion": _on_machine("stateMachineVersionArn"),
        "ListExecutions": _executions,
        "UpdateStateMachineAlias": _update_alias,
    },
    tags={MACHINE.type: _tags, ACTIVITY.type: _tags},
)
