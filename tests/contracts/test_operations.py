"""Every operation is one function with the name and the keywords of AWS's model, as botocore reads it."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, get_args, get_type_hints

import pytest
from botocore import xform_name
from botocore.model import OperationModel, ServiceModel

from rolekeeper.app import OPERATIONS
from rolekeeper.service.registry import OperationTable
from rolekeeper.wire.model import document, service

TABLE = OperationTable(OPERATIONS)
FUNCTIONS = [
    pytest.param(service, name, function, id=f"{service}:{name}")
    for service in OPERATIONS
    for name, function in sorted(TABLE.functions(service).items())
]

EXPECTED = {
    "iam": """
        AddRoleToInstanceProfile AddUserToGroup AttachGroupPolicy AttachRolePolicy AttachUserPolicy
        CreateAccessKey CreateGroup CreateInstanceProfile CreatePolicy CreatePolicyVersion
        CreateRole CreateUser DeleteAccessKey DeleteGroup DeleteGroupPolicy DeleteInstanceProfile
        DeletePolicy DeletePolicyVersion DeleteRole DeleteRolePermissionsBoundary DeleteRolePolicy
        DeleteUser DeleteUserPermissionsBoundary DeleteUserPolicy DetachGroupPolicy DetachRolePolicy
        DetachUserPolicy GetGroup GetGroupPolicy GetInstanceProfile GetPolicy GetPolicyVersion
        GetRole GetRolePolicy GetUser GetUserPolicy ListAccessKeys ListAttachedGroupPolicies
        ListAttachedRolePolicies ListAttachedUserPolicies ListEntitiesForPolicy ListGroupPolicies
        ListGroups ListGroupsForUser ListInstanceProfileTags ListInstanceProfiles
        ListInstanceProfilesForRole ListPolicies ListPolicyTags ListPolicyVersions ListRolePolicies
        ListRoleTags ListRoles ListUserPolicies ListUserTags ListUsers PutGroupPolicy
        PutRolePermissionsBoundary PutRolePolicy PutUserPermissionsBoundary PutUserPolicy
        RemoveRoleFromInstanceProfile RemoveUserFromGroup SetDefaultPolicyVersion TagInstanceProfile
        TagPolicy TagRole TagUser UntagInstanceProfile UntagPolicy UntagRole UntagUser
        UpdateAccessKey UpdateAssumeRolePolicy UpdateGroup UpdateRole UpdateRoleDescription
        UpdateUser ChangePassword CreateLoginProfile GetLoginProfile UpdateLoginProfile
        DeleteLoginProfile UpdateAccountPasswordPolicy GetAccountPasswordPolicy
        DeleteAccountPasswordPolicy CreateAccountAlias DeleteAccountAlias ListAccountAliases
        GetAccountSummary GetAccountAuthorizationDetails
    """,
    "sts": "AssumeRole GetAccessKeyInfo GetCallerIdentity GetSessionToken",
    "organizations": " ".join(service("organizations").operations),
    "rolekeeper": " ".join(service("rolekeeper").operations),
}


@cache
def botocore_model(service: str) -> ServiceModel:
    return ServiceModel(document(service), service)


def botocore_operation(service: str, function_name: str) -> OperationModel:
    model = botocore_model(service)
    name = next(name for name in model.operation_names if xform_name(name) == function_name)
    return model.operation_model(name)


def arguments_of(function: Callable[..., Any]) -> Iterator[inspect.Parameter]:
    """A function's parameters; for `**asked: Unpack[...]` those of the dictionary that functions share."""
    for one in inspect.signature(function).parameters.values():
        if one.kind is not inspect.Parameter.VAR_KEYWORD:
            yield one
            continue
        (shared,) = get_args(get_type_hints(function)[one.name])
        assert not shared.__required_keys__
        for name in shared.__annotations__:
            yield inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None)


@pytest.mark.parametrize("service", EXPECTED)
def test_what_is_promised_is_declared(service: str) -> None:
    promised = {xform_name(name) for name in EXPECTED[service].split()}
    assert promised - set(TABLE.functions(service)) == set()


@pytest.mark.parametrize(("service", "name", "function"), FUNCTIONS)
def test_an_operation_is_in_the_model(service: str, name: str, function: Callable[..., Any]) -> None:
    assert name in {xform_name(one) for one in botocore_model(service).operation_names}


@pytest.mark.parametrize(("service", "name", "function"), FUNCTIONS)
def test_the_signature_is_the_models(service: str, name: str, function: Callable[..., Any]) -> None:
    shape = botocore_operation(service, name).input_shape
    members = {xform_name(member): member for member in shape.members} if shape else {}
    call, *arguments = arguments_of(function)
    assert call.name == "call"
    assert {one.name for one in arguments} == set(members)
    assert {one.kind for one in arguments} <= {inspect.Parameter.KEYWORD_ONLY}
    required = {one.name for one in arguments if one.default is inspect.Parameter.empty}
    assert required == {xform_name(member) for member in (shape.required_members if shape else ())}


@pytest.mark.parametrize(("service", "name", "function"), FUNCTIONS)
def test_only_what_changes_state_writes(service: str, name: str, function: Callable[..., Any]) -> None:
    reads = name.startswith(("get_", "list_", "simulate_", "describe_")) or service in ("sts", "eks-auth")
    assert function.__operation__.writes is not reads  # type: ignore[attr-defined]


@pytest.mark.parametrize(("service", "name", "function"), FUNCTIONS)
def test_only_these_need_no_permission(service: str, name: str, function: Callable[..., Any]) -> None:
    free = {"get_caller_identity", "get_session_token"}
    assert function.__operation__.permission is (name not in free)  # type: ignore[attr-defined]


@pytest.mark.parametrize(("service", "name", "function"), FUNCTIONS)
def test_an_operation_is_short_and_says_what_it_does(
    service: str, name: str, function: Callable[..., Any]
) -> None:
    assert function.__doc__
    (definition,) = ast.parse(inspect.getsource(function)).body
    assert isinstance(definition, ast.FunctionDef)
    assert definition.end_lineno is not None
    assert definition.end_lineno - definition.lineno < 60


@pytest.mark.parametrize(("service", "name", "function"), FUNCTIONS)
def test_the_resource_and_the_keys_take_the_operations_arguments(
    service: str, name: str, function: Callable[..., Any]
) -> None:
    """Each is called with just the arguments that a request has: none may miss one or refuse one."""
    shape = botocore_operation(service, name).input_shape
    required = dict.fromkeys((xform_name(one) for one in shape.required_members) if shape else (), "x")
    every = dict.fromkeys((xform_name(one) for one in shape.members) if shape else (), "x")
    declared = function.__operation__  # type: ignore[attr-defined]
    for asked in filter(None, (declared.resource, declared.keys, declared.also)):
        signature = inspect.signature(asked)
        signature.bind(None, **required)
        signature.bind(None, **every)
