from __future__ import annotations

from typing import Any

import pytest

from rolekeeper import errors
from rolekeeper.gateway import naming
from rolekeeper.gateway.naming import Kind
from tests.gateway.asking import ACCOUNT, OTHER, asked

TABLE = Kind(type="table", service="dynamodb", before="table/")
VIEW = Kind(type="view", service="dynamodb", before="view/", regional=False)
ARN = f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/orders"
VIEW_ARN = f"arn:aws:dynamodb::{ACCOUNT}:view/all"


def request(**members: Any) -> Any:
    return asked("dynamodb", "DescribeTable", **members)


def found(asking: naming.Asking, **members: Any) -> list[tuple[str, str, str]]:
    return [(one.action, one.resource, one.type) for one in asking(request(**members))]


def test_a_resource_is_called_by_its_name_or_by_its_arn() -> None:
    assert TABLE.called(request(), "orders") == TABLE.called(request(), ARN) == ARN
    assert TABLE.arn(request(), "orders", OTHER) == ARN.replace(ACCOUNT, OTHER)
    assert TABLE.named(request(), ARN) == "orders"


def test_a_kind_may_be_of_no_region() -> None:
    assert VIEW.arn(request(), "all") == VIEW_ARN
    assert VIEW.named(request(), VIEW_ARN) == "all"
    assert VIEW.named(request(), VIEW_ARN.replace("::", ":eu-west-1:")) is None


@pytest.mark.parametrize(
    "name", ["", "a/b", "a:b", "*", "orders\n", VIEW_ARN, ARN + "/index/x", ARN.replace("aws", "x")]
)
def test_anything_else_is_refused(name: str) -> None:
    assert TABLE.named(request(), name) is None
    with pytest.raises(errors.ValidationError):
        TABLE.called(request(), name)


def test_an_operation_is_on_the_first_member_that_is_given() -> None:
    asking = naming.on("dynamodb", TABLE, "TableArn", "TableName")
    assert found(asking, TableName="orders") == [("dynamodb:DescribeTable", ARN, "table")]
    assert found(asking, TableArn=ARN, TableName="x") == [("dynamodb:DescribeTable", ARN, "table")]
    with pytest.raises(errors.ValidationError):
        found(asking, TableArn="")
    with pytest.raises(errors.ValidationError):
        found(naming.on("dynamodb", TABLE, "TableArn", whole=True), TableArn="orders")


def test_an_operation_may_have_another_action() -> None:
    asking = naming.on("dynamodb", TABLE, "TableName", action="GetItem")
    assert found(asking, TableName="orders") == [("dynamodb:GetItem", ARN, "table")]


def test_an_arn_is_of_one_of_several_kinds() -> None:
    asking = naming.on_any("dynamodb", "ResourceArn", TABLE, VIEW)
    assert [kind for _, _, kind in found(asking, ResourceArn=ARN)] == ["table"]
    assert [kind for _, _, kind in found(asking, ResourceArn=VIEW_ARN)] == ["view"]
    for name in ("orders", ARN.replace("table", "planet")):
        with pytest.raises(errors.ValidationError):
            found(asking, ResourceArn=name)


def test_two_members_that_call_two_resources_are_both_asked() -> None:
    asking = naming.on_all("dynamodb", TABLE, "TableArn", "TableName")
    assert [resource for _, resource, _ in found(asking, TableArn=ARN, TableName="orders")] == [ARN]
    both = found(asking, TableArn=ARN, TableName="other")
    assert [resource for _, resource, _ in both] == [ARN, ARN.replace("orders", "other")]
    with pytest.raises(errors.ValidationError):
        found(asking)


def test_all_of_a_kind_have_a_star_for_a_name() -> None:
    assert naming.kind_of_all(request(), TABLE) == ARN.replace("orders", "*")


def test_values_are_shown_as_policies_compare_them() -> None:
    assert [naming.word(value) for value in (True, False, 7, "x")] == ["true", "false", "7", "x"]
    assert naming.strings({"A": 1, "B": None}, a="A", b="B", c="C") == {"a": "1"}


def test_a_lookup_is_made_where_the_resource_is() -> None:
    assert naming.at(request(), ARN.replace(ACCOUNT, OTHER)).account == OTHER
    assert naming.at(request(), "arn:aws:s3:::photos").account == ACCOUNT
