"""Inline policies: for roles, users and groups alike, with each kind's own size."""

from __future__ import annotations

import pytest

from tests.client import Person
from tests.operations.test_attachments import make
from tests.people import allow, policy, refused

KINDS = ["role", "user", "group"]
TEXT = policy(allow("iam:GetRole"))


@pytest.mark.parametrize("kind", KINDS)
def test_put_get_list_delete(root: Person, kind: str) -> None:
    it, iam = make(root, kind), root.iam
    getattr(iam, f"put_{kind}_policy")(**it, PolicyName="P", PolicyDocument=TEXT)
    found = getattr(iam, f"get_{kind}_policy")(**it, PolicyName="P")
    assert found["PolicyDocument"]["Statement"][0]["Action"] == ["iam:GetRole"]
    assert (found["PolicyName"], found[f"{kind.title()}Name"]) == ("P", "it")
    getattr(iam, f"put_{kind}_policy")(**it, PolicyName="P", PolicyDocument=policy(allow("iam:GetUser")))
    assert getattr(iam, f"list_{kind}_policies")(**it)["PolicyNames"] == ["P"]
    getattr(iam, f"delete_{kind}_policy")(**it, PolicyName="P")
    assert getattr(iam, f"list_{kind}_policies")(**it)["PolicyNames"] == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("operation", ["get", "delete"])
def test_a_policy_that_is_not_there(root: Person, kind: str, operation: str) -> None:
    it = make(root, kind)
    with refused("NoSuchEntity", 404, f"The {kind} policy with name none cannot be found."):
        getattr(root.iam, f"{operation}_{kind}_policy")(**it, PolicyName="none")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "text", ["x", "{}", policy(allow("iam:GetRole", Principal="*")), policy(allow("nothing"))]
)
def test_what_is_no_policy_is_refused(root: Person, kind: str, text: str) -> None:
    it = make(root, kind)
    with refused("MalformedPolicyDocument", 400):
        getattr(root.iam, f"put_{kind}_policy")(**it, PolicyName="p", PolicyDocument=text)
    assert getattr(root.iam, f"list_{kind}_policies")(**it)["PolicyNames"] == []


@pytest.mark.parametrize(("kind", "limit"), [("role", 10240), ("user", 2048), ("group", 5120)])
def test_all_inline_policies_together_have_a_size(root: Person, kind: str, limit: int) -> None:
    it, put = make(root, kind), getattr(root.iam, f"put_{kind}_policy")

    def text(size: int) -> str:
        spare = size - len(policy(allow("iam:GetRole", Sid="")).replace(" ", ""))
        return policy(allow("iam:GetRole", Sid="x" * spare)) + "\n" * 100

    put(**it, PolicyName="one", PolicyDocument=text(limit - 1000))
    with refused("LimitExceeded", 409, f"Maximum policy size of {limit} bytes exceeded for {kind} it"):
        put(**it, PolicyName="two", PolicyDocument=text(1001))
    put(**it, PolicyName="two", PolicyDocument=text(1000))
    # A replaced policy makes room for the one that replaces it.
    put(**it, PolicyName="one", PolicyDocument=text(limit - 1000))
