from __future__ import annotations

import json

import pytest

from rolekeeper.moving.dump import DumpError, read_dump, read_page
from rolekeeper.moving.form import text_of
from tests.client import ACCOUNT, OTHER_ACCOUNT
from tests.moving.dumps import ALLOWING, encoded, inline, managed, page, read, role, user

ONE = json.dumps(page(users=[user("bob")]), indent=4)


def _refused(*contents: str | bytes) -> str:
    files = [("dump.json", one.encode() if isinstance(one, str) else one) for one in contents]
    with pytest.raises(DumpError) as caught:
        read_dump(files)
    return str(caught.value)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "dump.json: there is nothing in it"),
        (" \n", "dump.json: there is nothing in it"),
        ("[]", "dump.json: there is nothing in it"),
        ("3", "dump.json: Expected `object | array`, got `int`"),
        ("{}", "no authorization details: page 0 has none of UserDetailList"),
        ('{"Roles": []}', "no authorization details"),
        ('{"UserDetailList": {}}', "Expected `array`, got `object` - at `$.UserDetailList`"),
        ('{"UserDetailList": [{}]}', "missing required field `UserName` - at `$.UserDetailList[0]`"),
        (ONE.replace('"bob"', "1", 1), "Expected `str`, got `int` - at `$.UserDetailList[0].UserName`"),
        (ONE.replace("2020-01-02", "yesterday"), "at `$.UserDetailList[0].CreateDate`"),
        (ONE[:-40], "dump.json: no JSON: Input data was truncated"),
        (ONE.replace(",", ";", 1), "no JSON: JSON is malformed"),
        (ONE + "]", "no JSON"),
        (b'\xff{"UserDetailList": []}', "no JSON"),
        (b"\xff\xfe{", "not utf-16 text"),
    ],
)
def test_what_is_no_dump(content: str | bytes, complaint: str) -> None:
    assert complaint in _refused(content)


def test_the_line_of_what_is_no_json() -> None:
    lines = ONE.splitlines()
    lines[3] = "oops"
    assert "(line 4, byte" in _refused("\n".join(lines))
    assert "(line 5, byte" in _refused('{"Policies": []}\n' + "\n".join(lines))


@pytest.mark.parametrize("document", [None, 3, [], True, "%ff"])
def test_the_place_of_what_is_no_document(document: object) -> None:
    given = page(users=[user("ann"), user("bob", **inline("User", own=document))])
    assert "at `$.UserDetailList[1].UserPolicyList[0].PolicyDocument`" in _refused(json.dumps(given))


def test_the_place_in_a_role_and_in_a_policy() -> None:
    assert "`$.RoleDetailList[0].AssumeRolePolicyDocument`" in _refused(
        json.dumps(page(roles=[role("r", 3)]))
    )
    assert "`$.Policies[0].PolicyVersionList[1].Document`" in _refused(
        json.dumps(page(policies=[managed("p", ALLOWING, 3)]))
    )


@pytest.mark.parametrize("arn", ["", "bob", "arn:aws:s3:::bob", "arn:aws:iam::1234:user/bob"])
def test_something_without_an_arn(arn: str) -> None:
    assert "ot an ARN" in _refused(json.dumps(page(users=[user("bob", Arn=arn)])))


def test_two_accounts_at_once() -> None:
    given = page(users=[user("ann"), user("bob", account=OTHER_ACCOUNT)])
    assert f"{ACCOUNT}, {OTHER_ACCOUNT}" in _refused(json.dumps(given))


@pytest.mark.parametrize("hostile", ["[" * 1_000_000, '{"a":' * 500_000, '"' * 1_000_000, '"\\' * 500_000])
def test_what_is_deep_or_never_ends(hostile: str) -> None:
    assert _refused(hostile)
    assert _refused('{"Policies": [], "x": ' + hostile)


@pytest.mark.parametrize(
    "written",
    [
        ONE,
        "\ufeff" + ONE,
        ONE.encode("utf-16"),
        f"[{ONE}]",
        f"{ONE}{json.dumps(page())}",
        f"{json.dumps(page())}\n{ONE}\n",
        f"[{json.dumps(page())}, {ONE}]",
    ],
)
def test_one_document_or_several(written: str | bytes) -> None:
    dump = read_dump([("dump.json", written if isinstance(written, bytes) else written.encode())])
    assert [one.user_name for one in dump.page.user_detail_list] == ["bob"]
    assert (dump.account, dump.partition) == (ACCOUNT, "aws")


def test_several_files_are_one_dump() -> None:
    dump = read(page(users=[user("ann")]), page(users=[user("bob")]))
    assert [one.user_name for one in dump.page.user_detail_list] == ["ann", "bob"]


def test_only_a_part_of_the_lists() -> None:
    assert read({"RoleDetailList": [role("r")]}).account == ACCOUNT
    assert read(page()).account is None


def test_a_document_is_an_object_or_a_text() -> None:
    compact = json.dumps(ALLOWING, separators=(",", ":"))
    given = inline("User", a=ALLOWING, b=encoded(ALLOWING), c=json.dumps(ALLOWING))
    policies = read(page(users=[user("bob", **given)])).page.user_detail_list[0].user_policy_list
    first, *others = (text_of(one.policy_document) for one in policies)
    assert first == compact
    assert others == [json.dumps(ALLOWING)] * 2


def test_a_number_keeps_its_spelling() -> None:
    text = json.dumps(page(roles=[role("r", {"n": 1})])).replace('"n": 1', '"n": 1e999')
    (one,) = read_page(text.encode()).role_detail_list
    assert text_of(one.assume_role_policy_document) == '{"n":1e999}'
