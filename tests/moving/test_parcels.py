from __future__ import annotations

from itertools import chain

from rolekeeper.moving.dump import details
from rolekeeper.moving.form import kind_and_name
from rolekeeper.moving.parcels import MOST, SIZE, only_roles, parcels, too_large
from tests.moving.dumps import ALLOWING, arn, attached, group, inline, managed, page, read, role, user

DENYING = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}


def test_what_others_refer_to_comes_first() -> None:
    whole = page(roles=[role("r")], users=[user("u")], groups=[group("g")], policies=[managed("p")])
    found = [kind_and_name(one) for parcel in parcels(read(whole).page) for one in details(parcel)]
    assert found == [("policy", "p"), ("group", "g"), ("user", "u"), ("role", "r")]


def test_a_page_is_small() -> None:
    big = inline("User", big={"x": "y" * (SIZE // 3)})
    users = [user(f"u{number}") for number in range(2 * MOST + 1)] + [user(f"b{n}", **big) for n in range(4)]
    found = [len(parcel.user_detail_list) for parcel in parcels(read(page(users=users)).page)]
    assert found == [MOST, MOST, 3, 2]


def test_aws_own_policies_are_not_sent() -> None:
    own = managed("p") | {"Arn": "arn:aws:iam::aws:policy/p"}
    assert list(parcels(read(page(policies=[own])).page)) == []


def test_which_policies_deny_is_told_with_those_who_have_them() -> None:
    policies = [managed("p", ALLOWING, DENYING, default="v2"), managed("q", DENYING, ALLOWING, default="v2")]
    aws = managed("a", DENYING) | {"Arn": "arn:aws:iam::aws:policy/a"}
    users = [user("u", **attached(arn("policy", "p"), arn("policy", "q"), aws["Arn"]))]
    found = parcels(read(page(users=users, roles=[role("r")], policies=[*policies, aws])).page)
    told = list(chain.from_iterable(parcel.denying for parcel in found))
    assert told == [arn("policy", "p"), aws["Arn"]]


def test_only_some_roles() -> None:
    whole = read(page(users=[user("u")], roles=[role("r"), role("s")])).page
    assert [kind_and_name(one) for one in details(only_roles(whole, {"s"}))] == [("role", "s")]


def test_what_no_server_takes_is_told() -> None:
    report = too_large(read(page(users=[user("u")])).page)
    assert (report.counts["user"].left_out, report.losses[0].name) == (1, "u")
