"""`rolekeeper authorize --batch`: JSON lines in, one line out for each, in order, as they come.

What has been read is answered and written out before more is waited for, so that a program can ask, read the
answer, and ask on. Memory is bounded: a line that is too long is let go by, and answered with an error.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import BinaryIO, Final, NamedTuple

MAX_LINE: Final = 8_000_000
"""Bytes of the longest line that is read."""

CHUNK: Final = 262_144
SHOWN_FROM: Final = 4_000_000
"""Bytes of a file from which a progress bar is worth its place."""


class TooLong(NamedTuple):
    """The beginning of a line that was let go by."""

    start: bytes


def answer_lines(source: int, out: BinaryIO) -> bool:
    """Answer every line of an open file; whether all could be read."""
    from rolekeeper.cli.answer import answer, refusal

    all_read = True
    with _progress(source) as advance:
        for lines in batches(lambda: os.read(source, CHUNK), advance):
            answers = []
            for line in lines:
                if isinstance(line, TooLong):
                    said, read = refusal(line.start, f"longer than {MAX_LINE} bytes"), False
                else:
                    said, read = answer(line)
                answers.append(said)
                all_read = all_read and read
            out.write(b"".join(answers))
            out.flush()
    return all_read


def batches(
    read: Callable[[], bytes], advance: Callable[[int], None] = lambda size: None
) -> Iterator[list[bytes | TooLong]]:
    """The lines that became whole with each piece that was read; the last may lack its end."""
    begun, size = [b""], 0
    first = True
    while piece := read():
        advance(len(piece))
        start, *rest = (piece.removeprefix(_MARK) if first else piece).split(b"\n")
        first = False
        if size <= MAX_LINE:
            begun.append(start)
        size += len(start)
        if rest:
            yield [_line(begun, size), *rest[:-1]]
            begun, size = [rest[-1]], len(rest[-1])
    if size:
        yield [_line(begun, size)]


_MARK: Final = b"\xef\xbb\xbf"  # some editors begin a file so


def _line(pieces: list[bytes], size: int) -> bytes | TooLong:
    line = b"".join(pieces)
    return line if size <= MAX_LINE else TooLong(line)


def _progress(source: int) -> AbstractContextManager[Callable[[int], None]]:
    """A bar on standard error for a long file, where a person looks and the answers go elsewhere."""
    status = os.fstat(source)
    long = stat.S_ISREG(status.st_mode) and status.st_size >= SHOWN_FROM
    if not long or not sys.stderr.isatty() or sys.stdout.isatty():
        return nullcontext(lambda size: None)
    return _bar(status.st_size)


@contextmanager
def _bar(total: int) -> Iterator[Callable[[int], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn

    columns = BarColumn(), DownloadColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=total)
        yield lambda size: progress.advance(task, size)
