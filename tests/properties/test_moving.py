"""For any account: exported and imported elsewhere it is the same account, and a second time no change."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.client import OTHER_ACCOUNT, LocalWorld
from tests.moving.dumps import arn, attached, bounded, bring, export, group, inline, managed, page, role, user

TEXT = st.text(st.characters(codec="utf-8", categories=("L", "N", "Zs"), max_codepoint=0x24F), max_size=12)
NAMES = st.lists(st.sampled_from(["a", "B", "c+d", "e=f@g", "H_.-,"]), unique=True)
PATHS = st.sampled_from(["/", "/x/", "/X/y/"])
TAGS = st.dictionaries(st.sampled_from(["k", "K2", "team:x"]), TEXT, max_size=3).map(
    lambda tags: {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]} if tags else {}
)
ACTIONS = st.lists(st.sampled_from(["s3:*", "iam:Get*", "sts:AssumeRole"]), min_size=1, unique=True)
CONDITION = st.fixed_dictionaries({"StringLike": st.fixed_dictionaries({"aws:userid": TEXT})})
STATEMENTS = st.fixed_dictionaries(
    {"Effect": st.sampled_from(["Allow", "Deny"]), "Action": ACTIONS, "Resource": st.just("*")},
    optional={"Condition": CONDITION},
)
DOCUMENTS = st.lists(STATEMENTS, min_size=1, max_size=2).map(
    lambda statements: {"Version": "2012-10-17", "Statement": statements}
)
POLICIES = ("arn:aws:iam::aws:policy/ReadOnlyAccess", arn("policy", "p", "/x/"), arn("policy", "q", "/x/"))
ATTACHED = st.lists(st.sampled_from(POLICIES), unique=True).map(lambda arns: attached(*arns))
BOUNDED = st.sampled_from([None, *POLICIES]).map(lambda one: bounded(one) if one else {})

LENGTHS = st.sampled_from([3600, 7200])


def _inline(noun: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(["one", "two"]), DOCUMENTS).map(lambda all: inline(noun, **all))


def _trust(principals: list[str]) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": principals}}
    return {"Version": "2012-10-17", "Statement": [statement]}


@st.composite
def _accounts(draw: st.DrawFn) -> dict[str, Any]:
    groups = [group(name, **draw(_inline("Group")), **draw(ATTACHED)) for name in draw(NAMES)]
    members = st.lists(st.sampled_from([one["GroupName"] for one in groups] or ["none"]), unique=True)
    users = [
        user(name, path=draw(PATHS), GroupList=draw(members) if groups else [])
        | draw(TAGS) | draw(BOUNDED) | draw(_inline("User")) | draw(ATTACHED)
        for name in draw(NAMES)
    ]  # fmt: skip
    places = [(name, draw(PATHS)) for name in draw(NAMES)]
    trusted = [one["Arn"] for one in users] + [arn("role", *place) for place in places]
    principals = st.lists(st.sampled_from([*trusted, arn("root", "", "")]), min_size=1, unique=True)
    roles = [
        role(name, _trust(draw(principals)), path=path, MaxSessionDuration=draw(LENGTHS))
        | draw(TAGS) | draw(BOUNDED) | draw(_inline("Role")) | draw(ATTACHED)
        for name, path in places
    ]  # fmt: skip
    policies = [
        managed(name, *draw(st.lists(DOCUMENTS, min_size=1, max_size=5)))
        | {"Path": "/x/", "Arn": arn("policy", name, "/x/"), "Description": draw(TEXT)} | draw(TAGS)
        for name in ("p", "q")
    ]  # fmt: skip
    return page(users=users, groups=groups, roles=roles, policies=policies)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(_accounts())
def test_an_account_is_the_same_elsewhere(account: dict[str, Any]) -> None:
    with closing(LocalWorld()) as first, closing(LocalWorld()) as second:
        report = bring(first, account)
        assert (report.losses, report.strangers) == ([], [])
        written = export(first)
        assert bring(second, written).losses == []
        assert export(second) == written
        assert bring(first, account).changes == bring(second, written).changes == 0
        assert bring(second, written, account=OTHER_ACCOUNT).losses == []
