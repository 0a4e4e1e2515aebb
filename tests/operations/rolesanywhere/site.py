"""An account with a trust anchor, a profile and a role, and machines that come to it."""

from __future__ import annotations

import json
from typing import Any

from rolekeeper.wire.http import HttpRequest
from tests.anywhere import Machine, authority, session_request
from tests.client import LocalWorld, Person
from tests.people import Statement, allow, policy, role, trusting

SERVICE = {"Service": "rolesanywhere.amazonaws.com"}
ACTIONS = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]
ROOT = authority("root")
STATUSES = {"ResourceNotFoundException": 404, "ValidationException": 400, "IncompleteSignatureException": 400}


class Site:
    """One account that lets machines in."""

    def __init__(self, world: LocalWorld, *, condition: dict[str, Any] | None = None, **profile: Any) -> None:
        self.world = world
        self.root: Person = world.root
        self.client = client(self.root)
        self.role = role(self.root, "app", self.trust(condition), allow("iam:GetRole"))
        self.anchor = self.add_anchor(ROOT)
        made = self.client.create_profile(name="machines", roleArns=[self.role], enabled=True, **profile)
        self.profile = made["profile"]

    def trust(self, condition: dict[str, Any] | None = None, actions: list[str] | None = None) -> Statement:
        more = {"Condition": condition} if condition else {}
        return trusting(SERVICE, actions or ACTIONS, **more)

    def retrust(self, *statements: Statement) -> None:
        self.root.iam.update_assume_role_policy(RoleName="app", PolicyDocument=policy(*statements))

    def add_anchor(self, *authorities: Machine, **more: Any) -> dict[str, Any]:
        source = bundle(*authorities)
        more = {"name": "anchor", "enabled": True} | more
        anchor: dict[str, Any] = self.client.create_trust_anchor(source=source, **more)["trustAnchor"]
        return anchor

    def query(self, **changes: str) -> dict[str, str]:
        own = {
            "profileArn": self.profile["profileArn"],
            "roleArn": self.role,
            "trustAnchorArn": self.anchor["trustAnchorArn"],
        }
        return own | changes

    def ask(
        self, machine: Machine, body: dict[str, Any] | None = None, **how: Any
    ) -> tuple[int, dict[str, Any]]:
        """What a machine is answered: the status, and the JSON."""
        return self.send(session_request(machine, how.pop("query", self.query()), body, **how))

    def send(self, request: HttpRequest) -> tuple[int, dict[str, Any]]:
        answer = self.world.server.dispatch(request)
        return answer.status, json.loads(answer.body)

    def session(self, machine: Machine, body: dict[str, Any] | None = None, **how: Any) -> dict[str, Any]:
        """The credential set of a machine that is let in."""
        status, answer = self.ask(machine, body, **how)
        assert status == 201, answer
        found: dict[str, Any] = answer["credentialSet"][0]
        return found

    def person(self, machine: Machine, **how: Any) -> Person:
        """A machine as its role."""
        keys = self.session(machine, **how)["credentials"]
        return Person(self.world, keys["accessKeyId"], keys["secretAccessKey"], keys["sessionToken"])

    def refused(self, machine: Machine, why: str, code: str = "AccessDeniedException", **how: Any) -> None:
        """The machine is refused, with this in the text."""
        wanted = STATUSES.get(code, 403)
        request = session_request(machine, how.pop("query", self.query()), how.pop("body", None), **how)
        answer = self.world.server.dispatch(request)
        found = dict(answer.headers).get("x-amzn-errortype")
        assert (answer.status, found) == (wanted, code), answer.body
        assert why in json.loads(answer.body)["message"]


def client(person: Person) -> Any:
    """The SDK's client of somebody."""
    return person._client("rolesanywhere")


def bundle(*authorities: Machine) -> dict[str, Any]:
    """The source of a trust anchor."""
    pem = "".join(each.pem for each in authorities)
    return {"sourceType": "CERTIFICATE_BUNDLE", "sourceData": {"x509CertificateData": pem}}
