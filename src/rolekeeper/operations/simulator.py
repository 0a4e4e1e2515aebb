"""The policy simulator: what policies would decide, without a request.

Nothing is changed and nobody is asked but the reference. A role's trust policy is honoured for
`sts:AssumeRole`, as docs/divergences.md says, unless a setting wants it AWS's way, and a role may be the
caller beside a resource's policy.
Source: "SimulateCustomPolicy" and "SimulatePrincipalPolicy" in the IAM API Reference.
"""

from __future__ import annotations

import json
import re
from typing import Any

from rolekeeper.arn import Arn, root_arn
from rolekeeper.errors import InvalidInput, MalformedPolicyDocument
from rolekeeper.iam.entities import Group, Role, User
from rolekeeper.operations import paging, resources, simulated_policies
from rolekeeper.operations.simulated_policies import Bearer, Exclusions
from rolekeeper.operations.simulation import ResourcePolicy, Simulation, Source
from rolekeeper.policy.asked_keys import asked_keys
from rolekeeper.policy.context import IamRole, IamUser, KeyValue, Principal
from rolekeeper.policy.decision import Documents
from rolekeeper.policy.document import PolicyDocument, PolicySyntaxError, parse_document
from rolekeeper.service.call import Call, Resource
from rolekeeper.service.registry import operation

_ACTION = re.compile(r"[A-Za-z0-9_-]+:[A-Za-z0-9_-]+")
_OWNER = re.compile(r"(?:arn:[\w-]+:iam::)?(\d{12})(?::root)?")
_MOST_COMPARED = 20_000
"""Statements that one page compares with resources: it is answered on the loop that answers everybody."""
_SCENARIOS = {
    "EC2-Classic-InstanceStore": ("instance", "image", "security-group"),
    "EC2-Classic-EBS": ("instance", "image", "security-group", "volume"),
    "EC2-VPC-InstanceStore": ("instance", "image", "security-group", "network-interface"),
    "EC2-VPC-InstanceStore-Subnet": (
        *("instance", "image", "security-group", "network-interface", "subnet"),
    ),
    "EC2-VPC-EBS": ("instance", "image", "security-group", "network-interface", "volume"),
    "EC2-VPC-EBS-Subnet": (
        *("instance", "image", "security-group", "network-interface", "subnet", "volume"),
    ),
}


def _entity(call: Call, *, policy_source_arn: str, **_: Any) -> Resource:
    return Resource(arn=policy_source_arn, account=call.account)


@operation(resource=resources.everything)
def simulate_custom_policy(
    call: Call,
    *,
    policy_input_list: list[str],
    action_names: list[str],
    permissions_boundary_policy_input_list: list[str] | None = None,
    ordered_organization_policy_input_list: list[dict[str, Any]] | None = None,
    resource_arns: list[str] | None = None,
    resource_policy: str | None = None,
    resource_owner: str | None = None,
    caller_arn: str | None = None,
    context_entries: list[dict[str, Any]] | None = None,
    resource_handling_option: str | None = None,
    max_items: int | None = None,
    marker: str | None = None,
) -> dict[str, Any]:
    """What given policies would decide."""
    if resource_policy is not None and caller_arn is None:
        raise InvalidInput("CallerArn is required where a ResourcePolicy is given.")
    simulation = Simulation(
        principal=_principal(call, caller_arn, None),
        known=caller_arn is not None,
        identity=_inputs(policy_input_list, "PolicyInputList"),
        boundary=_boundary(permissions_boundary_policy_input_list),
        resource=_resource_policy(resource_policy),
        scp=_levels(ordered_organization_policy_input_list),
        owner=_owner(resource_owner) or call.account,
        keys=_keys(context_entries),
    )
    return _page(call, simulation, action_names, resource_arns, resource_handling_option, marker, max_items)


@operation(resource=_entity)
def simulate_principal_policy(
    call: Call,
    *,
    policy_source_arn: str,
    action_names: list[str],
    policy_input_list: list[str] | None = None,
    permissions_boundary_policy_input_list: list[str] | None = None,
    policy_exclusion_list: list[dict[str, Any]] | None = None,
    resource_arns: list[str] | None = None,
    resource_policy: str | None = None,
    resource_owner: str | None = None,
    caller_arn: str | None = None,
    context_entries: list[dict[str, Any]] | None = None,
    resource_handling_option: str | None = None,
    max_items: int | None = None,
    marker: str | None = None,
) -> dict[str, Any]:
    """What the policies of a user, group or role would decide, with others beside them."""
    bearer = simulated_policies.entity(call, policy_source_arn)
    exclusions = Exclusions(policy_exclusion_list)
    caller = caller_arn or (None if isinstance(bearer, Group) else policy_source_arn)
    if resource_policy is not None and caller is None:
        raise InvalidInput("CallerArn is required where a ResourcePolicy is given for a group.")
    given = _boundary(permissions_boundary_policy_input_list)
    simulation = Simulation(
        principal=_principal(call, caller, bearer),
        known=caller is not None,
        identity=(
            *simulated_policies.identity(call, bearer, exclusions),
            *_inputs(policy_input_list or [], "PolicyInputList"),
        ),
        boundary=simulated_policies.boundary(call, bearer, exclusions) if given is None else given,
        resource=_resource_policy(resource_policy),
        owner=_owner(resource_owner) or call.account,
        keys=_tags(bearer) | _keys(context_entries),
    )
    return _page(call, simulation, action_names, resource_arns, resource_handling_option, marker, max_items)


@operation(resource=resources.everything)
def get_context_keys_for_custom_policy(call: Call, *, policy_input_list: list[str]) -> dict[str, Any]:
    """The condition keys that given policies ask for."""
    sources = _inputs(policy_input_list, "PolicyInputList")
    return {"ContextKeyNames": _asked(source.document for source in sources)}


@operation(resource=_entity)
def get_context_keys_for_principal_policy(
    call: Call, *, policy_source_arn: str, policy_input_list: list[str] | None = None
) -> dict[str, Any]:
    """The condition keys that the policies of a user, group or role ask for."""
    bearer = simulated_policies.entity(call, policy_source_arn)
    own = simulated_policies.identity(call, bearer, Exclusions(None))
    given = _inputs(policy_input_list or [], "PolicyInputList")
    return {"ContextKeyNames": _asked(source.document for source in (*own, *given))}


# -- one page of results -----------------------------------------------------------------------------


def _page(
    call: Call,
    simulation: Simulation,
    actions: list[str],
    arns: list[str] | None,
    scenario: str | None,
    marker: str | None,
    max_items: int | None,
) -> dict[str, Any]:
    for action in actions:
        if _ACTION.fullmatch(action) is None:
            raise InvalidInput(f"Invalid action name: {action}")
    wanted = list(dict.fromkeys(arns or ["*"]))
    _check_scenario(scenario, wanted)
    each = len(wanted) * max(1, simulation.size)
    if each > _MOST_COMPARED:
        raise InvalidInput("The simulation has too many resources for policies of so many statements.")
    return paging.of_list(
        list(enumerate(dict.fromkeys(actions))),
        "EvaluationResults",
        key=lambda numbered: f"{numbered[0]:08d}",
        view=lambda numbered: simulation.evaluate(
            numbered[1], [(arn, _trust(call, simulation, numbered[1], arn)) for arn in wanted]
        ),
        marker=marker,
        max_items=min(max_items or paging.DEFAULT_ITEMS, _MOST_COMPARED // each),
    )


def _check_scenario(scenario: str | None, arns: list[str]) -> None:
    if scenario is None:
        return
    needed = _SCENARIOS.get(scenario)
    if needed is None:
        raise InvalidInput(f"Invalid ResourceHandlingOption: {scenario}")
    for kind in needed:
        if not any(f":{kind}/" in arn for arn in arns):
            raise InvalidInput(f"The scenario {scenario} needs a resource of the type {kind}.")


def _trust(call: Call, simulation: Simulation, action: str, arn: str) -> ResourcePolicy | None:
    """The trust policy of a role that is to be assumed, unless the request brings a resource policy."""
    if simulation.resource is not None or not action.lower().startswith("sts:assumerole"):
        return None
    try:
        parsed = Arn.parse(arn)
    except ValueError:
        return None
    if parsed.service != "iam" or parsed.account != call.account:
        return None
    if call.simulator_ignores_trust:
        return _leaving_it_to_identities(call)
    role = call.tx.roles.find(parsed.name)
    if role is None or role.arn(call.partition) != arn:
        return None
    source = Source(identifier=role.name, type="resource", document=parse_document(role.trust))
    return ResourcePolicy(source=source, kind="trust")


def _leaving_it_to_identities(call: Call) -> ResourcePolicy:
    """In place of any role's trust: the account, whose identity policies then decide alone."""
    account = {"AWS": root_arn(call.partition, call.account)}
    statement = {"Effect": "Allow", "Principal": account, "Action": "sts:*"}
    document = parse_document(json.dumps({"Version": "2012-10-17", "Statement": statement}))
    source = Source(identifier="", type="resource", document=document)
    return ResourcePolicy(source=source, kind="trust", shown=False)


# -- what the request gives --------------------------------------------------------------------------


def _inputs(texts: list[str], name: str) -> tuple[Source, ...]:
    return tuple(
        Source(identifier=f"{name}.{number}", type="none", document=_read(text))
        for number, text in enumerate(texts, 1)
    )


def _boundary(texts: list[str] | None) -> tuple[Source, ...] | None:
    if not texts:
        return None
    if len(texts) > 1:
        raise InvalidInput("At most one permissions boundary can be given.")
    return _inputs(texts, "PermissionsBoundaryPolicyInputList")


def _resource_policy(text: str | None) -> ResourcePolicy | None:
    if text is None:
        return None
    return ResourcePolicy(source=Source(identifier="ResourcePolicy", type="resource", document=_read(text)))


def _levels(given: list[dict[str, Any]] | None) -> tuple[Documents, ...] | None:
    if not given:
        return None
    return tuple(
        tuple(_read(text) for text in level.get("ServiceControlPolicyInputList", ())) for level in given
    )


def _read(text: str) -> PolicyDocument:
    try:
        return parse_document(text)
    except (PolicySyntaxError, MalformedPolicyDocument) as error:
        raise InvalidInput(f"Invalid policy: {error}") from None


def _owner(text: str | None) -> str | None:
    if text is None:
        return None
    found = _OWNER.fullmatch(text)
    if found is None:
        raise InvalidInput(f"Invalid resource owner: {text}")
    return found[1]


def _keys(entries: list[dict[str, Any]] | None) -> dict[str, KeyValue]:
    found: dict[str, KeyValue] = {}
    for entry in entries or ():
        name, values = entry.get("ContextKeyName"), tuple(entry.get("ContextKeyValues", ()))
        if name is None:
            raise InvalidInput("A context entry has a ContextKeyName.")
        if name.lower() in found:
            raise InvalidInput(f"Duplicate context key: {name}")
        many = entry.get("ContextKeyType", "string").endswith("List")
        if not many and len(values) > 1:
            raise InvalidInput(f"The context key {name} has several values and is of a type with one.")
        if values:
            found[name.lower()] = values if many else values[0]
    return found


def _tags(bearer: Bearer) -> dict[str, KeyValue]:
    if isinstance(bearer, Group):
        return {}
    return {f"aws:principaltag/{key.lower()}": value for key, value in bearer.tags.items()}


def _principal(call: Call, arn: str | None, bearer: Bearer | None) -> Principal:
    """The caller of the simulated requests; nobody in particular where none is named."""
    if arn is None:
        return IamUser(arn=f"arn:{call.partition}:iam::{call.account}:user/")
    try:
        parsed = Arn.parse(arn)
    except ValueError:
        raise InvalidInput(f"Invalid CallerArn: {arn}") from None
    if parsed.service != "iam" or parsed.resource_type not in ("user", "role", "group"):
        raise InvalidInput(f"Invalid CallerArn: {arn} is not of a user, group or role.")
    if parsed.resource_type == "role":
        return IamRole(arn=arn, role_id=_known_id(call, Role, parsed))
    return IamUser(arn=arn, user_id=_known_id(call, User, parsed))


def _known_id(call: Call, kind: type[User] | type[Role], arn: Arn) -> str | None:
    found = call.tx.collection(kind).find(arn.name) if arn.account == call.account else None
    return None if found is None else found.id


def _asked(documents: Any) -> list[str]:
    found: dict[str, str] = {}
    for document in documents:
        for key in asked_keys(document):
            found.setdefault(key.lower(), key)
    return list(found.values())
