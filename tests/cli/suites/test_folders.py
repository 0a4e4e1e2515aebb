from __future__ import annotations

from pathlib import Path

import pytest

from rolekeeper.cli.suites import folders
from rolekeeper.errors import ConfigurationError, UsageError


def found(*paths):
    return [path.as_posix() for path in folders.test_files([Path(path) for path in paths])]


def test_a_path_that_is_not_there_is_a_wrong_use(files):
    with pytest.raises(UsageError, match="nowhere does not exist"):
        found("nowhere")


def test_no_file_found_says_what_to_do(files):
    files.write("x.yaml", "")
    with pytest.raises(ConfigurationError, match=r"no test file \(\*\.rk\.yaml\) in this folder; write one"):
        found()


def test_folders_are_searched_by_name_and_without_the_hidden_ones(files):
    for name in ("b/x.rk.yml", "a/y.rk.yaml", "a/y.yaml", ".venv/z.rk.yaml", "top.rk.yaml"):
        files.write(name, "")
    assert found() == ["top.rk.yaml", "a/y.rk.yaml", "b/x.rk.yml"]


def test_a_file_that_is_named_is_taken_whatever_its_name_and_once(files):
    files.write("a/x.rk.yaml", "")
    files.write("odd.txt", "")
    assert found("odd.txt", "a", "a/x.rk.yaml") == ["odd.txt", "a/x.rk.yaml"]


def test_links_to_folders_are_not_followed(files):
    files.write("a/x.rk.yaml", "")
    (files.folder / "a/loop").symlink_to(files.folder / "a")
    assert found("a") == ["a/x.rk.yaml"]


def test_paths_are_shown_from_here_or_in_full(files):
    assert folders.shown(files.folder / "a/../b.yaml") == "b.yaml"
    assert folders.shown(Path("/etc/x")) == "/etc/x"
