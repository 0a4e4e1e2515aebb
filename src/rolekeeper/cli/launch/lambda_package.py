"""The code of a function: a folder, or a zip file that is unpacked into one.

A zip file comes from anywhere: no member gets out of the folder, by its name or through a link, and what is
unpacked is counted as it comes, not as the file says it is. Source: "Lambda quotas" in the Lambda Developer
Guide.
"""

from __future__ import annotations

import lzma
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import Final

from rolekeeper.errors import UsageError

MOST_BYTES: Final = 250 << 20
"""Of a function's code, unpacked."""
MOST_MEMBERS: Final = 50_000
_CHUNK: Final = 1 << 20
_UNREADABLE: Final = (
    OSError,
    EOFError,
    ValueError,
    NotImplementedError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
)


def unpacked(package: Path, folder: Path) -> Path:
    """The folder of the code; a zip file's is the one that is given. UsageError."""
    if package.is_dir():
        return package.absolute()
    try:
        with zipfile.ZipFile(package) as archive:
            _unpack(archive, folder)
    except _UNREADABLE as error:
        raise UsageError(f"{package} is neither a folder nor a zip file that can be read: {error}") from None
    return folder


def _unpack(archive: zipfile.ZipFile, folder: Path) -> None:
    members = archive.infolist()
    if len(members) > MOST_MEMBERS:
        raise UsageError(f"the zip file has more than {MOST_MEMBERS} members")
    left = MOST_BYTES
    for member in members:
        target = folder / _inside(member)
        if member.is_dir():
            target.mkdir(parents=True, exist_ok=True)
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        left = _copy(archive, member, target, left)
        if member.external_attr >> 16 & 0o111:
            target.chmod(0o755)


def _copy(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, left: int) -> int:
    """How many bytes there may be besides this member's."""
    with archive.open(member) as source, target.open("wb") as file:
        while chunk := source.read(_CHUNK):
            left -= len(chunk)
            if left < 0:
                raise UsageError(f"the zip file has more than {MOST_BYTES >> 20} MB of code, unpacked")
            file.write(chunk)
    return left


def _inside(member: zipfile.ZipInfo) -> PurePosixPath:
    """A member's path in the folder; UsageError where it is none."""
    path = PurePosixPath(member.filename)
    kind = stat.S_IFMT(member.external_attr >> 16)
    if path.is_absolute() or ".." in path.parts or "\\" in member.filename or not path.parts:
        raise UsageError(f"the zip file has a member outside of it: {member.filename!r}")
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise UsageError(
            f"the zip file has a member that is neither a file nor a folder: {member.filename!r}"
        )
    return path
