"""Ways round what a policy refuses of APIs, which what stands behind would go: none of them is open."""

from __future__ import annotations

from tests.gateway.served import ServedWorld
from tests.people import allow, refused, user


def test_an_api_is_not_replaced_by_a_new_one_of_its_id(served: ServedWorld) -> None:
    root = served.root.client("apigateway")
    theirs = root.create_rest_api(name="theirs")["id"]
    every = "arn:aws:apigateway:us-east-1::/restapis"
    person = user(
        served.root, "maker", allow("apigateway:POST", on=every), allow("apigateway:*", on=f"{every}/own*")
    ).client("apigateway")
    with refused("AccessDeniedException", 403, f"apigateway:PUT on resource: {every}/{theirs}"):
        person.create_rest_api(name="forged", tags={"_custom_id_": theirs})
    assert root.get_rest_api(restApiId=theirs)["name"] == "theirs"
    assert person.create_rest_api(name="own", tags={"_custom_id_": "own1"})["id"] == "own1"
    assert person.create_rest_api(name="plain", tags={"a": "b"})["name"] == "plain"
