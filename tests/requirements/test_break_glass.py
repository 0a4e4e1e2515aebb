"""A role for emergencies: row SR-129, by the recipe of docs/break-glass.md and an unmodified client."""

from __future__ import annotations

import pytest

from rolekeeper.iam import break_glass
from tests.authenticator import enabled
from tests.client import Person
from tests.operations.test_break_glass import NO_ROLE, REASON, Scene
from tests.people import allow, policy, refused, user

requirement = pytest.mark.requirement


@pytest.fixture
def scene(root: Person) -> Scene:
    """A role for emergencies, which is closed, and ana, who is named in it."""
    ana = user(root, "ana")
    made = root.iam.create_role(
        RoleName="fire",
        Path=break_glass.PATH,
        AssumeRolePolicyDocument=break_glass.trust_policy([ana.arn]),
    )
    root.iam.put_role_policy(RoleName="fire", PolicyName="own", PolicyDocument=policy(allow("*")))
    found = Scene(root, ana, enabled(root, "ana"), made["Role"]["Arn"])
    found.close()
    return found


@requirement("SR-129")
def test_sr_129_it_is_closed_until_somebody_opens_it(scene: Scene) -> None:
    with refused("AccessDenied", 403, NO_ROLE):
        scene.enter()
    with refused("AccessDenied", 403, "iam:UpdateAssumeRolePolicy"):
        scene.ana.iam.update_assume_role_policy(
            RoleName="fire", PolicyDocument=break_glass.trust_policy([scene.ana.arn], ends=scene.now())
        )
    scene.open()
    scene.enter().iam.list_users()


@requirement("SR-129")
def test_sr_129_it_takes_a_code_the_reason_and_ones_own_name(scene: Scene) -> None:
    scene.open()
    for more in (
        {"SerialNumber": None, "TokenCode": None},
        {"SourceIdentity": None},
        {"SourceIdentity": REASON + "-and-more"},
        {"RoleSessionName": "ben"},
    ):
        with refused("AccessDenied", 403, NO_ROLE):
            scene.enter(**more)
    scene.enter()


@requirement("SR-129")
def test_sr_129_who_is_not_named_does_not_get_in_whatever_they_may(scene: Scene) -> None:
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


@requirement("SR-129")
def test_sr_129_closing_it_ends_its_sessions_at_once(scene: Scene) -> None:
    scene.open()
    inside = scene.enter()
    inside.iam.list_users()
    scene.close()
    with refused("AccessDenied", 403, "explicit deny in an identity-based policy"):
        inside.iam.list_users()
    with refused("AccessDenied", 403, NO_ROLE):
        scene.enter()


@requirement("SR-129")
def test_sr_129_it_closes_itself(scene: Scene) -> None:
    scene.open()
    inside = scene.enter()
    scene.codes.wait(scene.root, int(scene.window.total_seconds()) + 60)
    with refused("AccessDenied", 403, "explicit deny in an identity-based policy"):
        inside.iam.list_users()
    with refused("AccessDenied", 403, NO_ROLE):
        scene.enter()
