"""Differences from AWS that no other test shows: docs/divergences.md names each of them."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from rolekeeper import Decision, PolicyLayers, RequestContext, authorize, explain
from rolekeeper.policy.validate import PolicyKind, validate
from tests.client import Person
from tests.people import allow, policy, role, user

ANA = "arn:aws:iam::123456789012:user/ana"
FULL = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}


def test_the_packed_size_is_that_of_our_own_form(root: Person) -> None:
    alice = user(root, "alice", allow("sts:*"))
    arn = role(root, "dev", root.account)

    def packed(text: str) -> int:
        return alice.sts.assume_role(RoleArn=arn, RoleSessionName="first", Policy=text)["PackedPolicySize"]

    short, long = policy(allow("*")), policy(allow(*["iam:GetRole"] * 50))
    assert packed(short) == -(-100 * (len(short) + 5) // 4096)
    assert packed(long) == -(-100 * (len(long) + 6) // 4096)


def test_what_is_made_again_can_be_changed_at_once(root: Person) -> None:
    for _ in range(2):
        root.iam.create_user(UserName="bob")
        root.iam.create_login_profile(UserName="bob", Password="Passw0rd-1")
        root.iam.update_login_profile(UserName="bob", Password="Passw0rd-2")
        root.iam.delete_login_profile(UserName="bob")
        root.iam.update_user(UserName="bob", NewPath="/other/")
        root.iam.delete_user(UserName="bob")


def test_changes_at_the_same_time_are_all_made(root: Person) -> None:
    root.iam.create_user(UserName="bob")
    tags = [{"Key": str(number), "Value": "x"} for number in range(20)]
    with ThreadPoolExecutor(4) as together:
        for _ in together.map(lambda tag: root.iam.tag_user(UserName="bob", Tags=[tag]), tags):
            pass
    assert sorted(root.iam.list_user_tags(UserName="bob")["Tags"], key=lambda tag: int(tag["Key"])) == tags


# -- the policy language: where AWS says nothing, or has more to go by ------------------------------


def decide(policies: dict[str, Any], principal: str = ANA, **request: Any) -> Decision:
    asked = {"action": "s3:GetObject", "resource": "arn:aws:s3:::bucket/key", **request}
    context = RequestContext.from_json({"principal": principal, **asked})
    layers = PolicyLayers.from_json(policies)
    decision = authorize(context, layers)
    assert explain(context, layers).decision == decision
    return decision


def one(effect: str = "Allow", **elements: Any) -> dict[str, Any]:
    statement = {"Effect": effect, "Action": "*", "Resource": "*", **elements}
    return {"Version": "2012-10-17", "Statement": statement}


def holds(condition: dict[str, Any], **context: Any) -> bool:
    keys = {f"aws:{name}": value for name, value in context.items()}
    return decide({"identity": [one(Condition=condition)]}, context=keys).allowed


def test_everyone_is_named_directly_without_a_condition_too() -> None:
    guards = {"boundary": [one(Action="ec2:*")], "session": [one(Action="ec2:*")]}
    assert decide({"resource": one(Principal="*"), **guards}).layer == "resource"
    assert decide({"resource": one(Principal={"AWS": "123456789012"}), **guards}).layer == "boundary"


def test_an_organizations_policies_bear_on_whomever_they_are_given_for() -> None:
    scp, rcp = [[one("Deny", Action="s3:*")]], [[one("Deny", Principal="*", Action="s3:*")]]
    assert decide({"identity": [FULL], "scp": scp}).layer == "scp"
    assert decide({"identity": [FULL], "rcp": rcp}).layer == "rcp"
    assert decide({"identity": [FULL]}).allowed


def test_the_first_of_several_silent_policies_is_named() -> None:
    silent = one(Action="ec2:*")
    guards = {"scp": [[silent]], "vpc_endpoint": [one(Action="ec2:*", Principal="*")], "boundary": [silent]}
    everything = {**guards, "session": [silent], "identity": []}
    named = []
    for layer in ("scp", "vpc_endpoint", "boundary", "session", "identity"):
        named.append(decide(everything).layer == layer)
        del everything[layer]
    assert named == [True] * 5


def test_a_session_is_of_the_role_without_a_path_unless_the_request_says() -> None:
    session = "arn:aws:sts::123456789012:assumed-role/app/first"
    named = {"resource": one(Principal={"AWS": "arn:aws:iam::123456789012:role/team/app"})}
    assert not decide(named, session).allowed
    told = {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/team/app"}
    assert decide(named, session, context=told).allowed


def test_a_canonical_user_names_nobody() -> None:
    canonical = {"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}
    assert not decide({"resource": one(Principal=canonical)}).allowed
    assert decide({"resource": one(Principal={"AWS": ANA})}).allowed


def test_what_only_the_writing_takes_for_a_date_never_matches() -> None:
    loose, whole = "2024T10:00Z", "2024-01-01T10:00Z"
    for date, expected in ((loose, False), (whole, True)):
        condition = {"DateNotEquals": {"aws:CurrentTime": date}}
        validate(json.dumps(one(Condition=condition)), PolicyKind.IDENTITY)
        assert holds(condition, CurrentTime="2030-01-01T00:00:00Z") is expected


def test_a_year_alone_is_a_number_of_seconds() -> None:
    assert holds({"DateEquals": {"aws:CurrentTime": "2024"}}, CurrentTime="1970-01-01T00:33:44Z")
    assert not holds({"DateEquals": {"aws:CurrentTime": "2024"}}, CurrentTime="2024-01-01T00:00:00Z")


def test_no_arn_lists_all_buckets() -> None:
    for resource, expected in (("arn:aws:s3:::*", False), ("*", True)):
        identity = [one(Action="s3:ListAllMyBuckets", Resource=resource)]
        asked = {"action": "s3:ListAllMyBuckets", "resource": "*"}
        assert decide({"identity": identity}, **asked).allowed is expected
