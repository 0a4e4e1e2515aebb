"""Glue: the data catalog's databases and tables, each asked with what it is in; jobs, crawlers and the rest.

The rule of this file: an operation on a table is asked on the catalog and the database too, as Glue has it,
and an operation on all tables of a database on `table/DATABASE/*`. A catalog is another account's where the
request says so by `CatalogId`.
Source: "Actions, resources, and condition keys for AWS Glue" in the Service Authorization Reference; "How AWS
Glue works with IAM", "Specifying AWS Glue resource ARNs" in the Glue Developer Guide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from rolekeeper.gateway.asked import Asked, Unclear
from rolekeeper.gateway.ec2.keys import at
from rolekeeper.gateway.rules import Lookups, Rules
from rolekeeper.gateway.services.tables import NEW, Arn, Named, Place, Table, Tail, part_of_name, values
from rolekeeper.gateway.templates import arn as arn_of
from rolekeeper.gateway.templates import templates
from rolekeeper.policy import catalog
from rolekeeper.policy.context import KeyValue

_NAME = r"[^/:*?\x00-\x1f]{1,255}"
"""Of catalogs, whose names may have spaces and letters of any script."""
_CATALOG = ("catalog", "database", "rootcatalog", "table", "userdefinedfunction")


def account_of(asked: Asked) -> str:
    """The account whose catalog is meant. Unclear where the catalog is none of an account."""
    given = asked.members.get("CatalogId") or asked.account
    if not re.fullmatch("[0-9]{12}", given):
        raise Unclear(f"`{given}` is no account's own catalog")
    return str(given)


def _in_catalog(asked: Asked, kind: str, **names: str) -> Arn:
    for name in names.values():
        if not isinstance(name, Tail):
            part_of_name(kind, name, _NAME)
    return Arn(arn_of(asked, "glue", kind, Account=account_of(asked), **names))


def _root(asked: Asked) -> str:
    return _in_catalog(asked, "rootcatalog")


def database(*paths: str, otherwise: str = "") -> Place:
    """A database by its name."""

    def place(asked: Asked) -> Iterator[str]:
        given = [value for path in paths for value in values(asked.members, path)]
        for name in given or ([NEW] if otherwise else []):
            yield _in_catalog(asked, "database", DatabaseName=name)

    return place


def in_database(kind: str, part: str, *paths: str, of: str = "DatabaseName", otherwise: str = "") -> Place:
    """What is in a database, by both names; all of it where nothing names one and `otherwise` says so."""

    def place(asked: Asked) -> Iterator[str]:
        name = next(values(asked.members, of), "")
        given = [value for path in paths for value in values(asked.members, path)]
        for each in given or ([NEW] if otherwise else []):
            yield _in_catalog(asked, kind, **{"DatabaseName": name, part: each})

    return place


def _table(*paths: str, otherwise: str = "") -> Place:
    return in_database("table", "TableName", *paths, otherwise=otherwise)


def _registry(asked: Asked) -> str:
    """The registry of a request, or of its schema; the default one where it says none."""
    for path in ("RegistryName", "RegistryId.RegistryName", "SchemaId.RegistryName"):
        for name in values(asked.members, path):
            return part_of_name("registry", name)
    for arn in values(asked.members, "RegistryId.RegistryArn"):
        return TABLE.arn(asked, "registry", arn).rpartition("/")[2]
    for arn in values(asked.members, "SchemaId.SchemaArn"):
        return TABLE.arn(asked, "schema", arn).split("/")[1]
    return "default-registry"


def _registries(asked: Asked) -> Iterator[str]:
    """The registry, by its own ARN where the request has that."""
    arns = list(values(asked.members, "RegistryId.RegistryArn"))
    if arns and any(values(asked.members, "RegistryId.RegistryName")):
        raise Unclear("a registry is named by its name or by its ARN, not by both")
    yield from arns or [_registry(asked)]


def _schemas(asked: Asked) -> Iterator[str]:
    """Schemas, by their registry's name and their own, or by their version."""
    arns = list(values(asked.members, "SchemaId.SchemaArn"))
    names = [*values(asked.members, "SchemaName"), *values(asked.members, "SchemaId.SchemaName")]
    if arns and names:
        raise Unclear("a schema is named by its name or by its ARN, not by both")
    yield from arns
    for name in names:
        yield Tail(f"{_registry(asked)}/{part_of_name('schema', name)}")
    for version in values(asked.members, "SchemaVersionId"):
        yield Named(part_of_name("schema", version), f"{NEW}/{NEW}")


def _registry_of_schema(asked: Asked) -> Iterator[str]:
    """The registry of a schema; one that is named by a version alone has a registry that nobody says."""
    if asked.members.get("SchemaId"):
        yield _registry(asked)


def kind_of(arn: str) -> str:
    """The kind of resource of an ARN. Unclear."""
    for kind, (template,) in templates("glue").items():
        if NEW not in arn and template.read(arn) is not None:
            return kind
    raise Unclear(f"`{arn}` is no ARN of Glue")


def _of_arn(kind: str) -> Place:
    """The resource of an ARN, if it is of this kind."""

    def place(asked: Asked) -> Iterator[str]:
        for arn in values(asked.members, "ResourceArn"):
            if kind_of(arn) == kind:
                here = f"arn:{asked.partition}:glue:{asked.region}:"
                if not arn.startswith(here):
                    raise Unclear(f"`{arn}` is not of the region `{asked.region}`")
                yield Arn(arn)

    return place


def _by_arn(operation: str) -> Mapping[str, tuple[Place, ...]]:
    found = catalog.action(f"glue:{operation}")
    return {each.type: (_of_arn(each.type),) for each in found.resources} if found else {}


def _root_unless_arn(asked: Asked) -> list[str]:
    """The whole catalog, which a policy stands on where the request says no part of it."""
    given = next(values(asked.members, "ResourceArn"), None)
    if given is None:
        return [_root(asked)]
    return [Arn(given)] if kind_of(given) == "rootcatalog" else []


def _policies() -> Mapping[str, tuple[Place, ...]]:
    return {**_by_arn("GetResourcePolicy"), "rootcatalog": (_root_unless_arn,)}


def _connections(asked: Asked) -> Iterator[str]:
    for path in ("Name", "ConnectionName", "ConnectionNameList"):
        for name in values(asked.members, path):
            yield _connection(asked, name)


_ALL_TABLES: Mapping[str, tuple[Place, ...]] = {"table": (_table(otherwise=NEW),)}
_TABLE_OF_NAME: Mapping[str, tuple[Place, ...]] = {"table": (_table("Name", "TableInput.Name"),)}
_SCHEMA: Mapping[str, tuple[Place, ...]] = {"registry": (_registry_of_schema,), "schema": (_schemas,)}
_DATABASE_OF_NAME: Mapping[str, tuple[Place, ...]] = {"database": (database("Name", "DatabaseInput.Name"),)}
_NAMED = ("Name", "Names")

TABLE = Table(
    prefix="glue",
    places={
        "connection": (_connections,),
        "connectionType": ("ConnectionInput.ConnectionType",),
        "crawler": (*_NAMED, "CrawlerName", "CrawlerNames"),
        "database": (database("DatabaseName"),),
        "devendpoint": ("EndpointName", "DevEndpointNames"),
        "job": (*_NAMED, "JobName", "JobNames"),
        "mlTransform": ("TransformId",),
        "registry": (_registries,),
        "rootcatalog": (_root,),
        "schema": (_schemas,),
        "session": ("Id", "SessionId"),
        "table": (_table("TableName"),),
        "trigger": (*_NAMED, "TriggerNames"),
        "workflow": _NAMED,
    },
    own={
        "BatchDeleteTable": {"table": (_table("TablesToDelete"),)},
        "CreateDatabase": {"database": (database("DatabaseInput.Name"),)},
        "CreateSchema": {"schema": (_schemas,)},
        "CreateTable": _TABLE_OF_NAME,
        "DeleteDatabase": {
            "database": (database("Name"),),
            "table": (in_database("table", "TableName", of="Name", otherwise=NEW),),
            "userdefinedfunction": (
                in_database("userdefinedfunction", "UserDefinedFunctionName", of="Name", otherwise=NEW),
            ),
        },
        "DeleteResourcePolicy": _policies(),
        "DeleteSchema": _SCHEMA,
        "DeleteTable": {"table": (_table("Name"),)},
        "GetConnections": {"connection": (lambda asked: _connection(asked, NEW),)},
        "GetDatabase": {"database": (database("Name"),)},
        "GetDatabases": {"database": (database(otherwise=NEW),)},
        "GetMLTransforms": {"mlTransform": (lambda asked: NEW,)},
        "GetResourcePolicy": _policies(),
        "GetSchema": _SCHEMA,
        "GetSchemaByDefinition": _SCHEMA,
        "GetSchemaVersion": _SCHEMA,
        "GetTable": {"table": (_table("Name"),)},
        "GetTables": _ALL_TABLES,
        "GetTags": _by_arn("GetTags"),
        "PutResourcePolicy": _policies(),
        "PutSchemaVersionMetadata": _SCHEMA,
        "RegisterSchemaVersion": _SCHEMA,
        "TagResource": _by_arn("TagResource"),
        "UntagResource": _by_arn("UntagResource"),
        "UpdateDatabase": _DATABASE_OF_NAME,
        "UpdateSchema": _SCHEMA,
        "UpdateTable": _TABLE_OF_NAME,
    },
    names={
        **dict.fromkeys(("crawler", "job", "trigger", "workflow"), _NAME),
        "schema": r"[A-Za-z0-9$#_.-]+/[A-Za-z0-9$#_.-]+",
    },
    optional={
        "DeleteResourcePolicy": ("rootcatalog",),
        "GetResourcePolicy": ("rootcatalog",),
        "PutResourcePolicy": ("rootcatalog",),
    },
    tagging="TagResource",
    tagged={
        "CreateConnection": ("connection",),
        "CreateCrawler": ("crawler",),
        "CreateDatabase": ("database",),
        "CreateDevEndpoint": ("devendpoint",),
        "CreateJob": ("job",),
        "CreateMLTransform": ("mlTransform",),
        "CreateRegistry": ("registry",),
        "CreateSchema": ("schema",),
        "CreateSession": ("session",),
        "CreateTrigger": ("trigger",),
        "CreateWorkflow": ("workflow",),
    },
    tagged_at={
        "CreateConnection": (
            lambda asked: [
                _connection(asked, name) for name in values(asked.members, "ConnectionInput.Name")
            ],
        ),
    },
)


def _connection(asked: Asked, name: str) -> str:
    return _in_catalog(asked, "connection", ConnectionName=name)


async def find_schema(lookups: Lookups, asked: Asked, wanted: object) -> str | None:
    """The ARN of a schema by the ID of a version of it."""
    version = asked.members.get("SchemaVersionId")
    answer = await lookups.ask(asked, "glue", "GetSchemaVersion", SchemaVersionId=version)
    return next(values(answer or {}, "SchemaArn"), None)


async def tags_of(lookups: Lookups, asked: Asked, arn: str) -> Mapping[str, str]:
    """The tags of a resource; none of one that is not made yet."""
    if NEW in arn:
        return {}
    answer = await lookups.ask(asked, "glue", "GetTags", ResourceArn=arn)
    found: Mapping[str, str] = (answer or {}).get("Tags") or {}
    return found


async def policy_of(lookups: Lookups, asked: Asked, arn: str) -> str | None:
    """The policy of the catalog, which an account and region has one of."""
    answer = await lookups.ask(asked, "glue", "GetResourcePolicy")
    return (answer or {}).get("PolicyInJson")


def keys(asked: Asked) -> Mapping[str, KeyValue]:
    """The networks that a job's connection is in."""
    found: dict[str, KeyValue] = {}
    requirements = "ConnectionInput.PhysicalConnectionRequirements"
    for key, paths in (
        ("securitygroupids", ("SecurityGroupIds", f"{requirements}.SecurityGroupIdList")),
        ("subnetids", ("SubnetId", f"{requirements}.SubnetId")),
    ):
        given = tuple(value for path in paths for value in at(asked.members, path) if isinstance(value, str))
        if given:
            found[f"glue:{key}"] = given
    return found


RULES = Rules(
    prefix="glue",
    special=TABLE.special("glue"),
    keys=keys,
    completions={"schema": find_schema},
    tags={kind.name: tags_of for kind in catalog.resource_types("glue") if kind.name != "rootcatalog"},
    policies=dict.fromkeys(_CATALOG, policy_of),
)
