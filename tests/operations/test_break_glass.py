"""The break-glass recipe, by an unmodified client: who gets in, when, and how it ends. And the log."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from rolekeeper.iam import break_glass
from tests.authenticator import Authenticator, enabled
from tests.client import LocalWorld, Person
from tests.people import allow, policy, refused, trusting, user

pytestmark = pytest.mark.requirement("SR-129")

REASON = "INC-42-database-down"
NO_ROLE = "is not authorized to perform: sts:AssumeRole"


@dataclass(frozen=True)
class Scene:
    """A role that ana may use, with her key and her authenticator."""

    root: Person
    ana: Person
    codes: Authenticator
    arn: str
    window: timedelta = timedelta(minutes=30)

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.codes.ahead)

    def open(self, *, identity: str = REASON) -> None:
        ends = self.now() + self.window
        self._put(break_glass.REVOKING_POLICY, break_glass.revoking_policy(self.now()))
        self._put(break_glass.WINDOW_POLICY, break_glass.window_policy(self.arn, ends=ends))
        self._trust(break_glass.trust_policy([self.ana.arn], ends=ends, identity=identity))

    def revoke(self) -> None:
        before = self.now() + timedelta(seconds=1)
        self._put(break_glass.REVOKING_POLICY, break_glass.revoking_policy(before))

    def close(self) -> None:
        self.revoke()
        self._put(break_glass.WINDOW_POLICY, break_glass.window_policy(self.arn))
        self._trust(break_glass.trust_policy([self.ana.arn]))

    def enter(self, **more: object) -> Person:
        given = {
            "RoleArn": self.arn,
            "RoleSessionName": "ana",
            "SourceIdentity": REASON,
            "SerialNumber": self.codes.serial,
            "TokenCode": self.codes.next(self.root),
        } | more
        wanted = {name: value for name, value in given.items() if value is not None}
        return self.root.world.person(self.ana.sts.assume_role(**wanted)["Credentials"])

    def _put(self, name: str, document: str) -> None:
        self.root.iam.put_role_policy(RoleName="fire", PolicyName=name, PolicyDocument=document)

    def _trust(self, document: str) -> None:
        self.root.iam.update_assume_role_policy(RoleName="fire", PolicyDocument=document)


@pytest.fixture
def scene(local: LocalWorld) -> Scene:
    root = local.root
    ana = user(root, "ana")
    arn = root.iam.create_role(
        RoleName="fire",
        Path=break_glass.PATH,
        AssumeRolePolicyDocument=break_glass.trust_policy([ana.arn]),
    )["Role"]["Arn"]
    root.iam.attach_role_policy(RoleName="fire", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    found = Scene(root, ana, enabled(root, "ana"), arn)
    found.close()
    return found


def test_a_closed_role_lets_nobody_in(scene: Scene) -> None:
    with refused("AccessDenied", 403, NO_ROLE):
        scene.enter()


def test_without_mfa_nobody_gets_in(scene: Scene) -> None:
    scene.open()
    with refused("AccessDenied", 403, NO_ROLE):
        scene.enter(SerialNumber=None, TokenCode=None)


def test_with_mfa_of_some_time_ago_nobody_gets_in(scene: Scene) -> None:
    scene.open()
    answer = scene.ana.sts.get_session_token(
        SerialNumber=scene.codes.serial, TokenCode=scene.codes.next(scene.root)
    )
    before = scene.root.world.person(answer["Credentials"])
    given = {"RoleArn": scene.arn, "RoleSessionName": "ana", "SourceIdentity": REASON}
    before.sts.assume_role(**given)
    scene.codes.wait(scene.root, break_glass.MFA_SECONDS + 1)
    with refused("AccessDenied", 403, NO_ROLE):
        before.sts.assume_role(**given)


@pytest.mark.parametrize("identity", [None, "INC-43", "INC-42"])
def test_without_the_reason_nobody_gets_in(scene: Scene, identity: str | None) -> None:
    scene.open()
    with refused("AccessDenied", 403, NO_ROLE):
        scene.enter(SourceIdentity=identity)


def test_nobody_gets_in_under_another_name(scene: Scene) -> None:
    scene.open()
    with refused("AccessDenied", 403, NO_ROLE):
        scene.enter(RoleSessionName="ben")


def test_who_is_not_named_does_not_get_in(scene: Scene) -> None:
    ben = user(scene.root, "ben", allow("*"))
    codes = enabled(scene.root, "ben")
    scene.open()
    with refused("AccessDenied", 403, NO_ROLE):
        ben.sts.assume_role(
            RoleArn=scene.arn,
            RoleSessionName="ben",
            SourceIdentity=REASON,
            SerialNumber=codes.serial,
            TokenCode=codes.next(scene.root),
        )


def test_with_mfa_and_the_reason_one_gets_in_and_the_trail_says_who_and_why(
    scene: Scene, local: LocalWorld
) -> None:
    scene.open()
    inside = scene.enter()
    inside.iam.list_users()
    event = local.events()[-1]
    context = event["userIdentity"]["sessionContext"]
    assert event["userIdentity"]["arn"].endswith(":assumed-role/fire/ana")
    assert context["sourceIdentity"] == REASON
    assert context["attributes"]["mfaAuthenticated"] == "true"


def test_the_window_ends_by_itself_for_those_inside_and_outside(scene: Scene) -> None:
    scene.open()
    inside = scene.enter()
    inside.iam.list_users()
    scene.codes.wait(scene.root, 31 * 60)
    with refused("AccessDenied", 403, "explicit deny in an identity-based policy"):
        inside.iam.list_users()
    with refused("AccessDenied", 403, NO_ROLE):
        scene.enter()


@pytest.mark.parametrize("how", ["close", "revoke"])
def test_closing_ends_running_sessions_at_once(scene: Scene, how: str) -> None:
    scene.open()
    inside = scene.enter()
    inside.iam.list_users()
    getattr(scene, how)()  # to revoke is enough by itself
    with refused("AccessDenied", 403, "explicit deny in an identity-based policy"):
        inside.iam.list_users()


@pytest.mark.parametrize("closed_by_hand", [True, False])
def test_another_opening_does_not_revive_the_sessions_of_the_last_one(
    scene: Scene, *, closed_by_hand: bool
) -> None:
    scene.open()
    inside = scene.enter()
    if closed_by_hand:
        scene.close()
    scene.codes.wait(scene.root, 31 * 60)
    scene.open()
    with refused("AccessDenied", 403, "explicit deny"):
        inside.iam.list_users()
    scene.enter().iam.list_users()


def test_an_administrator_inside_cannot_lengthen_the_window(scene: Scene) -> None:
    scene.open()
    inside = scene.enter()
    inside.iam.get_role(RoleName="fire")
    forever = policy(trusting(scene.ana.arn))
    with refused("AccessDenied", 403, "explicit deny"):
        inside.iam.update_assume_role_policy(RoleName="fire", PolicyDocument=forever)
    with refused("AccessDenied", 403, "explicit deny"):
        inside.iam.delete_role_policy(RoleName="fire", PolicyName=break_glass.WINDOW_POLICY)
    with refused("AccessDenied", 403, "explicit deny"):
        inside.iam.tag_role(RoleName="fire", Tags=[{"Key": break_glass.REASON_TAG, "Value": "other"}])


# -- the log ------------------------------------------------------------------------------------------


def test_a_refused_opening_is_not_announced(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    ends = scene.now() + scene.window
    with caplog.at_level(logging.WARNING), refused("AccessDenied", 403):
        scene.ana.iam.update_assume_role_policy(
            RoleName="fire", PolicyDocument=break_glass.trust_policy([scene.ana.arn], ends=ends)
        )
    assert caplog.records == []


def test_each_opening_and_closing_is_announced(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    tags = [{"Key": break_glass.REASON_TAG, "Value": "INC-42: database down"}]
    scene.root.iam.tag_role(RoleName="fire", Tags=tags)
    with caplog.at_level(logging.WARNING):
        scene.open()
        scene.close()
        scene.root.iam.update_assume_role_policy(
            RoleName="fire", PolicyDocument=policy(trusting(scene.ana.arn))
        )
    opened, closed, strange = [record.getMessage() for record in caplog.records]
    assert f"break glass: {scene.arn} is opened until " in opened
    assert f"by {scene.root.arn}, request " in opened
    assert opened.endswith("reason: 'INC-42: database down'")
    assert f"{scene.arn} is closed by" in closed
    assert "is given a trust policy that is not of the recipe" in strange
    assert {record.levelname for record in caplog.records} == {"WARNING"}


def test_an_extension_is_announced_as_one(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    scene.open()
    longer = break_glass.trust_policy([scene.ana.arn], ends=scene.now() + 2 * scene.window, identity=REASON)
    shorter = break_glass.trust_policy([scene.ana.arn], ends=scene.now() + scene.window, identity=REASON)
    with caplog.at_level(logging.WARNING):
        for document in (longer, shorter):
            scene.root.iam.update_assume_role_policy(RoleName="fire", PolicyDocument=document)
    first, second = [record.getMessage() for record in caplog.records[-2:]]
    assert f"{scene.arn} is extended until " in first
    assert f"{scene.arn} is opened until " in second


def test_a_role_that_is_made_open_is_announced(local: LocalWorld, caplog: pytest.LogCaptureFixture) -> None:
    document = policy(trusting(local.root.account))
    with caplog.at_level(logging.WARNING):
        local.root.iam.create_role(RoleName="plain", AssumeRolePolicyDocument=document)
        local.root.iam.create_role(RoleName="x", Path="/break-glass/sub/", AssumeRolePolicyDocument=document)
    (line,) = [record.getMessage() for record in caplog.records]
    assert "role/break-glass/sub/x is given a trust policy that is not of the recipe" in line
