"""What requests to Glue ask for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.gateway.asking import ACCOUNT, OTHER, REGION, policy, tags
from tests.gateway.services.classified import accesses, asks, inexact, on, refused, whole

GLUE = f"arn:aws:glue:{REGION}:{ACCOUNT}"
ORDERS = {"DatabaseName": "shop", "TableName": "orders"}
IN_SHOP = ["database/shop", "catalog", "table/shop/orders"]
TAGS = {"Team": "a"}


@pytest.mark.parametrize("name", ["", "a/b", "a:b", "or*", "*", "a?", "a\n"])
def test_what_is_no_table_is_refused(name: str) -> None:
    refused("glue", "GetPartitions", DatabaseName="shop", TableName=name)
    refused("glue", "GetPartitions", DatabaseName=name, TableName="orders")


def test_what_names_nothing_that_is_known_is_refused() -> None:
    refused("glue", "GetTable", **ORDERS, CatalogId="federated:x", Name="orders")
    refused("glue", "BatchDeleteTable", DatabaseName="shop", TablesToDelete=[])
    refused("glue", "DeleteSchema", SchemaId={})
    refused("glue", "DeleteSchema", SchemaId={"SchemaName": "a", "SchemaArn": f"{GLUE}:schema/r/b"})
    refused("glue", "DeleteRegistry", RegistryId={"RegistryName": "a", "RegistryArn": f"{GLUE}:registry/b"})
    refused("glue", "TagResource", ResourceArn=f"{GLUE}:table/shop/orders", TagsToAdd=TAGS)
    refused("glue", "PutResourcePolicy", ResourceArn=f"{GLUE}:job/j", PolicyInJson="{}")


@pytest.mark.parametrize(
    ("operation", "members", "resources"),
    [
        ("GetPartitions", ORDERS, IN_SHOP),
        ("GetTable", {"DatabaseName": "shop", "Name": "orders"}, IN_SHOP),
        ("CreateTable", {"DatabaseName": "shop", "TableInput": {"Name": "orders"}}, IN_SHOP),
        ("GetTables", {"DatabaseName": "shop"}, ["database/shop", "catalog", "table/shop/*"]),
        (
            "BatchDeleteTable",
            {"DatabaseName": "shop", "TablesToDelete": ["a", "b"]},
            ["database/shop", "catalog", "table/shop/a", "table/shop/b"],
        ),
        ("GetDatabase", {"Name": "shop"}, ["database/shop", "catalog"]),
        ("CreateDatabase", {"DatabaseInput": {"Name": "shop"}}, ["database/shop", "catalog"]),
        ("GetDatabases", {}, ["database/*", "catalog"]),
        (
            "DeleteDatabase",
            {"Name": "shop"},
            ["database/shop", "catalog", "table/shop/*", "userDefinedFunction/shop/*"],
        ),
        ("GetConnection", {"Name": "c"}, ["connection/c", "catalog"]),
        ("StartJobRun", {"JobName": "my job"}, ["job/my job"]),
        ("CreateJob", {"Name": "j"}, ["job/j"]),
        ("BatchGetJobs", {"JobNames": ["a", "b"]}, ["job/a", "job/b"]),
        ("BatchGetWorkflows", {"Names": ["a", "b"]}, ["workflow/a", "workflow/b"]),
        ("StartCrawler", {"Name": "c"}, ["crawler/c"]),
        ("GetDevEndpoint", {"EndpointName": "d"}, ["devEndpoint/d"]),
        ("GetMLTransforms", {}, ["mlTransform/*"]),
        ("CreateSchema", {"SchemaName": "s"}, ["registry/default-registry", "schema/default-registry/s"]),
        (
            "DeleteSchema",
            {"SchemaId": {"SchemaName": "s", "RegistryName": "r"}},
            ["registry/r", "schema/r/s"],
        ),
        ("DeleteSchema", {"SchemaId": {"SchemaArn": f"{GLUE}:schema/r/s"}}, ["registry/r", "schema/r/s"]),
        ("GetSchemaVersion", {"SchemaVersionId": "1a-2b"}, ["schema/*/*"]),
        ("TagResource", {"ResourceArn": f"{GLUE}:job/j", "TagsToAdd": TAGS}, ["job/j"]),
        ("PutResourcePolicy", {"PolicyInJson": "{}"}, ["catalog"]),
        ("GetJobs", {}, ["*"]),
    ],
)
def test_an_operation_is_asked_on_what_it_names(
    operation: str, members: dict[str, Any], resources: list[str]
) -> None:
    assert on("glue", operation, **members) == resources


def test_a_catalog_of_another_account_is_that_accounts() -> None:
    theirs = GLUE.replace(ACCOUNT, OTHER)
    found = on("glue", "GetPartitions", **ORDERS, CatalogId=OTHER)
    assert found == [f"{theirs}:{tail}" for tail in IN_SHOP]


def test_a_schema_is_found_by_its_version() -> None:
    answers = {"GetSchemaVersion": {"SchemaArn": f"{GLUE}:schema/r/s"}}
    assert whole("glue", answers, "GetSchemaVersion", SchemaVersionId="1a-2b") == ["schema/r/s"]


def test_tags_of_what_is_made_are_asked_as_tagging() -> None:
    assert asks("glue", "CreateCrawler", Name="c", Tags=TAGS) == [
        "glue:CreateCrawler *",
        "glue:TagResource crawler/c",
    ]
    tagged = accesses("glue", "CreateJob", Name="j", Tags=TAGS)[1]
    assert (tagged.action, tagged.resource) == ("glue:TagResource", f"{GLUE}:job/j")
    assert tagged.keys["aws:requesttag/team"] == "a"
    connection = {"ConnectionInput": {"Name": "c", "ConnectionType": "JDBC"}, "Tags": TAGS}
    assert asks("glue", "CreateConnection", **connection)[-1] == "glue:TagResource connection/c"


def test_tags_and_the_catalogs_policy_are_read_from_what_stands_behind() -> None:
    assert tags("glue", "job", f"{GLUE}:job/j", {"GetTags": {"Tags": TAGS}}) == TAGS
    answers = {"GetResourcePolicy": {"PolicyInJson": '{"Statement": []}'}}
    assert policy("glue", "table", f"{GLUE}:table/shop/orders", answers) == '{"Statement": []}'
    assert policy("glue", "table", f"{GLUE}:table/shop/orders", {}) is None


def test_every_operation_that_the_embedded_backend_has_is_exact_or_on_nothing_in_particular() -> None:
    found = inexact("glue")
    assert set(found.values()) == {"*"}
    assert [name for name in found if not name.startswith(("Get", "List"))] == [
        "CreateCrawler",
        "CreateDevEndpoint",
        "CreateMLTransform",
        "CreateSecurityConfiguration",
        "DeleteSecurityConfiguration",
    ]


def test_a_connection_is_deleted_by_its_name() -> None:
    found = on("glue", "BatchDeleteConnection", ConnectionNameList=["a", "b"])
    assert set(found) == {"connection/a", "connection/b", "catalog"}
    assert "connection/a" in on("glue", "DeleteConnection", ConnectionName="a")
