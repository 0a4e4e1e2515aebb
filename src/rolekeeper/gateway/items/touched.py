"""Which items of which tables a request touches, by which action; whatever form the request has.

The rule of this file: a request is a row of `Touched`, each of one action on one table, and both what is
asked and the condition keys are made of these. Several of one action on one table are asked as one access,
with the keys and attributes of all.
Source: "Using IAM policy conditions for fine-grained access control" and "Amazon DynamoDB Transactions: IAM"
in the Amazon DynamoDB Developer Guide.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from rolekeeper.gateway.asked import Asked, Wanted
from rolekeeper.gateway.items import expressions, partiql
from rolekeeper.gateway.naming import Kind, refuse
from rolekeeper.gateway.rules import Besides, Lookups
from rolekeeper.policy.context import KeyValue
from rolekeeper.service.call import Resource

TABLE = Kind(type="table", service="dynamodb", before="table/")
INDEX = Kind(type="index", service="dynamodb", before="table/", name=r"[A-Za-z0-9_.-]+/index/[A-Za-z0-9_.-]+")

_EXPRESSIONS = (
    "ProjectionExpression",
    "FilterExpression",
    "KeyConditionExpression",
    "ConditionExpression",
    "UpdateExpression",
)
_MAPS = ("Key", "Item", "Expected", "AttributeUpdates", "KeyConditions", "QueryFilter", "ScanFilter")
_PLACEHOLDERS = {"ExpressionAttributeNames": "#", "ExpressionAttributeValues": ":"}
_READS = ("GetItem", "BatchGetItem", "Query", "Scan", "PartiQLSelect")
_WRITES = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}


class Touched(msgspec.Struct, frozen=True, kw_only=True):
    """An action on items of one table."""

    action: str
    table: str
    """As the request calls it."""
    index: str = ""
    body: Mapping[str, Any] = {}
    """The members that say which items, and what of them."""
    items: Sequence[Mapping[str, Any]] = ()
    """Keys of items, or whole items."""
    statement: partiql.Statement | None = None

    def wanted(self, asked: Asked) -> tuple[str, str, str]:
        """Action, ARN, and the kind of resource: of a query of an index the index, else the table."""
        table = TABLE.called(asked, self.table)
        if not self.index:
            return f"dynamodb:{self.action}", table, "table"
        return f"dynamodb:{self.action}", INDEX.whole(asked, f"{table}/index/{self.index}"), "index"

    def attributes(self) -> Iterator[str]:
        """The attributes that are named anywhere."""
        if self.statement:
            yield from self.statement.attributes
        names = self.body.get("ExpressionAttributeNames") or {}
        for member in _EXPRESSIONS:
            text = self.body.get(member)
            if text:
                yield from expressions.attributes(text, names, clauses=member == "UpdateExpression")
        for member in _MAPS:
            yield from self.body.get(member) or ()
        yield from self.body.get("AttributesToGet") or ()
        for item in self.items:
            yield from item

    def select(self) -> str | None:
        """What a reading answers with."""
        if self.action not in _READS:
            return None
        if self.body.get("Select"):
            return str(self.body["Select"])
        if self.statement:
            return "ALL_ATTRIBUTES" if self.statement.all_attributes else "SPECIFIC_ATTRIBUTES"
        if self.body.get("ProjectionExpression") or self.body.get("AttributesToGet"):
            return "SPECIFIC_ATTRIBUTES"
        return "ALL_PROJECTED_ATTRIBUTES" if self.index else "ALL_ATTRIBUTES"

    def values(self, name: str) -> Iterator[str]:
        """The values that an attribute of the items' keys has."""
        if self.statement:
            held = [value for key, value in self.statement.equal if key == name]
            yield from held
            if held or self.action != "PartiQLUpdate":  # what it sets says nothing of what it finds
                written = self.statement.written
                yield from (value for key, value in written if key.lower() == name.lower())
        if self.action == "Query":
            yield from self._queried(name)
        for item in (*self.items, self.body.get("Key") or {}, self.body.get("Item") or {}):
            found = expressions.value(item.get(name))
            if found is not None:
                yield found

    def _queried(self, name: str) -> Iterator[str]:
        names = self.body.get("ExpressionAttributeNames") or {}
        values = self.body.get("ExpressionAttributeValues") or {}
        text = self.body.get("KeyConditionExpression") or ""
        marks = list(expressions.equal_to(text, names, name))
        if len(marks) != list(expressions.attributes(text, names)).count(name):
            refuse(f"Invalid KeyConditionExpression: {name} is not held to be equal to one value")
        old = (self.body.get("KeyConditions") or {}).get(name) or {}
        given = [values.get(mark) for mark in marks]
        yield from filter(None, map(expressions.value, [*given, *(old.get("AttributeValueList") or ())]))


def touched(asked: Asked) -> list[Touched]:
    """All that a request touches."""
    found = list(_FORMS.get(asked.operation.name, _one)(asked))
    if not found:
        refuse("The request names no item")
    for one in found:
        for member in _EXPRESSIONS:
            if one.body.get(member):
                expressions.hold(member, one.body[member])
        for member, sign in _PLACEHOLDERS.items():
            for key in one.body.get(member) or ():
                if not re.fullmatch(f"{sign}[A-Za-z0-9_]+", key):  # to a backend it may be any word
                    refuse(f'{member} contains invalid key: Syntax error; key: "{key}"')
    return found


def asking(asked: Asked) -> Iterator[Wanted]:
    """The accesses: one for each action and table or index."""
    groups: dict[tuple[str, str, str], list[Touched]] = {}
    for one in touched(asked):
        groups.setdefault(one.wanted(asked), []).append(one)
    for (action, resource, kind), members in groups.items():
        yield Wanted(action=action, resource=resource, type=kind, keys=_keys(asked, members))


def _keys(asked: Asked, members: Sequence[Touched]) -> Mapping[str, KeyValue]:
    found: dict[str, KeyValue] = {}
    attributes = tuple(dict.fromkeys(name for one in members for name in one.attributes()))
    if attributes:
        found["dynamodb:attributes"] = attributes
    selects = list(dict.fromkeys(filter(None, (one.select() for one in members))))
    if selects:  # several statements on one table may differ: the widest is what is asked
        found["dynamodb:select"] = "ALL_ATTRIBUTES" if len(selects) > 1 else selects[0]
    returned = [one.body["ReturnValues"] for one in members if one.body.get("ReturnValues")]
    if returned:
        found["dynamodb:returnvalues"] = max(returned, key=lambda value: str(value).startswith("ALL"))
    if asked.members.get("ReturnConsumedCapacity"):
        found["dynamodb:returnconsumedcapacity"] = str(asked.members["ReturnConsumedCapacity"])
    if asked.operation.name not in _PLAIN:
        found["dynamodb:enclosingoperation"] = asked.operation.name
    return found


_PLAIN = frozenset(
    {"GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan", "BatchGetItem", "BatchWriteItem"}
)


def _one(asked: Asked) -> Iterator[Touched]:
    members = asked.members
    yield Touched(
        action=asked.operation.name,
        table=_table(members),
        index=members.get("IndexName") or "",
        body=members,
    )


def _batch_get(asked: Asked) -> Iterator[Touched]:
    for table, body in (asked.members.get("RequestItems") or {}).items():
        yield Touched(action="BatchGetItem", table=table, body=body, items=body.get("Keys") or ())


def _batch_write(asked: Asked) -> Iterator[Touched]:
    for table, requests in (asked.members.get("RequestItems") or {}).items():
        items = [(one.get("PutRequest") or {}).get("Item") for one in requests]
        keys = [(one.get("DeleteRequest") or {}).get("Key") for one in requests]
        yield Touched(action="BatchWriteItem", table=table, items=[one for one in (*items, *keys) if one])


def _transaction(asked: Asked) -> Iterator[Touched]:
    known = {"Get": "GetItem"} if asked.operation.name == "TransactGetItems" else _WRITES
    for entry in asked.members.get("TransactItems") or ():
        given = [(name, body) for name, body in entry.items() if body is not None]
        if len(given) != 1 or given[0][0] not in known:
            refuse("TransactItems can only contain one of Check, Put, Update or Delete")
        name, body = given[0]
        yield Touched(action=known[name], table=_table(body), body=body)


def _statements(asked: Asked) -> Iterator[Touched]:
    members = asked.members
    entries = members.get("Statements") or members.get("TransactStatements") or (members,)
    for entry in entries:
        found = partiql.read(entry.get("Statement") or "", entry.get("Parameters") or ())
        yield Touched(action=found.action, table=found.table, index=found.index, statement=found)


async def as_understood(lookups: Lookups, asked: Asked, resources: Sequence[Resource]) -> Besides:
    """Statements go on as they were read."""
    members: dict[str, Any] = {}
    texts = [one.statement.text for one in touched(asked) if one.statement is not None]
    for name in ("Statements", "TransactStatements"):
        if asked.members.get(name):
            entries = zip(asked.members[name], texts, strict=True)
            members[name] = [{**entry, "Statement": text} for entry, text in entries]
    return Besides(members=members or {"Statement": texts[0]})


def _table(members: Mapping[str, Any]) -> str:
    table = members.get("TableName")
    if not isinstance(table, str) or not table:
        refuse("The parameter 'TableName' is required but was not present in the request")
    return table


_FORMS: Mapping[str, Callable[[Asked], Iterator[Touched]]] = {
    "BatchGetItem": _batch_get,
    "BatchWriteItem": _batch_write,
    "TransactGetItems": _transaction,
    "TransactWriteItems": _transaction,
    "ExecuteStatement": _statements,
    "BatchExecuteStatement": _statements,
    "ExecuteTransaction": _statements,
}
STATEMENTS = ("BatchExecuteStatement", "ExecuteStatement", "ExecuteTransaction")
OPERATIONS = tuple(sorted({*_FORMS, *_PLAIN}))
"""The operations on items."""
