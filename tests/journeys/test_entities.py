"""Every entity of IAM from beginning to end, by the AWS command line and by the AWS SDK for JavaScript.

The stories are those that boto3 plays in `tests/test_stories.py`. Run with `make journeys`.
"""

from __future__ import annotations

import os
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.client import World
from tests.journeys.command_line import CommandLine
from tests.journeys.conftest import ROOT, Running, serving
from tests.journeys.foreign import ForeignWorld
from tests.journeys.javascript_sdk import javascript, sdk
from tests.stories.documents import documents
from tests.story import play, steps

STORIES = sorted((ROOT / "tests/stories/entities").glob("*.story"))
OTHER = {"AccessKeyId": "other_root", "SecretAccessKey": "other_secret"}
SEED = """
[[accounts]]
id = "222222222222"
name = "other"
root_access_key_id = "other_root"
root_secret_access_key = "other_secret"
"""

slow = pytest.mark.skipif("JOURNEYS" not in os.environ, reason="takes its time: make journeys")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One server for all stories, in its first state before each: reports stand for hours."""
    home = tmp_path_factory.mktemp("entities")
    seed = home / "seed.toml"
    seed.write_text(SEED)
    with serving(home, "--seed", str(seed)) as running:
        yield running


@pytest.fixture(scope="module")
def root(server: Running) -> dict[str, str]:
    """The credentials of the first account's root user."""
    return {"AccessKeyId": server.access_key_id, "SecretAccessKey": server.secret_access_key}


@pytest.fixture(scope="module")
def node(server: Running, root: dict[str, str]) -> Iterator[World]:
    """People who use JavaScript."""
    with javascript(server) as make:
        yield ForeignWorld(make, root, OTHER)


@pytest.fixture
def first_state(server: Running) -> None:
    """The server as it was started."""
    reset = urllib.request.Request(f"{server.endpoint}/_rolekeeper/reset", method="POST")
    urllib.request.urlopen(reset).close()


@slow
@pytest.mark.requirement("SR-136")
@pytest.mark.usefixtures("first_state")
@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_the_command_line_plays_the_story(path: Path, server: Running, root: dict[str, str]) -> None:
    play(path, ForeignWorld(CommandLine(server), root, OTHER), documents())


@slow
@pytest.mark.requirement("SR-136")
@pytest.mark.skipif(sdk() is None, reason="THE AWS SDK FOR JAVASCRIPT IS NOT HERE: nothing was tried")
@pytest.mark.usefixtures("first_state")
@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_javascript_plays_the_story(path: Path, node: World) -> None:
    play(path, node, documents())


def test_every_story_has_a_refusal() -> None:
    assert [path.stem for path in STORIES if not any(_refused(path))] == []


def _refused(path: Path) -> Iterator[bool]:
    for step in steps(path):
        yield any(text.startswith("!") for _, text in step.below)
