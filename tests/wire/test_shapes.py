"""The forms that other query services use and IAM and STS do not: flattened lists and maps, other names."""

from __future__ import annotations

from typing import Any

import pytest
from botocore import xform_name
from botocore.model import ServiceModel
from botocore.serialize import create_serializer

from rolekeeper.wire.model import OperationModel, Service
from rolekeeper.wire.query_input import input_parser
from rolekeeper.wire.query_output import output_writer
from rolekeeper.wire.shapes import Catalogue, Shape

RAW: dict[str, Any] = {
    "Text": {"type": "string"},
    "Root": {
        "type": "structure",
        "members": {
            "Flat": {"shape": "Flat"},
            "Renamed": {"shape": "Renamed"},
            "FlatMap": {"shape": "FlatMap"},
            "Named": {"shape": "Text", "locationName": "Other"},
            "Inner": {"shape": "Inner"},
        },
    },
    "Flat": {"type": "list", "flattened": True, "member": {"shape": "Text"}},
    "Renamed": {"type": "list", "flattened": True, "member": {"shape": "Text", "locationName": "Item"}},
    "FlatMap": {
        "type": "map",
        "flattened": True,
        "key": {"shape": "Text", "locationName": "K"},
        "value": {"shape": "Text", "locationName": "V"},
    },
    "Inner": {"type": "structure", "members": {"Deep": {"shape": "Renamed"}}},
    "Loop": {"type": "structure", "members": {"Again": {"shape": "Loop"}}},
}
VALUES = {
    "Flat": ["a", "b"],
    "Renamed": ["c"],
    "FlatMap": {"x": "1", "y": "2"},
    "Named": "n",
    "Inner": {"Deep": ["d", "e"]},
}


def root() -> Shape:
    return Catalogue(RAW, xform_name).shape("Root")


def operation(*, input: Shape | None = None, output: Shape | None = None) -> OperationModel:
    return OperationModel(
        name="Do", input=input, output=output, result_wrapper="DoResult", errors=(), unsigned=False
    )


def test_a_shape_that_is_not_there_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        Catalogue(RAW, xform_name).shape("Nothing")


def test_a_shape_may_contain_itself() -> None:
    loop = Catalogue(RAW, xform_name).shape("Loop")
    assert loop.members[0].shape is loop


def test_a_member_is_found_by_what_it_is_called_on_the_wire() -> None:
    names = {member.name: (member.wire_name, member.keyword) for member in root().members}
    assert names["Named"] == ("Other", "named")
    assert names["Renamed"] == ("Item", "renamed")
    assert names["FlatMap"] == ("FlatMap", "flat_map")


def test_flattened_forms_are_read_as_botocore_sends_them() -> None:
    document = {
        "metadata": {"apiVersion": "1", "protocol": "query", "endpointPrefix": "x"},
        "operations": {"Do": {"name": "Do", "http": {"method": "POST"}, "input": {"shape": "Root"}}},
        "shapes": RAW,
    }
    sent = create_serializer("query").serialize_to_request(
        VALUES, ServiceModel(document).operation_model("Do")
    )
    assert input_parser(operation(input=root()))(sent["body"]) == VALUES


def test_flattened_forms_are_written_without_an_element_around_them() -> None:
    service = Service(
        name="x",
        api_version="1",
        xml_namespace="urn:x",
        signing_name="x",
        endpoint_prefix="x",
        target_prefix=None,
        json_version="1.0",
        operations={},
    )
    text = output_writer(service, operation(output=root()))(VALUES, "r-1").decode()
    assert text.partition("<DoResult>")[2].partition("</DoResult>")[0] == (
        "<Flat>a</Flat><Flat>b</Flat><Item>c</Item>"
        "<FlatMap><K>x</K><V>1</V></FlatMap><FlatMap><K>y</K><V>2</V></FlatMap>"
        "<Other>n</Other><Inner><Item>d</Item><Item>e</Item></Inner>"
    )
