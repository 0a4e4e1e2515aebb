from __future__ import annotations

import asyncio
from typing import Any

import pytest

from rolekeeper import errors
from rolekeeper.gateway.asked import Unclassified
from tests.gateway.asking import OTHER, Behind, asked, completed, pairs, rules, short, wanted

TABLE = "arn:aws:dynamodb:eu-west-1:111111111111:table/orders"
SCHEMA = {
    "Table": {
        "KeySchema": [
            {"AttributeName": "owner", "KeyType": "HASH"},
            {"AttributeName": "day", "KeyType": "RANGE"},
        ],
        "GlobalSecondaryIndexes": [
            {
                "IndexName": "by-town",
                "KeySchema": [
                    {"AttributeName": "town", "KeyType": "HASH"},
                    {"AttributeName": "street", "KeyType": "HASH"},
                ],
            }
        ],
    }
}
KEY = {"owner": {"S": "ann"}, "day": {"N": "7"}}
ANN = {":o": {"S": "ann"}}


def keys(operation: str, **members: Any) -> dict[str, Any]:
    (one,) = wanted("dynamodb", operation, **members)
    return dict(one.keys)


def found(name: str, operation: str, answers: Any = None, **members: Any) -> list[Any]:
    """The values of a key that has to be looked up, for each of the accesses."""
    behind = Behind({"DescribeTable": SCHEMA} if answers is None else answers)
    request = asked("dynamodb", operation, **members)
    told = rules("dynamodb").found[f"dynamodb:{name}"]
    return [
        asyncio.run(told(behind, request, one))  # type: ignore[arg-type]
        for one in wanted("dynamodb", operation, **members)
    ]


# -- resources --------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", ["GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan"])
def test_an_operation_on_items_is_asked_on_its_table(operation: str) -> None:
    assert pairs("dynamodb", operation, TableName="orders") == [(f"dynamodb:{operation}", "table/orders")]
    assert pairs("dynamodb", operation, TableName="other") == [(f"dynamodb:{operation}", "table/other")]


def test_a_table_is_called_by_its_arn_too() -> None:
    assert pairs("dynamodb", "GetItem", TableName=TABLE, Key=KEY) == [("dynamodb:GetItem", "table/orders")]


def test_a_table_of_another_account_is_that_accounts() -> None:
    theirs = TABLE.replace("111111111111", OTHER)
    assert pairs("dynamodb", "GetItem", TableName=theirs, Key=KEY) == [("dynamodb:GetItem", theirs)]


@pytest.mark.parametrize(
    "name",
    [
        "",
        "orders/index/by-town",
        "table/orders",
        "orders\n",
        "a:b",
        "orders*",
        TABLE.replace("eu-west-1", "us-east-1"),
        TABLE.replace("arn:aws:", "arn:aws-cn:"),
        TABLE.replace("dynamodb", "s3"),
        TABLE.upper(),
        f"{TABLE}/index/by-town",
        TABLE.replace("111111111111", ""),
    ],
)
def test_what_names_no_table_of_the_region_is_refused(name: str) -> None:
    with pytest.raises(errors.ValidationError):
        pairs("dynamodb", "GetItem", TableName=name, Key=KEY)


@pytest.mark.parametrize("operation", ["Query", "Scan"])
def test_a_query_of_an_index_is_asked_on_the_index(operation: str) -> None:
    assert pairs("dynamodb", operation, TableName="orders", IndexName="by-town") == [
        (f"dynamodb:{operation}", "table/orders/index/by-town")
    ]


def test_an_index_is_no_path_into_another() -> None:
    with pytest.raises(errors.ValidationError):
        pairs("dynamodb", "Query", TableName="orders", IndexName="by-town/x")


def test_a_batch_is_asked_on_each_of_its_tables() -> None:
    entries = {"orders": {"Keys": [KEY]}, "people": {"Keys": [{"id": {"S": "1"}}]}}
    assert pairs("dynamodb", "BatchGetItem", RequestItems=entries) == [
        ("dynamodb:BatchGetItem", "table/orders"),
        ("dynamodb:BatchGetItem", "table/people"),
    ]
    written = {"orders": [{"PutRequest": {"Item": KEY}}], "people": [{"DeleteRequest": {"Key": {}}}]}
    assert pairs("dynamodb", "BatchWriteItem", RequestItems=written) == [
        ("dynamodb:BatchWriteItem", "table/orders"),
        ("dynamodb:BatchWriteItem", "table/people"),
    ]


def test_a_transaction_is_asked_by_what_each_part_does() -> None:
    parts = [
        {"Put": {"TableName": "orders", "Item": KEY}},
        {"ConditionCheck": {"TableName": "people", "Key": {}}},
        {"Delete": {"TableName": "orders", "Key": KEY}},
        {"Update": {"TableName": "orders", "Key": KEY}},
    ]
    assert pairs("dynamodb", "TransactWriteItems", TransactItems=parts) == [
        ("dynamodb:PutItem", "table/orders"),
        ("dynamodb:ConditionCheckItem", "table/people"),
        ("dynamodb:DeleteItem", "table/orders"),
        ("dynamodb:UpdateItem", "table/orders"),
    ]
    assert (
        keys("TransactWriteItems", TransactItems=parts[:1])["dynamodb:enclosingoperation"]
        == "TransactWriteItems"
    )


@pytest.mark.parametrize(
    "part",
    [{}, {"Put": {"TableName": "a", "Item": {}}, "Delete": {"TableName": "b", "Key": {}}}, {"Put": {}}],
)
def test_a_part_of_a_transaction_that_is_not_one_thing_is_refused(part: dict[str, Any]) -> None:
    with pytest.raises(errors.ValidationError):
        pairs("dynamodb", "TransactWriteItems", TransactItems=[part])


def test_a_reading_transaction_reads() -> None:
    parts = [{"Get": {"TableName": "orders", "Key": KEY}}]
    assert pairs("dynamodb", "TransactGetItems", TransactItems=parts) == [
        ("dynamodb:GetItem", "table/orders")
    ]
    with pytest.raises(errors.ValidationError):
        pairs("dynamodb", "TransactGetItems", TransactItems=[{"Put": {"TableName": "orders"}}])


def test_a_restored_table_is_read_and_written_by_who_restores_it() -> None:
    asked_for = pairs(
        "dynamodb",
        "RestoreTableFromBackup",
        TargetTableName="again",
        BackupArn=f"{TABLE}/backup/01489602797149-73d8d5bc",
    )
    assert ("dynamodb:RestoreTableFromBackup", "table/orders/backup/01489602797149-73d8d5bc") in asked_for
    assert ("dynamodb:RestoreTableFromBackup", "table/again") in asked_for
    assert ("dynamodb:BatchWriteItem", "table/again") in asked_for


def test_a_table_with_tags_and_a_policy_needs_what_these_need() -> None:
    asked_for = pairs(
        "dynamodb", "CreateTable", TableName="t", Tags=[{"Key": "a", "Value": "b"}], ResourcePolicy="{}"
    )
    assert asked_for == [
        ("dynamodb:CreateTable", "table/t"),
        ("dynamodb:TagResource", "table/t"),
        ("dynamodb:PutResourcePolicy", "table/t"),
    ]


def test_a_table_that_is_imported_has_a_name() -> None:
    for members in ({}, {"TableCreationParameters": {}}):
        with pytest.raises(errors.ValidationError):
            pairs("dynamodb", "ImportTable", S3BucketSource={"S3Bucket": "vault"}, **members)


@pytest.mark.parametrize("prefix", ["", "open/"])
def test_the_bucket_of_an_import_is_read_by_its_caller(prefix: str) -> None:
    one = wanted(
        "dynamodb",
        "ImportTable",
        TableCreationParameters={"TableName": "t"},
        S3BucketSource={"S3Bucket": "vault", "S3KeyPrefix": prefix},
    )
    assert [(each.action, short(each.resource)) for each in one] == [
        ("dynamodb:ImportTable", "table/t"),
        ("s3:ListBucket", "arn:aws:s3:::vault"),
        ("s3:GetObject", f"arn:aws:s3:::vault/{prefix}*"),
    ]
    assert one[1].keys["s3:prefix"] == prefix


@pytest.mark.parametrize(("prefix", "objects"), [("", "*"), ("own", "own/*")])
def test_the_bucket_of_an_export_is_written_by_its_caller(prefix: str, objects: str) -> None:
    assert pairs(
        "dynamodb", "ExportTableToPointInTime", TableArn=TABLE, S3Bucket="vault", S3Prefix=prefix
    ) == [
        ("dynamodb:ExportTableToPointInTime", "table/orders"),
        ("s3:PutObject", f"arn:aws:s3:::vault/{objects}"),
        ("s3:PutObjectAcl", f"arn:aws:s3:::vault/{objects}"),
        ("s3:AbortMultipartUpload", f"arn:aws:s3:::vault/{objects}"),
    ]


@pytest.mark.parametrize("bucket", ["", "a/b", None])
def test_a_bucket_that_has_no_name_of_one_is_refused(bucket: Any) -> None:
    for operation, members in (
        (
            "ImportTable",
            {"TableCreationParameters": {"TableName": "t"}, "S3BucketSource": {"S3Bucket": bucket}},
        ),
        ("ExportTableToPointInTime", {"TableArn": TABLE, "S3Bucket": bucket}),
    ):
        with pytest.raises(Unclassified):
            pairs("dynamodb", operation, **members)


def test_tags_are_of_a_table_or_of_a_stream() -> None:
    stream = f"{TABLE}/stream/2026-01-01T00:00:00.000"
    assert [one.type for one in wanted("dynamodb", "ListTagsOfResource", ResourceArn=TABLE)] == ["table"]
    assert [one.type for one in wanted("dynamodb", "ListTagsOfResource", ResourceArn=stream)] == ["stream"]
    with pytest.raises(errors.ValidationError):
        wanted("dynamodb", "ListTagsOfResource", ResourceArn="orders")


# -- condition keys ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("member", "text"),
    [
        *(
            ("ProjectionExpression", text)
            for text in ("home address", "gehält", "a$b", "a,", "a,,b", "(a)", "a b.c")
        ),
        *(
            ("FilterExpression", text)
            for text in ("gehält = :o", "a^b = :o", "a`b = :o", "a\\b = :o", "'a' = :o")
        ),
    ],
)
def test_an_expression_has_no_attribute_that_only_some_find(member: str, text: str) -> None:
    with pytest.raises(errors.ValidationError, match="Syntax error"):
        wanted("dynamodb", "Scan", TableName="orders", **{member: text})


@pytest.mark.parametrize("text", ["a", "a, b", "#a.b[0][1].c , d-e", " a\n,\tb ", "a . b", "list [0]", "1a"])
def test_a_projection_is_of_paths(text: str) -> None:
    assert wanted("dynamodb", "Scan", TableName="orders", ProjectionExpression=text)


@pytest.mark.parametrize(
    ("member", "key"),
    [
        *(("ExpressionAttributeNames", key) for key in ("#my-name", "owner", "a.b", "#", "#a b", "")),
        *(("ExpressionAttributeValues", key) for key in (":my-value", "owner", "v", ":", ": v")),
    ],
)
def test_a_placeholder_is_one(member: str, key: str) -> None:
    with pytest.raises(errors.ValidationError, match="invalid key"):
        wanted("dynamodb", "Query", TableName="orders", **{member: {key: "owner"}})


@pytest.mark.parametrize(
    "expression",
    [
        "owner = :o AND owner = bob AND #d = :o",
        "owner = bob AND owner = :o",
        "owner = :o AND owner > :o",
        "owner = bob",
        "begins_with(owner, :o)",
    ],
)
def test_a_partition_key_is_said_once_and_by_a_value(expression: str) -> None:
    with pytest.raises(errors.ValidationError):
        found(
            "leadingkeys",
            "Query",
            TableName="orders",
            KeyConditionExpression=expression,
            ExpressionAttributeNames={"#d": "day"},
            ExpressionAttributeValues=ANN,
        )


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("SET a = b-:n", {"a", "b", "b-"}),
        ("SET a = :n-b", {"a", "b"}),
        ("SET a = #b-c", {"a", "bee", "c", "#b-c"}),
        ("SET a = b - c", {"a", "b", "c"}),
    ],
)
def test_a_hyphen_hides_no_attribute(expression: str, names: set[str]) -> None:
    told = keys(
        "UpdateItem",
        TableName="orders",
        UpdateExpression=expression,
        ExpressionAttributeNames={"#b": "bee"},
    )
    assert set(told["dynamodb:attributes"]) == names


def test_attributes_are_those_of_all_expressions_and_of_the_key() -> None:
    told = keys(
        "GetItem",
        TableName="orders",
        Key=KEY,
        ProjectionExpression="#n, address.street, list[0].x",
        ExpressionAttributeNames={"#n": "name"},
    )
    assert set(told["dynamodb:attributes"]) == {"owner", "day", "name", "address", "list"}
    assert told["dynamodb:select"] == "SPECIFIC_ATTRIBUTES"


def test_an_update_names_attributes_in_its_clauses_and_conditions() -> None:
    told = keys(
        "UpdateItem",
        TableName="orders",
        Key=KEY,
        UpdateExpression="SET total = if_not_exists(total, :z) REMOVE #s",
        ConditionExpression="attribute_exists(secret) AND begins_with(note, :n)",
        ExpressionAttributeNames={"#s": "sum"},
        ReturnValues="ALL_OLD",
    )
    assert set(told["dynamodb:attributes"]) == {"owner", "day", "total", "sum", "secret", "note"}
    assert told["dynamodb:returnvalues"] == "ALL_OLD"


@pytest.mark.parametrize(
    ("members", "select"),
    [
        ({}, "ALL_ATTRIBUTES"),
        ({"IndexName": "by-town"}, "ALL_PROJECTED_ATTRIBUTES"),
        ({"Select": "COUNT"}, "COUNT"),
        ({"AttributesToGet": ["a"]}, "SPECIFIC_ATTRIBUTES"),
    ],
)
def test_a_query_says_what_it_answers_with_even_where_it_does_not(members: Any, select: str) -> None:
    assert keys("Query", TableName="orders", **members)["dynamodb:select"] == select


@pytest.mark.parametrize("operation", ["GetItem", "DeleteItem", "UpdateItem"])
def test_the_leading_key_is_the_partition_key_of_the_item(operation: str) -> None:
    assert found("leadingkeys", operation, TableName="orders", Key=KEY) == [("ann",)]


def test_the_leading_key_of_what_is_put_is_in_the_item() -> None:
    item = KEY | {"note": {"S": "bob"}}
    assert found("leadingkeys", "PutItem", TableName="orders", Item=item) == [("ann",)]


@pytest.mark.parametrize("written", ["5", "5.0", "05", "0.5e1", "+5", "5E0", "500e-2"])
def test_a_number_is_the_same_however_it_is_written(written: str) -> None:
    key = {"owner": {"N": written}}
    assert found("leadingkeys", "GetItem", TableName="orders", Key=key) == [("5",)]


@pytest.mark.parametrize(
    ("written", "shown"), [("-0", "0"), ("0.50", "0.5"), ("1e3", "1000"), ("x", "x"), ("NaN", "NaN")]
)
def test_a_number_is_shown_in_its_shortest_form(written: str, shown: str) -> None:
    key = {"owner": {"N": written}}
    assert found("leadingkeys", "GetItem", TableName="orders", Key=key) == [(shown,)]


def test_bytes_are_shown_in_base64() -> None:
    for content in (b"ann", "YW5u"):
        key = {"owner": {"B": content}}
        assert found("leadingkeys", "GetItem", TableName="orders", Key=key) == [("YW5u",)]


def test_a_batch_has_the_leading_keys_of_all_its_items() -> None:
    entries = [{"PutRequest": {"Item": KEY}}, {"DeleteRequest": {"Key": {"owner": {"S": "bob"}}}}]
    assert found("leadingkeys", "BatchWriteItem", RequestItems={"orders": entries}) == [("ann", "bob")]


def test_one_table_called_twice_is_one_access_with_all_keys() -> None:
    entries = {"orders": {"Keys": [KEY]}, TABLE: {"Keys": [{"owner": {"S": "bob"}}]}}
    assert found("leadingkeys", "BatchGetItem", RequestItems=entries) == [("ann", "bob")]


@pytest.mark.parametrize(
    "members",
    [
        {
            "KeyConditionExpression": "#o = :o AND #d > :d",
            "ExpressionAttributeNames": {"#o": "owner", "#d": "day"},
        },
        {"KeyConditionExpression": "(owner=:o) and day = :d"},
        {"KeyConditions": {"owner": {"AttributeValueList": [{"S": "ann"}], "ComparisonOperator": "EQ"}}},
    ],
)
def test_a_query_has_the_leading_key_of_its_condition(members: Any) -> None:
    values = ANN | {":d": {"N": "1"}}
    assert found("leadingkeys", "Query", TableName="orders", ExpressionAttributeValues=values, **members) == [
        ("ann",)
    ]


def test_a_query_with_two_values_has_both() -> None:
    told = found(
        "leadingkeys",
        "Query",
        TableName="orders",
        KeyConditionExpression="owner = :o AND owner = :p",
        ExpressionAttributeValues=ANN | {":p": {"S": "bob"}},
    )
    assert told == [("ann", "bob")]


def test_a_query_of_an_index_has_the_keys_of_the_index() -> None:
    members = {
        "TableName": "orders",
        "IndexName": "by-town",
        "KeyConditionExpression": "town = :t AND street = :s",
        "ExpressionAttributeValues": {":t": {"S": "Bern"}, ":s": {"S": "Main"}},
    }
    assert found("leadingkeys", "Query", **members) == [("Bern",)]
    assert found("secondpartitionkeyvalues", "Query", **members) == [("Main",)]
    assert found("thirdpartitionkeyvalues", "Query", **members) == [None]


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("GetItem", {"Key": {"day": {"N": "7"}}}),
        ("PutItem", {"Item": {"Owner": {"S": "ann"}}}),
        ("Query", {"KeyConditionExpression": "day = :o", "ExpressionAttributeValues": ANN}),
        ("Query", {"FilterExpression": "owner = :o", "ExpressionAttributeValues": ANN}),
    ],
)
def test_an_item_without_its_partition_key_is_refused(operation: str, members: Any) -> None:
    with pytest.raises(errors.ValidationError):
        found("leadingkeys", operation, TableName="orders", **members)


def test_a_scan_has_no_leading_keys() -> None:
    assert found("leadingkeys", "Scan", TableName="orders") == [None]


def test_a_table_that_is_not_there_has_no_leading_keys() -> None:
    assert found("leadingkeys", "GetItem", {}, TableName="orders", Key=KEY) == [None]


def test_the_table_of_another_account_is_looked_up_there() -> None:
    behind = Behind({"DescribeTable": SCHEMA})
    members = {"TableName": TABLE.replace("111111111111", OTHER), "Key": KEY}
    (one,) = wanted("dynamodb", "GetItem", **members)
    asyncio.run(
        rules("dynamodb").found["dynamodb:leadingkeys"](behind, asked("dynamodb", "GetItem", **members), one)
    )  # type: ignore[arg-type]
    assert behind.calls == [(OTHER, "DescribeTable", {"TableName": "orders"})]


# -- PartiQL ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "action", "resource"),
    [
        ("SELECT * FROM orders", "PartiQLSelect", "table/orders"),
        ("select * from \"orders\" where owner = 'x'", "PartiQLSelect", "table/orders"),
        ('SELECT a FROM "orders"."by-town" WHERE town = 1', "PartiQLSelect", "table/orders/index/by-town"),
        (f"SELECT a FROM \"{TABLE}\" WHERE owner = 'x';", "PartiQLSelect", "table/orders"),
        ("INSERT INTO orders VALUE {'owner': 'x'}", "PartiQLInsert", "table/orders"),
        ("UPDATE orders SET a = 1 WHERE owner = 'x' AND day = 1", "PartiQLUpdate", "table/orders"),
        ("DELETE FROM orders WHERE owner = 'x'", "PartiQLDelete", "table/orders"),
        ("EXISTS(SELECT * FROM orders WHERE owner = 'x')", "PartiQLSelect", "table/orders"),
        ("SELECT * FROM orders WHERE note = 'FROM people'", "PartiQLSelect", "table/orders"),
        ("SELECT * FROM orders WHERE note = 'a--b /* c */'", "PartiQLSelect", "table/orders"),
    ],
)
def test_a_statement_is_asked_by_what_it_does_to_its_table(
    statement: str, action: str, resource: str
) -> None:
    assert pairs("dynamodb", "ExecuteStatement", Statement=statement) == [(f"dynamodb:{action}", resource)]


@pytest.mark.parametrize(
    "statement",
    [
        "",
        "'",
        "SELECT",
        "SELECT * FROM",
        "EXISTS",
        "EXISTS()",
        "SELECT * FROM orders, people",
        "SELECT * FROM orders o",
        "SELECT * FROM orders JOIN people",
        "SELECT * FROM orders UNION SELECT * FROM people",
        "SELECT * FROM orders WHERE owner = (SELECT owner FROM people)",
        "SELECT * FROM orders -- FROM people",
        "SELECT * FROM /* x */ orders",
        "SELECT * FROM orders; DELETE FROM people",
        'SELECT * FROM "orders.by-town"',
        "SELECT * FROM a.b.c",
        "SELECT * FROM 'orders'",
        "SELECT * FROM ?",
        "INSERT INTO orders SELECT * FROM people",
        "DELETE orders",
        "DROP TABLE orders",
        "UPDATE orders",
        "SELECT * FROM orders\0",
    ],
)
def test_a_statement_that_is_not_on_one_table_is_refused(statement: str) -> None:
    with pytest.raises(errors.ValidationError):
        pairs("dynamodb", "ExecuteStatement", Statement=statement)


def test_statements_of_a_batch_and_of_a_transaction_are_each_asked() -> None:
    entries = [{"Statement": "SELECT * FROM a"}, {"Statement": "DELETE FROM b WHERE x = 1"}]
    both = [("dynamodb:PartiQLSelect", "table/a"), ("dynamodb:PartiQLDelete", "table/b")]
    assert pairs("dynamodb", "BatchExecuteStatement", Statements=entries) == both
    assert pairs("dynamodb", "ExecuteTransaction", TransactStatements=entries) == both
    with pytest.raises(errors.ValidationError):
        pairs("dynamodb", "BatchExecuteStatement", Statements=[{}])


@pytest.mark.parametrize(
    ("statement", "parameters", "leading", "whole"),
    [
        ("SELECT * FROM orders WHERE owner = 'ann'", [], ("ann",), "false"),
        ("SELECT * FROM orders WHERE 'ann' = owner", [], None, "true"),
        ("SELECT * FROM orders WHERE owner = 'ann' AND day BETWEEN 1 AND 5", [], ("ann",), "false"),
        ("SELECT * FROM orders WHERE owner='ann' AND begins_with(day, 'x')", [], ("ann",), "false"),
        ("SELECT * FROM orders WHERE day IS MISSING AND owner = 'ann'", [], ("ann",), "false"),
        ("SELECT * FROM orders WHERE owner = 'ann' ORDER BY day", [], ("ann",), "false"),
        ("SELECT * FROM orders WHERE day BETWEEN 1 AND 5 AND owner = 'ann'", [], None, "true"),
        ("SELECT * FROM orders WHERE attribute_exists(day) AND owner = 'ann'", [], None, "true"),
        ("SELECT * FROM orders WHERE day = 'x' || '' AND owner = 'ann'", [], None, "true"),
        ("SELECT * FROM orders WHERE owner = 'ann' IS MISSING", [], None, "true"),
        ("SELECT * FROM orders WHERE f(day AND owner = 'ann' AND day)", [], None, "true"),
        ("SELECT * FROM orders WHERE note = ? AND owner = ?", [{"S": "x"}, {"S": "ann"}], ("ann",), "false"),
        ("SELECT * FROM orders WHERE owner IN ['ann', 'bob']", [], ("ann", "bob"), "false"),
        ("SELECT * FROM orders WHERE owner = 5.0", [], ("5",), "false"),
        ("SELECT * FROM orders WHERE owner = 'ann' OR day = 1", [], None, "true"),
        ("SELECT * FROM orders WHERE NOT owner = 'ann'", [], None, "true"),
        ("SELECT * FROM orders WHERE a.owner = 'ann'", [], None, "true"),
        ("SELECT * FROM orders", [], None, "true"),
    ],
)
def test_a_query_without_partition_key_scans(
    statement: str, parameters: Any, leading: Any, whole: str
) -> None:
    members = {"Statement": statement, "Parameters": parameters}
    assert found("leadingkeys", "ExecuteStatement", **members) == [leading]
    assert found("fulltablescan", "ExecuteStatement", **members) == [whole]


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO orders VALUE {'day': 1}",
        "INSERT INTO orders VALUE {owner: 'ann'}",
        "UPDATE orders SET owner = 'ann' WHERE day = 1",
        "DELETE FROM orders WHERE owner = 'ann' OR day = 1",
    ],
)
def test_a_writing_statement_without_partition_key_is_refused(statement: str) -> None:
    with pytest.raises(errors.ValidationError):
        found("leadingkeys", "ExecuteStatement", Statement=statement)


@pytest.mark.parametrize(
    ("statement", "keys"),
    [
        ("INSERT INTO orders VALUE {'owner': 'ann', 'OWNER': 'bob'}", ("ann", "bob")),
        ("INSERT INTO orders VALUE {'x': {'owner': 'bob'}, 'owner': 'ann'}", ("ann",)),
        ("UPDATE orders SET Owner = 'bob' WHERE owner = 'ann'", ("ann", "bob")),
        ("UPDATE orders SET x = 'y' WHERE owner = 'ann' AND day = 1", ("ann",)),
    ],
)
def test_what_a_statement_writes_counts_beside_what_it_finds(statement: str, keys: tuple[str, ...]) -> None:
    assert found("leadingkeys", "ExecuteStatement", Statement=statement) == [keys]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM orders WHERE note = 'it''s'",
        "SELECT * FROM orders WHERE note = 'the \"x\"'",
        "SELECT * FROM orders WHERE note = 'letters from home FROM me'",
        "SELECT * FROM orders WHERE \"a = 'x' AND b\" = 1",
        "SELECT ' FROM people WHERE ' FROM orders",
        "SELECT preselect , people FROM orders",
        "SELECT * FROM orders WHERE note = '?'",
        "SELECT * FROM orders WHERE note = ?",
    ],
)
def test_what_could_be_read_in_two_ways_is_said_by_a_parameter(statement: str) -> None:
    with pytest.raises(errors.ValidationError, match=r"parameter"):
        pairs("dynamodb", "ExecuteStatement", Statement=statement)


def test_a_statement_names_its_attributes() -> None:
    told = keys(
        "ExecuteStatement", Statement="SELECT a, \"b\".c FROM orders WHERE owner = 'x' AND size(d) > 1"
    )
    assert set(told["dynamodb:attributes"]) == {"a", "b", "owner", "d"}
    assert told["dynamodb:select"] == "SPECIFIC_ATTRIBUTES"


# -- tags and policies ------------------------------------------------------------------------------


def test_an_index_has_its_tables_tags_and_policy() -> None:
    behind = Behind(
        {
            "ListTagsOfResource": {"Tags": [{"Key": "team", "Value": "red"}]},
            "GetResourcePolicy": {"Policy": "{}"},
        }
    )
    request = asked("dynamodb", "Query", TableName="orders")
    index = f"{TABLE}/index/by-town"
    assert asyncio.run(rules("dynamodb").tags["index"](behind, request, index)) == {"team": "red"}  # type: ignore[arg-type]
    assert asyncio.run(rules("dynamodb").policies["index"](behind, request, index)) == "{}"  # type: ignore[arg-type]
    assert [members["ResourceArn"] for _, _, members in behind.calls] == [TABLE, TABLE]


def test_no_policy_is_none() -> None:
    request = asked("dynamodb", "Query", TableName="orders")
    assert asyncio.run(rules("dynamodb").policies["table"](Behind({}), request, TABLE)) is None  # type: ignore[arg-type]
    assert asyncio.run(rules("dynamodb").tags["table"](Behind({}), request, TABLE)) == {}  # type: ignore[arg-type]


# -- streams ----------------------------------------------------------------------------------------

STREAM = f"{TABLE}/stream/2026-01-01T00:00:00.000"


def test_streams_are_asked_by_their_arn() -> None:
    for operation in ("DescribeStream", "GetShardIterator"):
        assert pairs("dynamodbstreams", operation, StreamArn=STREAM) == [
            (f"dynamodb:{operation}", "table/orders/stream/2026-01-01T00:00:00.000")
        ]


def test_a_stream_that_its_table_does_not_have_is_refused() -> None:
    listed = {"ListStreams": {"Streams": [{"StreamArn": STREAM}]}}
    assert completed("dynamodbstreams", listed, "DescribeStream", StreamArn=STREAM) == [STREAM]
    assert completed("dynamodbstreams", {}, "DescribeStream", StreamArn=STREAM) == [STREAM]
    with pytest.raises(errors.ValidationError):
        completed("dynamodbstreams", listed, "GetShardIterator", StreamArn=STREAM.replace("2026", "2025"))


def test_records_are_asked_on_the_stream_of_the_iterator() -> None:
    assert pairs("dynamodbstreams", "GetRecords", ShardIterator=f"{STREAM}|1|AAAA") == [
        ("dynamodb:GetRecords", "table/orders/stream/2026-01-01T00:00:00.000")
    ]
    with pytest.raises(errors.ValidationError):
        pairs("dynamodbstreams", "GetRecords", ShardIterator="AAAA")
