"""The table of operations: what a request names, and what it is answered when there is no such thing."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from urllib.parse import urlencode

import pytest

from rolekeeper.app import OPERATIONS
from rolekeeper.errors import InvalidAction, MissingAction, NotImplementedByServer
from rolekeeper.service.registry import OperationTable
from rolekeeper.wire.http import HttpRequest

TABLE = OperationTable(OPERATIONS)
IAM, STS = "2010-05-08", "2011-06-15"


def asking(form: Mapping[str, str]) -> HttpRequest:
    return HttpRequest(method="POST", path="/", body=urlencode(form).encode())


@pytest.mark.parametrize("form", [{}, {"Version": IAM}, {"Version": IAM, "Action": ""}])
def test_a_request_without_an_action(form: Mapping[str, str]) -> None:
    with pytest.raises(MissingAction):
        TABLE.find(asking(form))


@pytest.mark.parametrize(
    ("version", "action"),
    [
        (IAM, "NoAction"),
        (IAM, "getrole"),
        (IAM, "AssumeRole"),
        (STS, "GetRole"),
        ("", "GetRole"),
        ("2010", "GetRole"),
    ],
)
def test_an_action_that_the_version_does_not_have(version: str, action: str) -> None:
    with pytest.raises(InvalidAction, match=f"Could not find operation {action} for version"):
        TABLE.find(asking({"Version": version, "Action": action}))


def test_a_very_long_action_is_cut_in_the_answer() -> None:
    with pytest.raises(InvalidAction) as caught:
        TABLE.find(asking({"Version": "v" * 10_000, "Action": "a" * 10_000}))
    assert len(caught.value.message) < 500


def test_an_operation_of_aws_that_is_not_here_yet() -> None:
    empty, request = OperationTable({}), asking({"Version": STS, "Action": "AssumeRoot"})
    with pytest.raises(NotImplementedByServer, match="sts:AssumeRoot") as caught:
        empty.find(request)
    assert caught.value.status == 501
    assert empty.course(request) == "unknown"


def test_an_operation_is_found_once_and_kept() -> None:
    form = {"Version": IAM, "Action": "GetRole"}
    found = TABLE.find(asking(form))
    assert (found.name, found.action, found.writes) == ("GetRole", "iam:GetRole", False)
    assert TABLE.find(asking(form)) is found


@pytest.mark.parametrize(
    ("form", "course"),
    [
        ({"Version": IAM, "Action": "CreateRole"}, "disk"),
        ({"Version": IAM, "Action": "GetRole"}, "memory"),
        ({"Version": IAM, "Action": "NoAction"}, "unknown"),
        ({"Version": STS, "Action": "AssumeRole"}, "memory"),
        ({}, "unknown"),
    ],
)
def test_what_changes_state_is_known_before_it_is_done(form: Mapping[str, str], course: str) -> None:
    assert TABLE.course(asking(form)) == course
    assert OperationTable(OPERATIONS).course(asking(form)) == course


def test_a_function_without_a_declaration_is_no_operation() -> None:
    module = ModuleType("made_up")
    module.get_role = lambda call, *, role_name: {}  # type: ignore[attr-defined]
    with pytest.raises(NotImplementedByServer):
        OperationTable({"iam": (module,)}).find(asking({"Version": IAM, "Action": "GetRole"}))
