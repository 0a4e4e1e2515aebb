"""Every story in `stories/`, played; and the language itself, which must notice what goes otherwise."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rolekeeper.wire import model
from tests.client import World
from tests.stories.documents import documents
from tests.story import StoryError, play, requirements, steps

_CALL = re.compile(r"\w+> (\w+)")
STORIES = sorted(Path(__file__).with_name("stories").rglob("*.story"))


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, id=path.stem, marks=pytest.mark.requirement(*requirements(path)))
        for path in STORIES
    ],
)
def test_story(path: Path, world: World) -> None:
    play(path, world, documents())


def test_every_operation_of_iam_is_in_a_story() -> None:
    told = {found[1] for path in STORIES for step in steps(path) if (found := _CALL.match(step.text))}
    assert sorted(set(model.service("iam").operations) - told) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("root> GetRole RoleName=nobody", "t.story:1: An error occurred (NoSuchEntity)"),
        ("root> GetCallerIdentity\n  ! AccessDenied", "t.story:1: GetCallerIdentity is allowed"),
        ("root> GetRole RoleName=nobody\n  ! AccessDenied", "but it is NoSuchEntity 404"),
        ("root> GetRole RoleName=nobody\n  ! NoSuchEntity 403", "but it is NoSuchEntity 404"),
        ('root> GetRole RoleName=nobody\n  ! NoSuchEntity "somebody"', "but it is NoSuchEntity 404"),
        ("root> GetCallerIdentity\n  Account = 1", "t.story:2: Account = 1, but it is"),
        ("root> GetCallerIdentity\n  Account absent", "t.story:2: Account absent, but it is"),
        ("root> ListRoles\n  Roles.length = 1", "but it is 0"),
        ("root> ListRoles\n  Marker ~ x", "t.story:2"),
        ("root> NoOperation", "there is no operation NoOperation"),
        ("nobody> GetCallerIdentity", "t.story:1: 'nobody'"),
        ("root> GetRole RoleName=$nothing.Role", "t.story:1: 'nothing'"),
        ("something else", "t.story:1: not a step"),
    ],
)
def test_a_story_that_goes_otherwise_fails_with_file_and_line(
    text: str, told: str, tmp_path: Path, world: World
) -> None:
    path = tmp_path / "t.story"
    path.write_text(text)
    with pytest.raises(StoryError) as caught:
        play(path, world)
    assert told in str(caught.value)
