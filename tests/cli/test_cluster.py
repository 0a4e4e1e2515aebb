"""`rolekeeper cluster`, against a server that runs."""

from __future__ import annotations

import json

import jwt
import pytest

WORDS = ("add", "list", "token", "remove")


@pytest.fixture
def prod(command, shared_home, running):
    """A cluster of the server."""
    result = command("cluster", "add", "prod", "--json", home=shared_home)
    assert result.status == 0, result.err
    yield json.loads(result.out)["Cluster"]
    command("cluster", "remove", "prod", home=shared_home)


@pytest.mark.parametrize("word", WORDS)
def test_every_command_has_an_example_and_json(command, home, word):
    result = command("cluster", word, "--help", home=home)
    assert "--json" in result.out
    assert f"Example: rolekeeper cluster {word}" in " ".join(result.out.split())


@pytest.mark.parametrize("who", ["cart", "shop/", "/cart", ""])
def test_a_service_account_has_a_namespace_and_a_name(command, shared_home, prod, who):
    result = command("cluster", "token", who, home=shared_home)
    assert (result.status, result.out) == (2, "")
    assert "NAMESPACE/ACCOUNT" in result.err


def test_which_cluster_is_asked_where_there_are_several_or_none(command, shared_home, running, prod):
    command("cluster", "add", "more", home=shared_home)
    result = command("cluster", "token", "shop/cart", home=shared_home)
    assert result.status == 2
    assert "there are 2" in result.err
    assert command("cluster", "token", "shop/cart", "--cluster", "more", home=shared_home).status == 0
    assert command("cluster", "remove", "more", home=shared_home).status == 0
    refused = command("cluster", "token", "shop/cart", "--cluster", "more", home=shared_home)
    assert (refused.status, refused.out) == (1, "")
    assert "No cluster found for name: more" in refused.err


def test_what_is_refused_is_a_no(command, shared_home, prod):
    for words in (
        ("add", "prod"),
        ("remove", "none"),
        ("token", "Shop/cart"),
        ("token", "a/b", "--duration", "5"),
    ):
        result = command("cluster", *words, home=shared_home)
        assert (result.status, result.out) == (1, ""), words
        assert result.err.startswith("rolekeeper: ")


def test_a_token_is_as_kubernetes_makes_it(command, shared_home, prod):
    words = ("--pod", "cart-1", "--audience", "a", "--audience", "b", "--duration", "600")
    result = command("cluster", "token", "shop/cart", *words, home=shared_home)
    said = jwt.decode(result.out.strip(), options={"verify_signature": False})
    assert (said["iss"], said["aud"], said["exp"] - said["iat"]) == (prod["Issuer"], ["a", "b"], 600)
    assert said["sub"] == "system:serviceaccount:shop:cart"
    assert said["kubernetes.io"]["pod"]["name"] == "cart-1"
    again = jwt.decode(
        command("cluster", "token", "shop/cart", *words, home=shared_home).out.strip(),
        options={"verify_signature": False},
    )
    assert again["kubernetes.io"] == said["kubernetes.io"]


def test_a_token_in_a_file_has_no_end_of_line_and_is_its_owners(command, shared_home, prod, tmp_path):
    file = tmp_path / "token"
    result = command("cluster", "token", "shop/cart", "--out", str(file), home=shared_home)
    assert (result.status, result.out) == (0, "")
    assert file.read_text().count("\n") == 0
    assert file.stat().st_mode & 0o77 == 0
    nowhere = str(tmp_path / "none" / "token")
    assert command("cluster", "token", "shop/cart", "--out", nowhere, home=shared_home).status == 3


def test_the_list(command, shared_home, prod):
    assert command("cluster", "list", home=shared_home).out == f"prod  {prod['Issuer']}\n"
