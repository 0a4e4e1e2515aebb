"""Delegation requests: made by who wants permissions, claimed by whom they are asked of, read and listed.

AWS lets registered partners make requests, with templates that it has registered for them. Here any account
makes them, and a managed policy of its own, or one of AWS's, is the template.
Source: CreateDelegationRequest and its neighbours in the IAM API Reference.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from rolekeeper.arn import Arn, iam_arn
from rolekeeper.errors import EntityAlreadyExists, InvalidInput, LimitExceeded, MalformedPolicyDocument
from rolekeeper.iam import aws_policies, delegation_templates
from rolekeeper.iam.delegation import DelegationRequest, Parameter
from rolekeeper.iam.entities import Account
from rolekeeper.operations import delegation_check, delegation_parties, documents, paging
from rolekeeper.policy.validate import PolicyKind, validate
from rolekeeper.service.authorizer import document, managed_policy_by_arn
from rolekeeper.service.call import Call, Resource
from rolekeeper.service.registry import operation

_WORKFLOW = "delegation-workflow"
"""The links from a requestor's workflow ID to the request that it is of."""

_NAME_LENGTH = 30


def _to_be(call: Call, **_: Any) -> Resource:
    arn = iam_arn(call.partition, call.account, DelegationRequest.kind, "/", "*")
    return Resource(arn=arn, account=call.account)


def _terms(
    call: Call,
    *,
    permissions: Mapping[str, Any],
    notification_channel: str,
    session_duration: int,
    **_: Any,
) -> Mapping[str, str]:
    keys = {
        "iam:notificationchannel": notification_channel,
        "iam:delegationduration": str(session_duration),
    }
    template = permissions.get("PolicyTemplateArn")
    return keys if template is None else keys | {"iam:templatearn": template}


@operation(resource=_to_be, keys=_terms, writes=True)
def create_delegation_request(
    call: Call,
    *,
    description: str,
    permissions: Mapping[str, Any],
    requestor_workflow_id: str,
    notification_channel: str,
    session_duration: int,
    owner_account_id: str | None = None,
    request_message: str | None = None,
    redirect_url: str | None = None,
    only_send_by_owner: bool = False,
) -> dict[str, Any]:
    """Ask an account, or whichever claims the request, for permissions."""
    _require_own_topic(call, notification_channel)
    if call.tx.links.targets(_WORKFLOW, requestor_workflow_id):
        raise EntityAlreadyExists(
            f"Delegation request with requestor workflow id {requestor_workflow_id} already exists."
        )
    template, given, policy = _permissions(call, permissions)
    now = call.now.replace(microsecond=0)
    request = DelegationRequest(
        account=call.account,
        id=str(uuid.uuid4()),
        requestor_name=call.tx.collection(Account).get(call.account).name[:_NAME_LENGTH],
        workflow=requestor_workflow_id,
        description=description,
        message=request_message,
        template=template,
        parameters=given,
        policy=policy,
        channel=notification_channel,
        redirect_url=redirect_url,
        duration=session_duration,
        only_owner_sends=only_send_by_owner,
        owner_account=owner_account_id,
        created=now,
        updated=now,
        since=now,
    )
    call.tx.collection(DelegationRequest).add(request)
    call.tx.links.add(_WORKFLOW, requestor_workflow_id, request.id)
    return {"DelegationRequestId": request.id}


def _require_own_topic(call: Call, text: str) -> None:
    """InvalidInput unless it is the ARN of an SNS topic of the requestor's account."""
    try:
        arn = Arn.parse(text)
    except ValueError:
        arn = None
    if arn is None or arn.service != "sns" or not arn.region or arn.account != call.account:
        raise InvalidInput("NotificationChannel must be the ARN of an SNS topic of the requestor's account.")


def _permissions(call: Call, given: Mapping[str, Any]) -> tuple[str, tuple[Parameter, ...], str]:
    """The template's ARN, its parameters, and the policy that the two make; InvalidInput, LimitExceeded."""
    arn = given.get("PolicyTemplateArn")
    if arn is None:
        raise InvalidInput("Permissions must have a PolicyTemplateArn.")
    found = managed_policy_by_arn(arn, call.store)
    if found is None or found.account not in (call.account, aws_policies.OWNER):
        raise InvalidInput(f"Policy template {arn} was not found.")
    parameters = delegation_templates.parameters(given.get("Parameters") or ())
    policy = delegation_templates.filled(found.document, parameters)
    if documents.size(policy) > call.limits.policy_size:
        raise LimitExceeded(f"Cannot exceed quota for PolicySize: {call.limits.policy_size}")
    try:
        read = validate(policy, PolicyKind.MANAGED)
    except MalformedPolicyDocument as error:
        raise InvalidInput(f"The policy of the template and its parameters is not valid: {error}") from None
    delegation_templates.role_boundaries(read)
    return arn, parameters, policy


@operation(resource=delegation_parties.resource, keys=delegation_parties.owner_key, writes=True)
def associate_delegation_request(call: Call, *, delegation_request_id: str) -> None:
    """Claim a request: the caller is its owner from now on, and the caller's account its owner's account."""
    request = delegation_parties.get(call, delegation_request_id).moved(
        call.operation.name,
        call.now,
        owner=delegation_parties.actor(call.caller),
        owner_account=call.account,
    )
    delegation_parties.put(call, request)
    call.tx.links.add(delegation_parties.OWNED, call.account, request.id)


@operation(resource=delegation_parties.resource, keys=delegation_parties.owner_key)
def get_delegation_request(
    call: Call, *, delegation_request_id: str, delegation_permission_check: bool = False
) -> dict[str, Any]:
    """Read a request and, if asked, whether the caller has the permissions that it is about."""
    request = delegation_parties.get(call, delegation_request_id)
    answer: dict[str, Any] = {"DelegationRequest": _view(call, request)}
    if delegation_permission_check:
        answer |= delegation_check.result(call, document(request.policy))
    return answer


def _listed(call: Call, *, owner_id: str | None = None, **_: Any) -> Resource:
    """Whoever asks for his own requests needs no permission for it."""
    arn = iam_arn(call.partition, call.account, DelegationRequest.kind, "/", "")
    plain = Resource(arn=arn, account=call.account)
    if owner_id != call.caller.principal.arn:
        return plain
    return delegation_parties.granted(call, plain, ("iam:ListDelegationRequests",))


def _listed_owner(call: Call, *, owner_id: str | None = None, **_: Any) -> Mapping[str, str]:
    return {} if owner_id is None else {"iam:delegationrequestowner": owner_id}


@operation(resource=_listed, keys=_listed_owner)
def list_delegation_requests(
    call: Call, *, owner_id: str | None = None, marker: str | None = None, max_items: int | None = None
) -> dict[str, Any]:
    """List the requests that identities of the account, or one of them, own; none that nobody has claimed."""
    if owner_id is not None:
        _require_arn(owner_id)
    found = (
        call.store.by_unique_id(request_id)
        for request_id in call.tx.links.targets(delegation_parties.OWNED, call.account)
    )
    page = paging.of_list(
        [
            request
            for request in found
            if isinstance(request, DelegationRequest)
            and owner_id in (None, delegation_parties.arn_of(call, request, request.owner))
        ],
        "DelegationRequests",
        key=lambda request: request.key,
        view=lambda request: _view(call, request),
        marker=marker,
        max_items=max_items,
    )
    page["isTruncated"] = page.pop("IsTruncated")  # so the model has it here, and nowhere else
    return page


def _require_arn(text: str) -> None:
    try:
        Arn.parse(text)
    except ValueError:
        raise InvalidInput(f"OwnerId {text} is not an ARN.") from None


def _view(call: Call, request: DelegationRequest) -> dict[str, Any]:
    """A request as answers show it: without its channel and its workflow, which are the requestor's."""
    view: dict[str, Any] = {
        "DelegationRequestId": request.id,
        "OwnerAccountId": request.owner_account,
        "Description": request.description,
        "RequestMessage": request.message,
        "Permissions": _permissions_view(request),
        "PermissionPolicy": request.policy,
        "RolePermissionRestrictionArns": list(delegation_templates.role_boundaries(document(request.policy))),
        "OwnerId": delegation_parties.arn_of(call, request, request.owner),
        "ApproverId": delegation_parties.arn_of(call, request, request.approver),
        "State": request.state_at(call.now),
        "ExpirationTime": request.expires,
        "RequestorId": request.account,
        "RequestorName": request.requestor_name,
        "CreateDate": request.created,
        "SessionDuration": request.duration,
        "RedirectUrl": request.redirect_url,
        "Notes": request.notes,
        "RejectionReason": request.rejection_reason,
        "OnlySendByOwner": request.only_owner_sends,
        "UpdatedTime": request.updated,
    }
    return {name: value for name, value in view.items() if value not in (None, [])}


def _permissions_view(request: DelegationRequest) -> dict[str, Any]:
    view: dict[str, Any] = {"PolicyTemplateArn": request.template}
    if request.parameters:
        view["Parameters"] = [
            {"Name": one.name, "Values": list(one.values), "Type": one.type} for one in request.parameters
        ]
    return view
