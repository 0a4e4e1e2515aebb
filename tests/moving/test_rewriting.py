from __future__ import annotations

import json
from typing import Any

from rolekeeper.moving.form import Page, text_of
from rolekeeper.moving.rewriting import rewritten
from tests.client import ACCOUNT, OTHER_ACCOUNT
from tests.moving.dumps import arn, attached, bounded, encoded, managed, page, read, role, user


def _rewritten(**things: Any) -> Page:
    return rewritten(read(page(**things)).page, ACCOUNT, OTHER_ACCOUNT)


def test_names_and_what_refers_to_them() -> None:
    own = arn("policy", "p")
    found = _rewritten(users=[user("bob", **attached(own), **bounded(own))], policies=[managed("p")])
    (bob,) = found.user_detail_list
    new = arn("policy", "p", account=OTHER_ACCOUNT)
    assert bob.arn == arn("user", "bob", account=OTHER_ACCOUNT)
    assert bob.attached_managed_policies[0].policy_arn == found.policies[0].arn == new
    assert bob.permissions_boundary is not None
    assert bob.permissions_boundary.permissions_boundary_arn == new


def test_the_account_in_documents_and_nothing_else() -> None:
    trust = {
        "AWS": [ACCOUNT, arn("root", "", ""), f"arn:aws:sts::{ACCOUNT}:assumed-role/r/s", arn("user", "x")],
        "Bucket": f"arn:aws:s3:::bucket-{ACCOUNT}",
        "Queue": f"arn:aws:sqs:eu-west-1:{ACCOUNT}:queue-{ACCOUNT}",
        "Other": arn("user", "x", account="333333333333"),
        "Text": f"of {ACCOUNT}",
    }
    expected = {
        "AWS": [
            OTHER_ACCOUNT,
            arn("root", "", "", OTHER_ACCOUNT),
            f"arn:aws:sts::{OTHER_ACCOUNT}:assumed-role/r/s",
            arn("user", "x", account=OTHER_ACCOUNT),
        ],
        "Bucket": trust["Bucket"],
        "Queue": f"arn:aws:sqs:eu-west-1:{OTHER_ACCOUNT}:queue-{ACCOUNT}",
        "Other": trust["Other"],
        "Text": trust["Text"],
    }
    for written in (trust, encoded(trust), json.dumps(trust)):
        (found,) = _rewritten(roles=[role("r", written)]).role_detail_list
        assert json.loads(text_of(found.assume_role_policy_document)) == expected


def test_what_is_no_json_stays_as_it_is() -> None:
    (found,) = _rewritten(roles=[role("r", f"{{ {ACCOUNT}")]).role_detail_list
    assert text_of(found.assume_role_policy_document) == f"{{ {ACCOUNT}"
