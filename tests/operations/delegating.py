"""A requestor in one account, and customers in another, for the tests of delegation requests."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

from tests.client import OTHER_ACCOUNT, Person, World
from tests.people import Statement, allow, managed, user

TOPIC = f"arn:aws:sns:us-east-1:{OTHER_ACCOUNT}:delegations"
READ = allow("s3:GetObject", on="arn:aws:s3:::@{BucketName}/*")
BUCKET = {"Name": "BucketName", "Values": ["photos"], "Type": "string"}
DAY = 86400

STATES = ("UNASSIGNED", "ASSIGNED", "PENDING_APPROVAL", "ACCEPTED", "REJECTED", "FINALIZED")
"""All states but EXPIRED, into which every one of them comes by itself."""


class Deal:
    """A requestor with a template, in the other account; in the first who claims, approves and sends."""

    def __init__(self, world: World, *statements: Statement) -> None:
        self.world = world
        self.requestor = world.other
        self.template = managed(world.other, "template", *(statements or (READ,)))
        self.owner = user(world.root, "olga")
        self.approver = user(world.root, "anna", allow("iam:*DelegationRequest*", "iam:SendDelegationToken"))
        self.sender = user(world.root, "sam", allow("iam:SendDelegationToken"))
        self._workflows: Iterator[int] = count()

    def terms(self, **more: Any) -> dict[str, Any]:
        """The arguments of a request that is right."""
        parameters = {} if more.pop("plain", False) else {"Parameters": [BUCKET]}
        return {
            "Description": "Set up the photo service",
            "Permissions": {"PolicyTemplateArn": self.template, **parameters},
            "RequestorWorkflowId": f"workflow-{next(self._workflows)}",
            "NotificationChannel": TOPIC,
            "SessionDuration": 3600,
            **more,
        }

    def create(self, **more: Any) -> str:
        made: str = self.requestor.iam.create_delegation_request(**self.terms(**more))["DelegationRequestId"]
        return made

    def claimed(self, **more: Any) -> str:
        """A request that the owner has claimed."""
        request = self.create(**more)
        self.owner.iam.associate_delegation_request(DelegationRequestId=request)
        return request

    def accepted(self, **more: Any) -> str:
        request = self.claimed(**more)
        self.approver.iam.accept_delegation_request(DelegationRequestId=request)
        return request

    def in_state(self, state: str) -> str:
        """A new request, brought into that state."""
        if state == "UNASSIGNED":
            return self.create(OwnerAccountId=self.world.root.account)
        if state in ("ACCEPTED", "FINALIZED"):
            request = self.accepted()
            if state == "FINALIZED":
                self.owner.iam.send_delegation_token(DelegationRequestId=request)
            return request
        request = self.claimed()
        if state == "PENDING_APPROVAL":
            self.owner.iam.update_delegation_request(DelegationRequestId=request)
        elif state == "REJECTED":
            self.owner.iam.reject_delegation_request(DelegationRequestId=request)
        return request

    def seen(self, request: str, by: Person | None = None) -> dict[str, Any]:
        """What GetDelegationRequest shows of a request."""
        person = by or self.approver
        answer = person.iam.get_delegation_request(DelegationRequestId=request)
        shown: dict[str, Any] = answer["DelegationRequest"]
        return shown
