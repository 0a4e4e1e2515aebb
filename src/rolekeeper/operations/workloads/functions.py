"""Lambda functions with their execution roles, which Lambda must be able to assume at once.

Source: "CreateFunction" and "Lambda execution role" in the Lambda Developer Guide; "Actions, resources, and
condition keys for AWS Lambda" in the Service Authorization Reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from rolekeeper.errors import (
    InvalidInput,
    InvalidParameterValueException,
    ResourceConflictException,
    ResourceNotFoundException,
)
from rolekeeper.iam import tagging
from rolekeeper.iam.workloads import Function
from rolekeeper.operations import pass_role, resources
from rolekeeper.operations.workloads import paging, views
from rolekeeper.service.call import Access, Call, Resource
from rolekeeper.service.registry import operation


def _function(call: Call, *, function_name: str, **_: Any) -> Resource:
    found = _find(call, function_name)
    tags = found.tags if found is not None else {}
    return Resource(arn=_arn(call, function_name), account=call.account, tags=tags)


def _arn(call: Call, name: str) -> str:
    return f"arn:{call.partition}:lambda:{call.region}:{call.account}:function:{name}"


def _find(call: Call, name: str) -> Function | None:
    return call.tx.collection(Function).find(f"{call.region}/{name}")


def _get(call: Call, name: str) -> Function:
    found = _find(call, name)
    if found is None:
        raise ResourceNotFoundException(f"Function not found: {_arn(call, name)}")
    return found


def _handing_over(
    call: Call, *, function_name: str, role: str, tags: Any = None, **_: Any
) -> Iterator[Access]:
    yield pass_role.authorize_pass_role(call, role, Function.service, _arn(call, function_name))
    if tags:
        yield Access(action="lambda:TagResource", resource=_function(call, function_name=function_name))


def _require_trust(call: Call, role: str, function_name: str) -> None:
    try:
        pass_role.require_trust(call, role, Function.service, _arn(call, function_name))
    except InvalidInput:
        raise InvalidParameterValueException(
            "The role defined for the function cannot be assumed by Lambda."
        ) from None


@operation(resource=_function, action="lambda:CreateFunction", also=_handing_over, writes=True)
def register_function(
    call: Call, *, function_name: str, role: str, tags: list[dict[str, str]] | None = None
) -> dict[str, Any]:
    """Have a function, with the secret of its endpoint; one of each name in a region."""
    _require_trust(call, role, function_name)
    if _find(call, function_name) is not None:
        raise ResourceConflictException(f"Function already exist: {function_name}")
    function = Function(
        account=call.account,
        region=call.region,
        created=call.now.replace(microsecond=0),
        name=function_name,
        role=role,
        tags=tagging.merged({}, tags, limit=call.limits.tags),
    )
    call.tx.collection(Function).add(function)
    secret = call.doors.make(call.tx, function)
    return {"Function": views.function(call, function), "Secret": secret.reveal()}


@operation(resource=_function, action="lambda:UpdateFunctionConfiguration", also=_handing_over, writes=True)
def update_function_role(call: Call, *, function_name: str, role: str) -> dict[str, Any]:
    """Give a function another execution role."""
    function = msgspec.structs.replace(_get(call, function_name), role=role)
    _require_trust(call, role, function_name)
    call.tx.collection(Function).put(function)
    return {"Function": views.function(call, function)}


@operation(resource=_function, action="lambda:DeleteFunction", writes=True)
def deregister_function(call: Call, *, function_name: str) -> dict[str, Any]:
    """Let a function go, with its secrets."""
    function = _get(call, function_name)
    call.doors.close(call.tx, function)
    call.tx.collection(Function).delete(function)
    return {}


@operation(resource=resources.everything, action="lambda:ListFunctions")
def list_functions(
    call: Call, *, max_results: int | None = None, next_token: str | None = None
) -> dict[str, Any]:
    """Tell the functions of the region."""
    return paging.page(
        call,
        Function,
        "Functions",
        lambda found: views.function(call, found),
        wanted=lambda found: found.region == call.region,
        next_token=next_token,
        max_results=max_results,
    )
