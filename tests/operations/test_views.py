"""Views: documents are percent-encoded on the wire, and names come through XML as they are."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest

from rolekeeper.operations import views
from tests.client import LocalWorld, Person
from tests.people import allow, policy, role, user


def test_a_document_is_percent_encoded_as_rfc_3986_says() -> None:
    assert views.encoded('{"a": "b/c?d*~-._é"}') == "%7B%22a%22%3A%20%22b%2Fc%3Fd%2A~-._%C3%A9%22%7D"


def test_a_document_on_the_wire_is_percent_encoded(local: LocalWorld) -> None:
    bodies: list[bytes] = []

    def listen(request: Any, **_: Any) -> Any:
        answer = local.answer(request)
        bodies.append(answer.content)
        return answer

    text = policy(allow("iam:Get*", on="arn:aws:iam::*:role/a b"))
    root = local.root
    user(root, "bob")
    root.iam.put_user_policy(UserName="bob", PolicyName="p", PolicyDocument=text)
    root.iam.meta.events.register_first("before-send", listen)
    found = root.iam.get_user_policy(UserName="bob", PolicyName="p")
    raw = bodies[-1].decode()
    inside = raw.split("<PolicyDocument>")[1].split("</PolicyDocument>")[0]
    assert unquote(inside) == text
    assert "{" not in inside
    assert found["PolicyDocument"]["Statement"][0]["Resource"] == "arn:aws:iam::*:role/a b"


@pytest.mark.parametrize("path", ["/a&b/", "/<x>/", "/\"'/", "/]]>/", "/%41+/", "/~!@#$^*()/"])
def test_a_path_comes_through_as_it_is(root: Person, path: str) -> None:
    arn = role(root, "dev", root.account, Path=path)
    found = root.iam.get_role(RoleName="dev")["Role"]
    assert (found["Path"], found["Arn"]) == (path, arn)
    assert arn == f"arn:aws:iam::{root.account}:role{path}dev"
    assert [one["Path"] for one in root.iam.list_roles(PathPrefix=path)["Roles"]] == [path]


@pytest.mark.parametrize("text", ["", " ", "a\tb\nc\rd", "<&>\"'", "¡é ÿ", "x" * 1000])
def test_a_description_comes_through_as_it_is(root: Person, text: str) -> None:
    role(root, "dev", root.account, Description=text)
    assert root.iam.get_role(RoleName="dev")["Role"].get("Description", "") == text
