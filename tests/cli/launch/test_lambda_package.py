"""A function's code out of a zip file that anybody may have made."""

from __future__ import annotations

import stat
import zipfile

import pytest

from rolekeeper.cli.launch import lambda_package
from rolekeeper.cli.launch.lambda_package import unpacked
from rolekeeper.errors import UsageError


@pytest.fixture
def packed(tmp_path):
    """Makes a zip file of members, and unpacks it."""

    def run(*members):
        package, folder = tmp_path / "function.zip", tmp_path / "inner" / "code"
        folder.mkdir(parents=True)
        with zipfile.ZipFile(package, "w") as archive:
            for name, text, mode in members:
                info = zipfile.ZipInfo(name)
                info.external_attr = mode << 16
                archive.writestr(info, text)
        return unpacked(package, folder)

    return run


@pytest.mark.parametrize("name", ["../out", "a/../../out", "/etc/out", "..", "a\\..\\..\\out", "."])
def test_no_member_gets_out_of_the_folder(packed, tmp_path, name):
    with pytest.raises(UsageError, match="a member outside of it"):
        packed((name, "x", 0o644))
    assert not (tmp_path / "inner" / "out").exists() and not (tmp_path / "out").exists()


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_no_member_is_a_link_or_a_device(packed, kind):
    with pytest.raises(UsageError, match="neither a file nor a folder"):
        packed(("a", "/etc", kind | 0o777), ("a/passwd", "x", 0o644))


def test_what_is_unpacked_is_bounded(packed, monkeypatch):
    monkeypatch.setattr(lambda_package, "MOST_BYTES", 1 << 20)
    with pytest.raises(UsageError, match="more than 1 MB"):
        packed(("a", "x" * (1 << 19), 0), ("b", "x" * ((1 << 19) + 1), 0))


def test_there_are_not_too_many_members(packed, monkeypatch):
    monkeypatch.setattr(lambda_package, "MOST_MEMBERS", 2)
    with pytest.raises(UsageError, match="more than 2 members"):
        packed(("a", "", 0), ("b", "", 0), ("c", "", 0))


def test_what_is_no_zip_file_is_said(tmp_path):
    (tmp_path / "f").write_text("x")
    for package in (tmp_path / "f", tmp_path / "none"):
        with pytest.raises(UsageError, match="neither a folder nor a zip file"):
            unpacked(package, tmp_path)


def test_a_zip_file_becomes_a_folder(packed):
    root = packed(("app.py", "x = 1", 0o644), ("pkg/", "", 0o40755), ("bin/run", "#!", 0o755))
    assert (root / "app.py").read_text() == "x = 1"
    assert (root / "pkg").is_dir()
    assert (root / "bin" / "run").stat().st_mode & 0o111


def test_a_folder_stays_where_it_is(tmp_path):
    assert unpacked(tmp_path, tmp_path / "other") == tmp_path


@pytest.mark.parametrize("how", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_what_is_broken_inside_is_said(tmp_path, how):
    package = tmp_path / "f.zip"
    with zipfile.ZipFile(package, "w", how) as archive:
        archive.writestr("a.py", "x = 1\n" * 1000)
    broken = bytearray(package.read_bytes())
    broken[50:70] = b"\xff" * 20
    package.write_bytes(broken)
    with pytest.raises(UsageError, match="neither a folder nor a zip file"):
        unpacked(package, tmp_path / "code")


def test_names_in_no_encoding_are_said(tmp_path):
    package = tmp_path / "f.zip"
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("\u00e9", "x")
    package.write_bytes(package.read_bytes().replace("\u00e9".encode(), b"\xff\xff"))
    with pytest.raises(UsageError, match="neither a folder nor a zip file"):
        unpacked(package, tmp_path / "code")
