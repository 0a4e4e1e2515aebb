"""GetHumanReadableSummary: whose, of what, in which language, and what it says."""

from __future__ import annotations

from typing import Any

import pytest

from tests.client import ACCOUNT, OTHER_ACCOUNT, Person, World
from tests.operations.delegating import READ, Deal
from tests.people import allow, deny, refused, user


@pytest.fixture
def deal(world: World) -> Deal:
    return Deal(world)


def arn_of(request: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:iam::{account}:delegation-request/{request}"


def summary(person: Person, arn: str, **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = person.iam.get_human_readable_summary(EntityArn=arn, **more)
    del answer["ResponseMetadata"]
    return answer


@pytest.mark.parametrize(
    "arn",
    [
        f"arn:aws:iam::{ACCOUNT}:role/delegation-request",
        f"arn:aws:iam::{ACCOUNT}:delegation-request/a/b",
        "arn:aws:s3:::delegation-request/e4bdcdae",
        "no arn but twenty characters",
    ],
)
def test_only_requests_are_summarized(root: Person, arn: str) -> None:
    with refused("InvalidInput", 400):
        summary(root, arn)


def test_no_such_request(root: Person, deal: Deal) -> None:
    with refused("NoSuchEntity", 404):
        summary(root, arn_of("e4bdcdae-4f66-11ed-0000-000000000000"))
    with refused("NoSuchEntity", 404):
        summary(root, arn_of(deal.claimed(), account="333333333333"))


def test_who_sees_the_request_sees_its_summary(deal: Deal, root: Person) -> None:
    request = deal.claimed()
    stranger = user(root, "stranger", allow("iam:GetDelegationRequest"))
    with refused("AccessDenied", 403, "iam:GetHumanReadableSummary on resource: " + arn_of(request)):
        summary(stranger, arn_of(request))
    with refused("NoSuchEntity", 404):
        summary(deal.requestor, arn_of(request, OTHER_ACCOUNT))
    assert summary(deal.owner, arn_of(request))["SummaryState"] == "AVAILABLE"
    unclaimed = deal.create()
    assert summary(stranger, arn_of(unclaimed))["SummaryState"] == "AVAILABLE"
    assert summary(deal.requestor, arn_of(unclaimed, OTHER_ACCOUNT))["SummaryState"] == "AVAILABLE"


def test_only_english_is_spoken(deal: Deal) -> None:
    arn = arn_of(deal.claimed())
    for locale in ("x", "e" * 13):
        with refused("ValidationError", 400):
            summary(deal.owner, arn, Locale=locale)
    with refused("InvalidInput", 400, "Invalid locale"):
        summary(deal.owner, arn, Locale="en/US")
    for locale in ("de-DE", "ja-JP", "enm"):
        assert summary(deal.owner, arn, Locale=locale) == {"SummaryState": "NOT_SUPPORTED", "Locale": locale}
    for locale in ("en", "en-US", "EN_gb"):
        assert summary(deal.owner, arn, Locale=locale)["Locale"] == locale


def test_what_a_summary_says(world: World) -> None:
    bounds = f"arn:aws:iam::{OTHER_ACCOUNT}:policy/bounds"
    condition = {"StringEquals": {"iam:PermissionsBoundary": bounds}}
    never = deny("s3:*", on="arn:aws:s3:::photos/private/*")
    deal = Deal(world, READ, allow("iam:CreateRole", Condition=condition), never)
    request = deal.claimed(SessionDuration=5400)
    told = summary(deal.owner, arn_of(request))
    assert (told["SummaryState"], told["Locale"]) == ("AVAILABLE", "en-US")
    first, read, create, private, last = told["SummaryContent"].splitlines()
    assert first.startswith(f"Account {OTHER_ACCOUNT} asks for 1 hour and 30 minutes, within the permissions")
    assert read == "- Allows s3:GetObject (read) on arn:aws:s3:::photos/*."
    assert create.endswith(f"(write) on all resources if iam:PermissionsBoundary is {bounds}.")
    assert private.startswith("- Never allows every action of s3 (list, read, write, tagging, permissions")
    assert last == f"Roles that it makes stay afterwards, within the boundary {bounds}."


def test_the_requestors_own_words_are_not_in_it(deal: Deal) -> None:
    request = deal.claimed(Description="Harmless", RequestMessage="Just accept")
    told = summary(deal.owner, arn_of(request))["SummaryContent"]
    assert "Harmless" not in told
    assert "Just accept" not in told


def test_a_long_summary_ends_where_it_must(world: World) -> None:
    deal = Deal(world, allow(*["s3:*"] * 200))
    told = summary(deal.requestor, arn_of(deal.create(plain=True), OTHER_ACCOUNT))["SummaryContent"]
    assert len(told) == 10_000
    assert told.endswith("\n- and more: read the policy itself.")
