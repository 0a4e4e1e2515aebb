from __future__ import annotations

import pytest

from rolekeeper.cli.suites.cases import CaseMaker, Frame
from rolekeeper.cli.suites.expectation import Expectation
from rolekeeper.cli.suites.nodes import Place, SuiteError
from rolekeeper.cli.suites.settings import Settings

HERE = Place(file="f", line=1, column=1)
ANA = "arn:aws:iam::123456789012:user/ana"


@pytest.mark.parametrize(
    "action", ["GetObject", "s3:", "s3:Get*", "*", "s3:GetObject ", "S 3:GetObject", "s3:Ge\u0301t"]
)
def test_an_action_that_no_request_can_have_is_refused(action):
    maker = CaseMaker(Settings(principal=ANA, resource="*"), HERE)
    with pytest.raises(SuiteError, match="is no action"):
        maker.case("n", action, Expectation(word="deny"))


def test_the_rows_own_settings_come_last_and_its_principal_first():
    frame = Frame(
        defaults=Settings(principal="root", account="1" * 12, context={"a": ("a", "default")}),
        principals={"ana": Settings(principal=ANA, account="2" * 12, context={"a": ("a", "name")})},
        resources={"all": Settings(resource="*", context={"a": ("a", "resource"), "b": ("b", "resource")})},
    )
    found = frame.circumstances(Settings(context={"b": ("b", "row")}), "ana", "all")
    assert (found.principal, found.account, found.resource) == (ANA, "2" * 12, "*")
    assert found.keys() == {"a": "resource", "b": "row"}
    assert frame.circumstances(Settings(account="3" * 12), None, "all").account == "3" * 12


def test_a_case_may_have_a_place_of_its_own():
    maker = CaseMaker(Settings(principal=ANA, resource="*"), HERE)
    elsewhere = Place(file="f", line=9, column=9)
    assert maker.case("n", "s3:GetObject", Expectation(word="deny"), elsewhere).place == elsewhere
    assert maker.case("n", "s3:GetObject", Expectation(word="deny")).place == HERE
