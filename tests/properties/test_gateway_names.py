"""Whatever a request calls a resource, it is one ARN of its kind, or the request is refused."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolekeeper import errors
from rolekeeper.gateway import services
from rolekeeper.gateway.items import partiql, touched
from rolekeeper.gateway.naming import Kind
from tests.gateway.asking import ACCOUNT, OTHER, REGION, asked

FREE = {"alarm", "alarm-mute-rule", "destination", "insight-rule", "log-stream"}  # any characters, or nearly


def kinds() -> dict[str, Kind]:
    """All kinds that the services' rules have."""
    modules = [
        importlib.import_module(f"{services.__name__}.{found.name}")
        for found in pkgutil.iter_modules(services.__path__)
    ]
    return {
        f"{module.__name__.rpartition('.')[2]}.{name}": value
        for module in (*modules, touched)
        for name, value in vars(module).items()
        if isinstance(value, Kind)
    }


KINDS = kinds()
PIECES = st.sampled_from(
    [
        *("orders", "a", "1", "/", ":", "*", "?", "${x}", "\n", " ", "\0", "..", "%2f", "é", "-", "|", "#"),
        *(
            "index/",
            ":key/",
            "alias/",
            "function:",
            ":log-stream:",
            "arn:",
            "arn:aws:",
            f":{ACCOUNT}:",
            f":{OTHER}:",
        ),
        *(REGION, "us-east-1", "arn:aws:dynamodb:", "table/"),
    ]
)
TEXTS = st.lists(PIECES, max_size=6).map("".join) | st.text(max_size=20)
REQUEST = asked("sqs", "ListQueues")


@pytest.mark.parametrize("name", KINDS)
@given(data=st.data())
def test_a_text_is_one_resource_of_its_kind_or_is_refused(name: str, data: Any) -> None:
    kind = KINDS[name]
    start = f"arn:aws:{kind.service}:{REGION if kind.regional else ''}:"
    text = data.draw(TEXTS | TEXTS.map(lambda rest: f"{start}{OTHER}:{kind.before}{rest}"))
    try:
        arn = kind.called(REQUEST, text)
    except errors.ValidationError:
        return
    _, partition, service, region, account, resource = arn.split(":", 5)
    assert (partition, service, region) == ("aws", kind.service, REGION if kind.regional else "")
    assert account == (OTHER if text.startswith("arn:") else ACCOUNT)
    assert resource.startswith(kind.before)
    assert arn == text or resource == kind.before + text
    if kind.type not in FREE:
        assert not set("*?") & set(arn)
    assert "\0" not in arn
    assert "\n" not in arn


WORDS = st.sampled_from(
    [
        *(
            "SELECT",
            "select",
            "*",
            "FROM",
            "WHERE",
            "orders",
            "people",
            '"orders"',
            '"people"',
            "'x'",
            "'FROM people'",
        ),
        *(
            "owner",
            "=",
            ",",
            ".",
            "(",
            ")",
            "?",
            "--",
            "/*",
            "*/",
            ";",
            "INSERT",
            "INTO",
            "VALUE",
            "{",
            "}",
            ":",
        ),
        *(
            "UPDATE",
            "SET",
            "DELETE",
            "EXISTS",
            "AND",
            "OR",
            "UNION",
            "JOIN",
            '"orders.x"',
            '"a""b"',
            "<<",
            "1.5",
        ),
    ]
)


@given(st.lists(WORDS, max_size=14).map(" ".join) | st.text(max_size=30))
def test_a_statement_names_one_table_or_is_refused(text: str) -> None:
    try:
        found = partiql.read(text, [])
        resource = touched.Touched(action=found.action, table=found.table, index=found.index).wanted(REQUEST)[
            1
        ]
    except errors.ValidationError:
        return
    assert text.upper().count("FROM") + text.upper().count("INTO") + text.upper().count("UPDATE") >= 1
    assert resource.startswith(f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/")
    others = {"orders", "people"} - {found.table}
    outside = text.replace("'FROM people'", "")
    if found.action == "PartiQLSelect":
        assert not any(f'FROM "{other}"' in outside or f"FROM {other}" in outside for other in others)
