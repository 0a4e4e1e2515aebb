"""Every quota, held: as many as there may be are made, and one more is refused.

Each case sets one limit and gives calls, of which only the last is one too many.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields
from functools import partial
from typing import Any

import pytest

from rolekeeper.iam.limits import Limits
from tests import saml
from tests.certificates import Pair, openssh
from tests.client import LocalWorld, Person
from tests.people import allow, assume, policy, refused, role, trusting, user

Calls = list[Callable[[], Any]]

SMALL = json.dumps(json.loads(policy(allow("a:b"))), separators=(",", ":"))
TRUST = json.dumps(
    {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}},
    separators=(",", ":"),
)


def _larger(text: str) -> str:
    """A document of one character more; its white space does not count."""
    return text.replace('"Statement"', '"Id":"",\n "Statement"')


def _twice(call: Callable[..., Any], member: str, *values: Any, **more: Any) -> Calls:
    """The call with each of the values."""
    return [partial(call, **{member: value}, **more) for value in values]


def _of_account(operation: str, member: str, **more: Any) -> Callable[[Person], Calls]:
    return lambda root: _twice(getattr(root.iam, operation), member, "a", "b", **more)


def _attached(kind: str) -> Callable[[Person], Calls]:
    def calls(root: Person) -> Calls:
        more = {"AssumeRolePolicyDocument": TRUST} if kind == "role" else {}
        name = {f"{kind.title()}Name": "it"}
        getattr(root.iam, f"create_{kind}")(**name, **more)
        arns = [f"arn:aws:iam::aws:policy/{policy}" for policy in ("ReadOnlyAccess", "PowerUserAccess")]
        return _twice(getattr(root.iam, f"attach_{kind}_policy"), "PolicyArn", *arns, **name)

    return calls


def _inline(kind: str) -> Callable[[Person], Calls]:
    def calls(root: Person) -> Calls:
        more = {"AssumeRolePolicyDocument": TRUST} if kind == "role" else {}
        name = {f"{kind.title()}Name": "it"}
        getattr(root.iam, f"create_{kind}")(**name, **more)
        put = partial(getattr(root.iam, f"put_{kind}_policy"), PolicyName="own", **name)
        return _twice(put, "PolicyDocument", SMALL, _larger(SMALL))

    return calls


def _of_user(operation: str, member: str | None, *values: Any, **more: Any) -> Callable[[Person], Calls]:
    def calls(root: Person) -> Calls:
        root.iam.create_user(UserName="bob")
        call = partial(getattr(root.iam, operation), UserName="bob", **more)
        return [call, call] if member is None else _twice(call, member, *values)

    return calls


def _groups_of_a_user(root: Person) -> Calls:
    for name in "ab":
        root.iam.create_group(GroupName=name)
    return _of_user("add_user_to_group", "GroupName", "a", "b")(root)


def _devices_of_a_user(root: Person) -> Calls:
    codes = {"AuthenticationCode1": "123456", "AuthenticationCode2": "654321"}
    return _of_user("enable_mfa_device", "SerialNumber", "GAHT12345678", "GAHT12345679", **codes)(root)


def _versions(root: Person) -> Calls:
    arn = root.iam.create_policy(PolicyName="it", PolicyDocument=SMALL)["Policy"]["Arn"]
    more = partial(root.iam.create_policy_version, PolicyArn=arn, PolicyDocument=SMALL)
    return [more, more]


def _tags(root: Person) -> Calls:
    root.iam.create_user(UserName="bob")
    tagged = partial(root.iam.tag_user, UserName="bob")
    return _twice(tagged, "Tags", *([{"Key": key, "Value": ""}] for key in "aab"))


def _certificates(root: Person) -> Calls:
    pair = Pair("site.example")
    given = {"CertificateBody": pair.pem, "PrivateKey": pair.private()}
    return _twice(root.iam.upload_server_certificate, "ServerCertificateName", "a", "b", **given)


def _saml(root: Person) -> Calls:
    return _twice(root.iam.create_saml_provider, "Name", "a", "b", SAMLMetadataDocument=saml.metadata())


def _saml_keys(root: Person) -> Calls:
    made = root.iam.create_saml_provider(Name="a", SAMLMetadataDocument=saml.metadata())
    add = partial(root.iam.update_saml_provider, SAMLProviderArn=made["SAMLProviderArn"])
    return [partial(add, AddPrivateKey=saml.private_key()) for _ in range(2)]


def _oidc(member: str, *values: list[str]) -> Callable[[Person], Calls]:
    def calls(root: Person) -> Calls:
        urls = (f"https://{number}.example" for number in range(2))
        create = root.iam.create_open_id_connect_provider
        return [partial(create, Url=url, **{member: value}) for url, value in zip(urls, values, strict=True)]

    return calls


def _oidc_providers(root: Person) -> Calls:
    return _twice(root.iam.create_open_id_connect_provider, "Url", "https://a.example", "https://b.example")


def _roles_of_a_profile(root: Person) -> Calls:
    root.iam.create_instance_profile(InstanceProfileName="box")
    for name in "ab":
        role(root, name, root.account)
    return _twice(root.iam.add_role_to_instance_profile, "RoleName", "a", "b", InstanceProfileName="box")


def _sizes(operation: str, name: str, member: str, small: str) -> Callable[[Person], Calls]:
    def calls(root: Person) -> Calls:
        call = getattr(root.iam, operation)
        return [
            partial(call, **{name: "a", member: small}),
            partial(call, **{name: "b", member: _larger(small)}),
        ]

    return calls


def _sessions(**terms: list[Any]) -> Callable[[Person], Calls]:
    def calls(root: Person) -> Calls:
        bob = user(root, "bob", allow("sts:*"))
        arn = role(root, "dev", trusting(root.account, ["sts:AssumeRole", "sts:TagSession"]))
        return [
            partial(assume, bob, arn, **{name: value}) for name, values in terms.items() for value in values
        ]

    return calls


_PAIRS = Pair("a.example"), Pair("b.example")
_ARNS = [{"arn": f"arn:aws:iam::aws:policy/{name}"} for name in ("ReadOnlyAccess", "PowerUserAccess")]

CASES: dict[str, tuple[int, Callable[[Person], Calls]]] = {
    "users": (1, _of_account("create_user", "UserName")),
    "roles": (1, _of_account("create_role", "RoleName", AssumeRolePolicyDocument=TRUST)),
    "groups": (1, _of_account("create_group", "GroupName")),
    "policies": (1, _of_account("create_policy", "PolicyName", PolicyDocument=SMALL)),
    "instance_profiles": (1, _of_account("create_instance_profile", "InstanceProfileName")),
    "server_certificates": (1, _certificates),
    "policies_per_role": (1, _attached("role")),
    "policies_per_user": (1, _attached("user")),
    "policies_per_group": (1, _attached("group")),
    "trust_policy_size": (
        len(TRUST),
        _sizes("create_role", "RoleName", "AssumeRolePolicyDocument", TRUST),
    ),
    "oidc_providers": (1, _oidc_providers),
    "groups_per_user": (1, _groups_of_a_user),
    "access_keys_per_user": (1, _of_user("create_access_key", None)),
    "mfa_devices_per_user": (1, _devices_of_a_user),
    "ssh_public_keys_per_user": (
        1,
        _of_user("upload_ssh_public_key", "SSHPublicKeyBody", openssh(0), openssh(1)),
    ),
    "service_credentials_per_user": (
        1,
        _of_user("create_service_specific_credential", None, ServiceName="codecommit.amazonaws.com"),
    ),
    "versions_per_policy": (2, _versions),
    "signing_certificates_per_user": (
        1,
        _of_user("upload_signing_certificate", "CertificateBody", *(pair.pem for pair in _PAIRS)),
    ),
    "tags": (1, _tags),
    "saml_providers": (1, _saml),
    "private_keys_per_saml_provider": (1, _saml_keys),
    "client_ids_per_oidc_provider": (1, _oidc("ClientIDList", ["a"], ["a", "b"])),
    "thumbprints_per_oidc_provider": (1, _oidc("ThumbprintList", ["a" * 40], ["a" * 40, "b" * 40])),
    "roles_per_instance_profile": (1, _roles_of_a_profile),
    "policy_size": (len(SMALL), _sizes("create_policy", "PolicyName", "PolicyDocument", SMALL)),
    "user_inline_size": (len(SMALL), _inline("user")),
    "role_inline_size": (len(SMALL), _inline("role")),
    "group_inline_size": (len(SMALL), _inline("group")),
    "session_policy_size": (len(SMALL), _sessions(Policy=[SMALL, _larger(SMALL)])),
    "session_policy_arns": (1, _sessions(PolicyArns=[_ARNS[:1], _ARNS])),
    "packed_size": (100, _sessions(Tags=[[{"Key": "a", "Value": "b"}], [{"Key": "a", "Value": "b" * 200}]])),
}
REFUSALS = {
    "thumbprints_per_oidc_provider": ("InvalidInput", 400),
    "session_policy_size": ("PackedPolicyTooLarge", 400),
    "session_policy_arns": ("ValidationError", 400),
    "packed_size": ("PackedPolicyTooLarge", 400),
}


def test_session_policies_of_both_kinds_are_long_together(world_with: Callable[..., LocalWorld]) -> None:
    root = world_with(limits={"session_policy_size": len(SMALL) + len(_ARNS[0]["arn"])}).root
    bob = user(root, "bob", allow("sts:*"))
    arn = role(root, "dev", root.account)
    assume(bob, arn, Policy=SMALL, PolicyArns=_ARNS[:1])
    with refused("PackedPolicyTooLarge", 400, "Session policies are over the limit"):
        assume(bob, arn, Policy=_larger(SMALL), PolicyArns=_ARNS[:1])


OF_ORGANIZATIONS = {
    "organization_accounts",
    "organizational_units",
    "rcps_per_target",
    "resource_control_policies",
    "scps_per_target",
    "service_control_policies",
    "unit_depth",
}
"""Held by the tests of the operations of organizations."""

OF_ROLES_ANYWHERE = {"anywhere_profiles", "crls_per_trust_anchor", "trust_anchors"}
"""Held by the tests of the operations of IAM Roles Anywhere."""


def test_every_limit_has_its_case() -> None:
    elsewhere = OF_ORGANIZATIONS | OF_ROLES_ANYWHERE
    assert list(CASES) and set(CASES) | elsewhere == {each.name for each in fields(Limits)}


@pytest.mark.parametrize("name", CASES)
def test_one_more_is_refused(world_with: Callable[..., LocalWorld], name: str) -> None:
    limit, calls = CASES[name]
    *fitting, too_much = calls(world_with(limits={name: limit}).root)
    for call in fitting:
        call()
    with refused(*REFUSALS.get(name, ("LimitExceeded", 409))):
        too_much()
