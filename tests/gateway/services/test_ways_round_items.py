"""Ways round what a policy refuses of items, which what stands behind would go: none of them is open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.client import ACCOUNT
from tests.gateway.served import ServedWorld
from tests.people import allow, deny, refused, user

HERE = f"us-east-1:{ACCOUNT}"
MINE = f"arn:aws:dynamodb:{HERE}:table/mine"


@pytest.fixture(scope="module")
def root(served: ServedWorld) -> Iterator[Any]:
    """Two tables, of which one is nobody's but the account's."""
    client = served.root.client("dynamodb")
    for name in ("mine", "secret"):
        client.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "owner", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "owner", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        for owner in ("ann", "bob"):
            item = {"owner": {"S": owner}, "of": {"S": name}, "z": {"S": ""}, "salary": {"N": "7"}}
            client.put_item(TableName=name, Item=item)
    yield client


@pytest.fixture(scope="module")
def reader(served: ServedWorld, root: Any) -> Any:
    return user(served.root, "reader", allow("dynamodb:PartiQL*", on=MINE)).client("dynamodb")


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT ' FROM secret WHERE ' FROM \"mine\"",
        'SELECT " FROM secret WHERE " FROM "mine"',
        "SELECT a\tFROM mine\tWHERE x = ' FROM secret WHERE '",
        "SELECT xselect , secret FROM mine",
        "SELECT owner FROM mine WHERE x = 'a FROM secret'",
    ],
)
def test_a_statement_reads_no_table_but_its_own(reader: Any, statement: str) -> None:
    with refused("ValidationException", 400):
        reader.execute_statement(Statement=statement)
    with refused("ValidationException", 400):
        reader.batch_execute_statement(Statements=[{"Statement": statement}])


def test_a_statement_is_done_as_it_was_understood(reader: Any) -> None:
    for where in ("owner='ann'", "owner = 'ann'", "owner  =\n'ann'", "\"owner\"='ann' AND of='mine'"):
        found = reader.execute_statement(Statement=f'SELECT *\nFROM\t"mine"\r\n  WHERE {where}')
        assert [each["owner"] for each in found["Items"]] == [{"S": "ann"}]
    found = reader.execute_statement(Statement="SELECT of\tFROM mine WHERE secret IS MISSING")
    assert [each["of"] for each in found["Items"]] == [{"S": "mine"}] * 2
    found = reader.execute_statement(Statement="SELECT * FROM mine WHERE owner=?", Parameters=[{"S": "bob"}])
    assert [each["owner"] for each in found["Items"]] == [{"S": "bob"}]


@pytest.fixture(scope="module")
def ann(served: ServedWorld, root: Any) -> Any:
    own = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["ann"]}}
    whole = {"Bool": {"dynamodb:FullTableScan": "true"}}
    return user(
        served.root,
        "ann",
        allow("dynamodb:PartiQL*", on=MINE, Condition=own),
        deny("dynamodb:PartiQLSelect", on=MINE, Condition=whole),
    ).client("dynamodb")


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        ("SELECT * FROM mine WHERE owner='ann' IS MISSING", ()),
        ("SELECT * FROM mine WHERE 'ann' = owner", ()),
        ("SELECT * FROM mine WHERE of = 'mine' || '' AND owner = 'ann'", ()),
        ("SELECT * FROM mine WHERE of = '?' AND owner = ?", ("ann", "bob")),
        ("SELECT * FROM mine WHERE owner = ?", ("ann", "bob")),
        ("SELECT * FROM mine WHERE contains(of, owner = 'ann')", ()),
        ("INSERT INTO mine VALUE {'x': {'owner': 'ann'}, \"owner\": 'bob'}", ()),
        ("INSERT INTO mine VALUE {'x': {'owner': 'ann'}}", ()),
        ("UPDATE mine SET x = 'a''WHERE z = ''AND of = ''' WHERE owner = 'ann'", ()),
        ("DELETE FROM mine WHERE \"z = 'y' AND of\" = 'mine' AND owner = 'ann'", ()),
    ],
)
def test_a_statement_touches_no_items_but_those_of_its_key(
    ann: Any, root: Any, statement: str, values: tuple[str, ...]
) -> None:
    before = root.scan(TableName="mine")["Items"]
    given = {"Parameters": [{"S": value} for value in values]} if values else {}
    with pytest.raises(ann.exceptions.ClientError, match=r"not authorized|well formed|Missing|don.t match"):
        ann.execute_statement(Statement=statement, **given)
    assert root.scan(TableName="mine")["Items"] == before


def test_a_query_is_held_to_the_key_that_was_decided(served: ServedWorld) -> None:
    root = served.root.client("dynamodb")
    root.create_table(
        TableName="days",
        KeySchema=[
            {"AttributeName": "owner", "KeyType": "HASH"},
            {"AttributeName": "day", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "owner", "AttributeType": "S"},
            {"AttributeName": "day", "AttributeType": "S"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    root.put_item(TableName="days", Item={"owner": {"S": "bob"}, "day": {"S": "1"}})
    own = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["amy"]}}
    person = user(served.root, "amy", allow("dynamodb:Query", Condition=own)).client("dynamodb")
    values = {":o": {"S": "amy"}, ":d": {"S": "1"}}
    for expression, names in (
        ("owner = :o AND owner = bob AND #d = :d", {"#d": "day"}),
        ("owner = :o AND a.b = bob AND #d = :d", {"#d": "day", "a.b": "owner"}),
    ):
        with refused("ValidationException", 400):
            person.query(
                TableName="days",
                KeyConditionExpression=expression,
                ExpressionAttributeNames=names,
                ExpressionAttributeValues=values,
            )
    found = person.query(
        TableName="days",
        KeyConditionExpression="(owner = :o) AND #d = :d",
        ExpressionAttributeNames={"#d": "day"},
        ExpressionAttributeValues=values,
    )
    assert found["Items"] == []


def test_statements_on_the_own_key_are_done(ann: Any, root: Any) -> None:
    found = ann.execute_statement(Statement="SELECT of FROM mine WHERE owner='ann'")
    assert found["Items"] == [{"of": {"S": "mine"}}]
    ann.execute_statement(Statement="UPDATE mine SET of='yours' WHERE owner='ann'")
    ann.execute_statement(Statement="DELETE FROM mine WHERE owner='ann'")
    ann.execute_statement(Statement="INSERT INTO mine VALUE {'owner': 'ann', 'of': 'mine'}")
    assert root.get_item(TableName="mine", Key={"owner": {"S": "ann"}})["Item"]["of"] == {"S": "mine"}


def test_an_attribute_is_not_hidden_by_a_sign_behind_it(served: ServedWorld, root: Any) -> None:
    person = user(
        served.root,
        "clerk",
        allow("dynamodb:*", on=MINE),
        deny(
            "dynamodb:*",
            on=MINE,
            Condition={"ForAnyValue:StringEquals": {"dynamodb:Attributes": ["salary"]}},
        ),
    ).client("dynamodb")
    for expression in ("SET shown = salary-:n", "SET shown = :n-salary", "SET shown = salary+:n"):
        with refused("AccessDeniedException", 400, "explicit deny"):
            person.update_item(
                TableName="mine",
                Key={"owner": {"S": "bob"}},
                UpdateExpression=expression,
                ExpressionAttributeValues={":n": {"N": "0"}},
            )


def test_an_attribute_is_not_said_as_no_expression_can(served: ServedWorld, root: Any) -> None:
    root.put_item(TableName="mine", Item={"owner": {"S": "eve"}, "home address": {"S": "there"}})
    hidden = {"ForAnyValue:StringEquals": {"dynamodb:Attributes": ["home address"]}}
    statements = allow("dynamodb:*", on=MINE), deny("dynamodb:*", on=MINE, Condition=hidden)
    person = user(served.root, "caller", *statements).client("dynamodb")
    eve = {"owner": {"S": "eve"}}
    with refused("ValidationException", 400, "Syntax error"):
        person.get_item(TableName="mine", Key=eve, ProjectionExpression="home address")
    with refused("AccessDeniedException", 400, "explicit deny"):
        names = {"#h": "home address"}
        person.get_item(TableName="mine", Key=eve, ProjectionExpression="#h", ExpressionAttributeNames=names)
