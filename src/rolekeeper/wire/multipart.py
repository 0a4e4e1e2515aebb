"""A form of `multipart/form-data` with a file at its end, read as it comes.

The rule of this file: fields are short, stand once and come before the file; the file is given out piece by
piece, and what follows it is not looked at. A form that another reader could take apart in another way is
refused: it has to begin with its boundary, and a boundary with anything behind it is none.
Sources: RFC 7578; RFC 2046, 5.1; "POST Object" in the Amazon S3 API Reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from rolekeeper.errors import InvalidArgument, MalformedPOSTRequest, MaxPostPreDataLengthExceeded

__all__ = ["Form", "boundary_of"]

MOST_BEFORE = 20 << 10
"""Bytes of all that is not the file."""

_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]")
_PARAMETER = re.compile(rb'[ \t]*;[ \t]*([A-Za-z*]+)=(?:"((?:[^"\\]|\\.)*)"|([!#-+\--:<-~]+))')
_ESCAPED = re.compile(rb'\\(["\\])')  # browsers escape no backslash: others stand for themselves
_END = re.compile(rb"[ \t]{0,16}\r\n")
_FILE = "file"


def boundary_of(content_type: str) -> bytes | None:
    """What is between the parts of a form, by its Content-Type; None where it is another type.
    MalformedPOSTRequest."""
    kind, _, rest = content_type.partition(";")
    if kind.strip().lower() != "multipart/form-data":
        return None
    found = [
        value.strip()
        for name, equals, value in (part.partition("=") for part in rest.split(";"))
        if equals and name.strip().lower() == "boundary"
    ]
    if len(found) != 1:
        raise MalformedPOSTRequest
    text = found[0]
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1]
    if not _BOUNDARY.fullmatch(text):
        raise MalformedPOSTRequest
    return text.encode()


class Form:
    """Reads one form. Its fields are there once the file has begun."""

    def __init__(self, boundary: bytes) -> None:
        self._delimiter = b"\r\n--" + boundary
        self._buffer = bytearray(b"\r\n")  # the first boundary has no line before it
        self._state = self._between
        self._name = ""
        self._beside = 0
        self._fields: dict[str, str] = {}
        self.filename = ""
        """What the file is called where it comes from."""
        self.at_file = False
        """The file has begun: all fields that count are there."""
        self.complete = False
        """The form's end was read."""

    @property
    def fields(self) -> Mapping[str, str]:
        """The values of the fields before the file, by lower-case name."""
        return self._fields

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What the next bytes have of the file. MalformedPOSTRequest, MaxPostPreDataLengthExceeded,
        InvalidArgument."""
        self._buffer += data
        while True:
            if self._state == self._file:
                piece, more = self._file_piece()
                if piece:
                    yield piece
                if not more:
                    return
            elif not self._state():
                if self._beside + len(self._buffer) > MOST_BEFORE and self._state != self._file:
                    raise MaxPostPreDataLengthExceeded
                return

    def close(self) -> None:
        """Nothing follows. MalformedPOSTRequest, if the end was not there yet."""
        if not self.complete:
            raise MalformedPOSTRequest

    def _take(self, length: int) -> bytes:
        taken = bytes(self._buffer[:length])
        del self._buffer[:length]
        self._beside += length
        if self._beside > MOST_BEFORE:
            raise MaxPostPreDataLengthExceeded
        return taken

    # Each of these reads one thing, and says whether there may be more in the buffer already.

    def _between(self) -> bool:
        """A boundary, and whether a part follows it."""
        size = len(self._delimiter)
        if len(self._buffer) < size + 2:
            if not self._delimiter.startswith(self._buffer[:size]):
                raise MalformedPOSTRequest
            return False
        if not self._buffer.startswith(self._delimiter):
            raise MalformedPOSTRequest
        if self._buffer[size : size + 2] == b"--":
            self._take(size + 2)
            self.complete, self._state = True, self._after
            return True
        end = _END.match(self._buffer, size)
        if end is None:
            if len(self._buffer) > size + 18:
                raise MalformedPOSTRequest
            return False
        self._take(end.end())
        self._state = self._head
        return True

    def _head(self) -> bool:
        """The headers of a part."""
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = self._take(end + 4)
        if self.at_file:
            self._state = self._value  # what stands behind the file is not looked at
            return True
        self._name, filename = _disposition(head[:-4])
        if self._name == _FILE:
            self.filename, self.at_file = filename, True
            self._state = self._file
        else:
            self._state = self._value
        return True

    def _value(self) -> bool:
        """A field's value. It may be empty, so that its boundary begins where it would."""
        end = self._buffer.find(self._delimiter)
        if end < 0:
            return False
        value = self._take(end)
        if not self.at_file:
            self._keep(value)
        self._state = self._between
        return True

    def _keep(self, value: bytes) -> None:
        if self._name in self._fields:
            raise InvalidArgument(f"POST requires exactly one value for the field '{self._name[:64]}'.")
        try:
            self._fields[self._name] = value.decode()
        except UnicodeDecodeError:
            raise MalformedPOSTRequest from None

    def _file(self) -> bool:
        raise NotImplementedError  # `feed` reads the file itself

    def _file_piece(self) -> tuple[bytes, bool]:
        """What is there of the file, and whether its end is."""
        end = self._buffer.find(self._delimiter)
        length = end if end >= 0 else max(0, len(self._buffer) - len(self._delimiter) + 1)
        piece = bytes(self._buffer[:length])
        del self._buffer[:length]
        if end >= 0:
            self._state = self._between
        return piece, end >= 0

    def _after(self) -> bool:
        """What follows the form's end: nothing that anybody reads."""
        self._take(len(self._buffer))
        return False


def _disposition(head: bytes) -> tuple[str, str]:
    """The lower-case name of a part, and the name of its file."""
    found = [line.partition(b":")[2] for line in head.split(b"\r\n") if _is_disposition(line)]
    if len(found) != 1:
        raise MalformedPOSTRequest
    text = found[0].strip()
    kind = text.partition(b";")[0].strip()
    if kind.lower() != b"form-data":
        raise MalformedPOSTRequest
    parameters: dict[str, bytes] = {}
    at = len(text.partition(b";")[0])
    while at < len(text):
        match = _PARAMETER.match(text, at)
        if match is None:
            raise MalformedPOSTRequest
        key = match[1].decode().lower()
        if key in parameters:
            raise MalformedPOSTRequest
        parameters[key] = _ESCAPED.sub(rb"\1", match[2]) if match[2] is not None else match[3]
        at = match.end()
    try:
        name = parameters["name"].decode().lower()
        filename = parameters.get("filename", b"").decode()
    except (KeyError, UnicodeDecodeError):
        raise MalformedPOSTRequest from None
    if not name:
        raise MalformedPOSTRequest
    return name, filename


def _is_disposition(line: bytes) -> bool:
    return line.partition(b":")[0].lower() == b"content-disposition"
