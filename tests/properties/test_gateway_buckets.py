"""Whatever a bucket's policy, blocks and ACLs are: the one policy that they become says what S3's rules say.

The rules are told here once more, as who must agree; `gateway.bucket_access` has them as statements.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from rolekeeper.gateway import acls
from rolekeeper.gateway.canonical_ids import id_of
from rolekeeper.iam.buckets import ASPECTS, Bucket, Grant, OwnObject, PublicAccess
from rolekeeper.policy.authorize import authorize
from rolekeeper.policy.context import Anonymous, IamUser, Principal, RequestContext
from rolekeeper.policy.decision import PolicyLayers
from rolekeeper.policy.document import parse_document
from tests.client import ACCOUNT, OTHER_ACCOUNT, LocalWorld
from tests.gateway.behind import NOW, S3, asked
from tests.people import allow, policy
from tests.properties.test_policy import examples

ARN, THIRD = "arn:aws:s3:::photos/cat", "333333333333"
PEOPLE = [ACCOUNT, OTHER_ACCOUNT, THIRD, None]
ACTIONS = ["s3:GetObject", "s3:GetObjectAcl", "s3:PutObjectAcl", "s3:PutObject", "s3:DeleteObject"]
GRANTED = {"s3:GetObject": "READ", "s3:GetObjectAcl": "READ_ACP", "s3:PutObjectAcl": "WRITE_ACP"}

statements = st.lists(
    st.tuples(
        st.sampled_from(["Allow", "Allow", "Deny"]),
        st.sampled_from([ACCOUNT, OTHER_ACCOUNT, THIRD, "*"]),
        st.sampled_from([*ACTIONS, "s3:*"]),
    ),
    max_size=3,
)
grants = st.lists(
    st.tuples(
        st.sampled_from([ACCOUNT, OTHER_ACCOUNT, acls.EVERYBODY, acls.AUTHENTICATED]),
        st.sampled_from(["READ", "READ_ACP", "WRITE_ACP", "FULL_CONTROL"]),
    ),
    max_size=3,
)
cases = st.fixed_dictionaries(
    {
        "statements": statements,
        "grants": grants,
        "acls": st.booleans(),
        "owner": st.sampled_from([ACCOUNT, OTHER_ACCOUNT]),
        "ignore": st.booleans(),
        "restrict": st.booleans(),
        "caller": st.sampled_from(PEOPLE),
        "action": st.sampled_from(ACTIONS),
        "identity": st.booleans(),
    }
)


@pytest.fixture(scope="module")
def s3() -> Iterator[S3]:
    world = LocalWorld()
    found = S3(world)
    found.call(world.root, "CreateBucket", Bucket="photos")
    yield found
    world.close()


@examples(300)
@given(case=cases)
def test_it_is_what_the_rules_say(s3: S3, case: dict[str, Any]) -> None:
    arrange(s3, case)
    text = s3.of(asked("s3", "GetObject"), case["action"], ARN, "object")
    layers = PolicyLayers(
        identity=(parse_document(policy(allow("s3:*"))),) if case["identity"] and case["caller"] else (),
        resource=parse_document(text.policy) if text.policy is not None else None,
    )
    context = RequestContext(
        principal=principal(case["caller"]),
        action=case["action"],
        resource=ARN,
        resource_account=text.account,
    )
    allowed = authorize(context, layers).allowed
    event(f"allowed: {allowed}")
    assert allowed is expected(case)


def arrange(s3: S3, case: dict[str, Any]) -> None:
    """Let the bucket and the object in it be like that."""
    told = [
        {"Effect": effect, "Principal": _named(who), "Action": action, "Resource": ARN}
        for effect, who, action in case["statements"]
    ]
    with s3.world.server.store.write() as tx:
        state = tx.account(ACCOUNT)
        listed = tuple(
            Grant(grantee=who if who.startswith("http") else id_of(tx, who), permission=permission)
            for who, permission in case["grants"]
        )
        bucket = Bucket(
            account=ACCOUNT,
            partition="aws",
            name="photos",
            created=NOW,
            told=ASPECTS,
            policy=policy(*told) if told else None,
            ownership="ObjectWriter" if case["acls"] else "BucketOwnerEnforced",
            public_access=PublicAccess(ignore_acls=case["ignore"], restrict=case["restrict"]),
            objects=True,
        )
        state.collection(Bucket).put(bucket)
        own = OwnObject(account=ACCOUNT, bucket="photos", name="cat", owner=case["owner"], grants=listed)
        objects = state.collection(OwnObject)
        (objects.add if objects.find(own.key) is None else objects.put)(own)


def _named(who: str) -> Any:
    return who if who == "*" else {"AWS": who}


def principal(account: str | None) -> Principal:
    if account is None:
        return Anonymous()
    return IamUser(arn=f"arn:aws:iam::{account}:user/somebody", user_id="AIDA1")


def expected(case: dict[str, Any]) -> bool:
    """Who has to agree, and who does."""
    caller, action = case["caller"], case["action"]
    of_policy = [
        (effect, who)
        for effect, who, named in case["statements"]
        if named in (action, "s3:*") and who in ("*", caller)
    ]
    if any(effect == "Deny" for effect, _ in of_policy):
        return False
    public = any(effect == "Allow" and who == "*" for effect, who, _ in case["statements"])
    if case["restrict"] and public and caller != ACCOUNT:
        return False
    theirs = case["owner"] != ACCOUNT and case["acls"] and action in GRANTED
    owner = case["owner"] if theirs else ACCOUNT
    agreeing = set(granted(case))
    if not theirs:
        agreeing |= {who for effect, who in of_policy if effect == "Allow"}
    if caller is None:
        return "*" in agreeing
    if caller == owner:
        return case["identity"] or "*" in agreeing
    return case["identity"] and bool(agreeing)


def granted(case: dict[str, Any]) -> Iterator[str]:
    """By which of its grants an ACL lets the caller do it: for its account, or for everybody."""
    for who, permission in case["grants"] if case["acls"] and case["action"] in GRANTED else ():
        if permission not in ("FULL_CONTROL", GRANTED[case["action"]]):
            continue
        known = who == acls.AUTHENTICATED and case["caller"] is not None
        if (who == acls.EVERYBODY or known) and not case["ignore"]:
            yield "*"
        elif who == case["caller"]:
            yield who


def test_the_policy_is_json_of_this_version(s3: S3) -> None:
    case: dict[str, Any] = {
        "statements": [("Allow", "*", "s3:GetObject")],
        "grants": [(acls.EVERYBODY, "READ")],
        "acls": True,
        "owner": OTHER_ACCOUNT,
        "ignore": False,
        "restrict": True,
    }
    arrange(s3, case)
    text = s3.of(asked("s3", "GetObject"), "s3:GetObject", ARN, "object").policy
    effects = [each["Effect"] for each in json.loads(text or "")["Statement"]]
    assert effects == ["Deny", "Allow"]
