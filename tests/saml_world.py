"""A server with a SAML provider and a role that trusts it, and the way in."""

from __future__ import annotations

from typing import Any

from tests import saml, saml_idp
from tests.client import LocalWorld, Person
from tests.people import Statement, allow, policy, role, trusting
from tests.saml_idp import ENDPOINT, PROVIDER, ROLE, key, signed

TRUSTED = {"StringEquals": {"SAML:aud": ENDPOINT}}
ACTIONS = ["sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity"]


def with_provider(world: LocalWorld) -> LocalWorld:
    """The server, with the provider and the role."""
    world.root.iam.create_saml_provider(
        SAMLMetadataDocument=saml.metadata(keys=key().descriptor), Name="corporate"
    )
    role(world.root, "app", trust(ACTIONS, TRUSTED), allow("iam:GetRole"))
    return world


def trust(actions: list[str], condition: dict[str, Any]) -> Statement:
    """A statement that trusts the provider."""
    return trusting({"Federated": PROVIDER}, actions, Condition=condition)


def trust_where(world: LocalWorld, condition: dict[str, Any], actions: list[str] | None = None) -> None:
    """Let the role trust those whom the provider vouches for, where the condition is met."""
    document = policy(trust(ACTIONS if actions is None else actions, condition))
    world.root.iam.update_assume_role_policy(RoleName="app", PolicyDocument=document)


def trust_all(world: LocalWorld) -> None:
    """Let the role trust all whom the provider vouches for."""
    trust_where(world, {"StringLike": {"saml:sub": "*"}})


def federate(world: LocalWorld, document: Any, **more: Any) -> dict[str, Any]:
    """The answer to who brings a response and nothing else."""
    return post(world, saml_idp.encode(document), **more)


def post(world: LocalWorld, text: str, **more: Any) -> dict[str, Any]:
    """The same, for a response that is encoded, or is none."""
    given = {"RoleArn": ROLE, "PrincipalArn": PROVIDER, "SAMLAssertion": text} | more
    answer: dict[str, Any] = Person(world, "", "").unsigned_sts.assume_role_with_saml(**given)
    return answer


def saying(**values: list[str] | None) -> Any:
    """A response with attributes of AWS's in place of the usual ones, or besides."""
    return signed(values=saml_idp.usual_attributes(**values))
