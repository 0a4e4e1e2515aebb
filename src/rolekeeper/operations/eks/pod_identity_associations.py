"""Pod identity associations: which role the pods of a service account get.

A service account of a cluster has one association at most. Its role is of the cluster's account and is passed
to EKS; a target role may be of any account, and lets the first one in with the association's external ID.
Whether the roles trust those who assume them shows when a pod asks.
Sources: "CreatePodIdentityAssociation" and its neighbours in the EKS API Reference; "Assign an IAM role to a
Kubernetes service account" in the EKS User Guide.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from rolekeeper.arn import Arn
from rolekeeper.errors import (
    InvalidInput,
    InvalidParameterException,
    LimitExceeded,
    MalformedPolicyDocument,
    ResourceInUseException,
    ResourceLimitExceededException,
    ResourceNotFoundException,
    ValidationError,
)
from rolekeeper.iam import tagging
from rolekeeper.iam.clusters import PODS, Cluster, is_long_name, is_name
from rolekeeper.iam.workloads import PodAssociation, pod_association_id
from rolekeeper.operations import creation, paging
from rolekeeper.operations.eks import places
from rolekeeper.operations.eks.places import MEMBERS
from rolekeeper.operations.pass_role import authorize_pass_role
from rolekeeper.policy.validate import PolicyKind, validate
from rolekeeper.service.call import Access, Call
from rolekeeper.service.pods import PLACES
from rolekeeper.service.registry import operation
from rolekeeper.store.contract import AccountState

MAX_PER_CLUSTER = 5000
"""Source: "Considerations with EKS Pod Identity" in the EKS User Guide."""


_REQUESTS = "pod-association-request"
"""The link from an association to the request that has made it, so that a client may ask for it twice."""


def _passing(call: Call, *, cluster_name: str, role_arn: str | None = None, **_: Any) -> Iterator[Access]:
    """Who names a role hands it to EKS."""
    if role_arn is not None:
        cluster = places.cluster(call, cluster_name=cluster_name).arn
        try:
            yield authorize_pass_role(call, role_arn, PODS, cluster)
        except ValidationError as error:
            raise InvalidParameterException(error.message) from None


def _making(call: Call, **arguments: Any) -> Iterable[Access]:
    yield from creation.tagged("eks:TagResource", places.new_association)(call, **arguments)
    yield from _passing(call, **arguments)


@operation(resource=places.cluster, also=_making, writes=True)
def create_pod_identity_association(
    call: Call,
    *,
    cluster_name: str,
    namespace: str,
    service_account: str,
    role_arn: str,
    client_request_token: str | None = None,
    tags: dict[str, str] | None = None,
    disable_session_tags: bool | None = None,
    target_role_arn: str | None = None,
    policy: str | None = None,
) -> dict[str, Any]:
    """Give the pods of a service account a role."""
    cluster = places.get_cluster(call, cluster_name)
    if not is_name(namespace) or not is_long_name(service_account):
        raise InvalidParameterException("The namespace or the service account has no name of Kubernetes")
    _check_role(call, role_arn)
    links, place = call.tx.links, f"{cluster.key}/{namespace}/{service_account}"
    there, asked = links.targets(PLACES, place), _fingerprint(call)
    if there:
        if client_request_token is not None and links.has(_REQUESTS, there[0], asked):
            return _answer(call, call.tx.collection(PodAssociation).get(there[0]))
        raise ResourceInUseException(f"Association already exists: {there[0]}")
    if len(links.targets(MEMBERS, cluster.key)) >= MAX_PER_CLUSTER:
        raise ResourceLimitExceededException(
            f"The cluster has reached the limit of {MAX_PER_CLUSTER} pod identity associations"
        )
    now = call.now.replace(microsecond=0)
    made = PodAssociation(
        account=call.account,
        region=call.region,
        created=now,
        modified=now,
        id=pod_association_id(),
        cluster=cluster.name,
        namespace=namespace,
        service_account=service_account,
        role=role_arn,
        tags=_tags(call, tags),
    )
    made = _with_terms(call, made, disable_session_tags, target_role_arn, policy)
    call.tx.collection(PodAssociation).add(made)
    links.add(PLACES, place, made.id)
    links.add(MEMBERS, cluster.key, made.id)
    links.add(_REQUESTS, made.id, asked)
    return _answer(call, made)


@operation(resource=places.association)
def describe_pod_identity_association(
    call: Call, *, cluster_name: str, association_id: str
) -> dict[str, Any]:
    """Read an association."""
    return _answer(call, _get(call, cluster_name, association_id))


@operation(resource=places.cluster)
def list_pod_identity_associations(
    call: Call,
    *,
    cluster_name: str,
    namespace: str | None = None,
    service_account: str | None = None,
    max_results: int | None = None,
    next_token: str | None = None,
) -> dict[str, Any]:
    """List the associations of a cluster, without roles, times and tags."""
    cluster = places.get_cluster(call, cluster_name)
    found = [
        one
        for one in _of_cluster(call, cluster)
        if namespace in (None, one.namespace) and service_account in (None, one.service_account)
    ]
    try:
        page = paging.of_list(
            found,
            "associations",
            key=lambda one: one.id,
            view=lambda one: _summary(call, one),
            marker=next_token,
            max_items=max_results,
        )
    except ValidationError:
        raise InvalidParameterException("The next token is invalid") from None
    answer = {"associations": page["associations"]}
    return answer | ({"nextToken": page["Marker"]} if page["IsTruncated"] else {})


@operation(resource=places.association, also=_passing, writes=True)
def update_pod_identity_association(
    call: Call,
    *,
    cluster_name: str,
    association_id: str,
    role_arn: str | None = None,
    client_request_token: str | None = None,
    disable_session_tags: bool | None = None,
    target_role_arn: str | None = None,
    policy: str | None = None,
) -> dict[str, Any]:
    """Change the role, the target role, the session tags or the policy. An empty target or policy is none."""
    found = _get(call, cluster_name, association_id)
    if (role_arn, disable_session_tags, target_role_arn, policy) == (None, None, None, None):
        raise InvalidParameterException("There is nothing to update in the association")
    if role_arn is not None:
        _check_role(call, role_arn)
        found = msgspec.structs.replace(found, role=role_arn)
    # In microseconds: whatever is given out for an association is given out for one state of it.
    found = msgspec.structs.replace(found, modified=call.now)
    found = _with_terms(call, found, disable_session_tags, target_role_arn, policy)
    call.tx.collection(PodAssociation).put(found)
    return _answer(call, found)


@operation(resource=places.association, writes=True)
def delete_pod_identity_association(call: Call, *, cluster_name: str, association_id: str) -> dict[str, Any]:
    """Delete an association. Sessions that were given stay until their end."""
    found = _get(call, cluster_name, association_id)
    forget(call.tx, found)
    return _answer(call, found)


def forget(state: AccountState, found: PodAssociation) -> None:
    """Let an association go, with what leads to it."""
    state.collection(PodAssociation).delete(found)
    for asked in state.links.targets(_REQUESTS, found.id):
        state.links.remove(_REQUESTS, found.id, asked)
    state.links.remove(PLACES, found.place, found.id)
    state.links.remove(MEMBERS, f"{found.region}/{found.cluster}", found.id)


def _fingerprint(call: Call) -> str:
    """What tells a request from any other, its token among the rest."""
    return hashlib.sha256(json.dumps(dict(call.arguments), sort_keys=True).encode()).hexdigest()


def _of_cluster(call: Call, cluster: Cluster) -> list[PodAssociation]:
    kept = call.tx.collection(PodAssociation)
    return [kept.get(key) for key in call.tx.links.targets(MEMBERS, cluster.key)]


def _get(call: Call, cluster_name: str, association_id: str) -> PodAssociation:
    places.get_cluster(call, cluster_name)
    found = places.found_association(call, cluster_name, association_id)
    if found is None:
        raise ResourceNotFoundException(f"No association found for ID: {association_id}.")
    return found


def _check_role(call: Call, role_arn: str) -> None:
    role = call.tx.roles.find(Arn.parse(role_arn).name)
    if role is None or role.arn(call.partition) != role_arn:
        raise InvalidParameterException("Role provided in the request does not exist.")


def _with_terms(
    call: Call, association: PodAssociation, disable: bool | None, target: str | None, policy: str | None
) -> PodAssociation:
    """The association with what is given of its terms, which must fit together."""
    if disable is not None:
        association = msgspec.structs.replace(association, disable_session_tags=disable)
    if target is not None:
        association = _with_target(association, target)
    if policy is not None:
        association = msgspec.structs.replace(association, policy=policy or None)
    if association.policy is not None:
        if not association.disable_session_tags:
            raise InvalidParameterException("With a policy, disableSessionTags must be true")
        if len(association.policy) > call.limits.session_policy_size:
            raise InvalidParameterException(
                f"The policy is over the limit of {call.limits.session_policy_size} characters"
            )
        try:
            validate(association.policy, PolicyKind.SESSION)
        except MalformedPolicyDocument as error:
            raise InvalidParameterException(error.message) from None
    return association


def _with_target(association: PodAssociation, target: str) -> PodAssociation:
    if not target:
        return msgspec.structs.replace(association, target_role=None, external_id=None)
    try:
        arn = Arn.parse(target)
    except ValueError:
        arn = None
    if arn is None or (arn.service, arn.resource_type) != ("iam", "role"):
        raise InvalidParameterException(f"{target} is invalid")
    external = association.external_id or str(uuid.uuid4())
    return msgspec.structs.replace(association, target_role=target, external_id=external)


def _tags(call: Call, given: dict[str, str] | None) -> dict[str, str]:
    listed = [{"Key": key, "Value": value} for key, value in (given or {}).items()]
    try:
        return tagging.merged({}, listed, limit=call.limits.tags)
    except (InvalidInput, LimitExceeded) as error:
        raise InvalidParameterException(error.message) from None


def _answer(call: Call, association: PodAssociation) -> dict[str, Any]:
    shown = _summary(call, association) | {
        "roleArn": association.role,
        "tags": association.tags,
        "createdAt": association.created,
        "modifiedAt": association.modified,
        "disableSessionTags": association.disable_session_tags,
        "targetRoleArn": association.target_role,
        "externalId": association.external_id,
        "policy": association.policy,
    }
    return {"association": shown}


def _summary(call: Call, association: PodAssociation) -> dict[str, Any]:
    return {
        "clusterName": association.cluster,
        "namespace": association.namespace,
        "serviceAccount": association.service_account,
        "associationArn": association.arn(call.partition),
        "associationId": association.id,
    }
