"""Templates of ARNs: what a value may not be, what they make, and what they read."""

from __future__ import annotations

import pytest

from rolekeeper.errors import ValidationError
from rolekeeper.gateway import templates
from rolekeeper.gateway.asked import Unclassified
from rolekeeper.gateway.templates import Template, narrower
from rolekeeper.policy import catalog
from tests.gateway.asking import ACCOUNT, REGION, asked

REQUEST = asked("dynamodb", "GetItem")
INDEX = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders/index/by-date"


def template(prefix: str, kind: str) -> Template:
    return templates.templates(prefix)[kind][0]


def test_a_value_has_no_part_of_what_comes_after_it() -> None:
    for name in ("orders/index", "a/b"):
        with pytest.raises(ValidationError, match="has `/`"):
            template("dynamodb", "index").fill(REQUEST, {"TableName": name, "IndexName": "by-date"})


def test_an_arn_of_another_form_is_not_read() -> None:
    table = template("dynamodb", "table")
    for arn in (
        "*",
        "table/orders",
        f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/",
        f"arn:aws:dynamodb:{REGION}:1234:table/orders",
        f"arn:aws:dynamodb:{REGION}::table/orders",
        f"arn:aws:dynamodb::{ACCOUNT}:table/orders",
        f"arn:aws:sqs:{REGION}:{ACCOUNT}:table/orders",
        f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:stream/orders",
        f" arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders",
        f"ARN:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders",
    ):
        assert table.read(arn) is None, arn


def test_what_is_filled_is_read_again() -> None:
    values = {"TableName": "orders", "IndexName": "by-date"}
    index = template("dynamodb", "index")
    assert index.fill(REQUEST, values) == INDEX
    assert index.read(INDEX) == {"Region": REGION, "Account": ACCOUNT, **values}


def test_a_region_and_an_account_may_be_given() -> None:
    arn = template("dynamodb", "table").fill(
        REQUEST, {"TableName": "orders", "Region": "eu-north-1", "Account": "444455556666"}
    )
    assert arn == "arn:aws:dynamodb:eu-north-1:444455556666:table/orders"


def test_narrower_kinds_are_known() -> None:
    table = template("dynamodb", "table")
    assert {each.kind for each in narrower("dynamodb", table)} == {
        "backup",
        "export",
        "import",
        "index",
        "stream",
    }
    assert narrower("dynamodb", template("dynamodb", "index")) == ()
    assert "object" in {each.kind for each in narrower("s3", template("s3", "bucket"))}


def test_a_kind_may_have_two_templates() -> None:
    assert len(templates.templates("lex")["bot"]) == 2


def test_an_arn_can_be_made_of_its_parts() -> None:
    assert templates.arn(REQUEST, "dynamodb", "index", TableName="orders", IndexName="by-date") == INDEX
    with pytest.raises(Unclassified, match="which index"):
        templates.arn(REQUEST, "dynamodb", "index", TableName="orders")
    with pytest.raises(Unclassified, match="no resource"):
        templates.arn(REQUEST, "dynamodb", "tabel", TableName="orders")


def test_every_template_of_the_reference_reads_what_it_makes() -> None:
    odd = []
    for prefix in sorted(catalog.services()):
        for found in templates.templates(prefix).values():
            odd += [each.text for each in found if each.read(each.sample) is None]
    assert odd == []
