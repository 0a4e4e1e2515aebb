"""An instance's metadata as something on the instance asks for them, in process."""

from __future__ import annotations

import json
from typing import Any

from rolekeeper.endpoints.aws import AwsEndpoint
from tests.client import LocalWorld, Person
from tests.endpoints.asgi import Answer, answer
from tests.people import allow, role
from tests.workers import EC2, instance, profile

ROLES = "latest/meta-data/iam/security-credentials/"
HEADER = "x-aws-ec2-metadata-token"


class Inside:
    """Something on an instance; or on no instance at all, with some other secret."""

    def __init__(self, world: LocalWorld, secret: str) -> None:
        self.world, self.secret = world, secret
        self._app = AwsEndpoint(world.server)

    def ask(self, path: str, method: str = "GET", **headers: str | None) -> Answer:
        """One request; `x_forwarded_for="..."` is a header."""
        found = answer(
            self._app,
            method=method,
            path=f"/_rolekeeper/imds/{self.secret}/{path}",
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )
        assert isinstance(found, Answer)
        return found

    def token(self, seconds: int = 21600) -> str:
        """A new token."""
        found = self.ask("latest/api/token", "PUT", **{f"{HEADER}-ttl-seconds": str(seconds)})
        assert found.status == 200, found.body
        return found.body.decode()

    def get(self, path: str) -> Answer:
        """A page, with a new token."""
        return self.ask(path, **{HEADER: self.token()})

    def text(self, path: str) -> str:
        """The text of a page that there is."""
        found = self.get(path)
        assert (found.status, found.headers["content-type"]) == (200, "text/plain"), path
        return found.body.decode()

    def document(self, path: str) -> dict[str, Any]:
        """The same, of JSON."""
        shown: dict[str, Any] = json.loads(self.text(path))
        return shown

    def become(self) -> Person:
        """Whoever has the credentials of the instance."""
        found = self.document(ROLES + self.text(ROLES))
        return self.world.person(found | {"SessionToken": found["Token"]})


def launched(world: LocalWorld, name: str | None = None, **more: Any) -> tuple[str, Inside]:
    """A new instance with a role of that name, which may list roles; its ID, and its inside."""
    if name is not None:
        role(world.root, name, EC2, allow("iam:ListRoles"))
        profile(world.root, name, name)
    id, secret = instance(world.root, name, **more)
    return id, Inside(world, secret)


def nothing(found: Answer, status: int) -> None:
    """A refusal, with nothing in it but its number."""
    assert found.status == status, found.body
    assert found.headers["content-type"] == "text/html"
    assert len(found.body) < 500
    assert f"<h1>{status} - ".encode() in found.body
