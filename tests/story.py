r"""The transcript language: an API story as people would write it down, and as a test plays it.

A story is a file of lines. Lines that start in the first column do something:

    # text                              a comment
    shows SR-037 SR-038                 the requirements that the story shows
    @name                               a document: the indented lines below it, up to the next step
    who> Operation Name=value ...       a call; quoted as in a shell; a list or a structure is JSON
    caller bob = $key.AccessKey         a new caller, from the credentials in an answer
    codes now = $device.Seed            two codes in a row, `first` and `second`, from an MFA seed
    clock +901                          move the server's time, in seconds

Indented lines below a call say what its answer must be:

      ! Code Status "fragment"          it is refused; status and fragment of the text may be left out
      Path.To.0.Member = text           a member of the answer, a list's `length` included
      Path.To.Member ~ fragment         a member has this in it
      Path.To.Member absent             there is no such member
      as name                           keep the answer under this name

In values, `@name` is a document, the story's own or one that whoever plays it has for it, and `$name.path` is
a member of a kept answer, in documents too. `$root` and `$other` are what GetCallerIdentity says of the two
callers that exist at first: root users of two accounts.
A call that is refused though no line says so, or that is allowed though one says so, fails.
"""

from __future__ import annotations

import json
import re
import shlex
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pyotp
from botocore.exceptions import ClientError

from tests.client import Person, World

_REFERENCE = re.compile(r"\$([a-z]\w*)((?:\.\w+)*)")
_CALL = re.compile(r"(\w+)> (\w+)(.*)")
_CALLER = re.compile(r"caller (\w+) = (\S+)")
_CODES = re.compile(r"codes (\w+) = (\S+)")


class StoryError(AssertionError):
    """The story does not go as it is written; the text starts with file and line."""


@dataclass(slots=True)
class Step:
    """One line in the first column, with the indented lines below it."""

    line: int
    text: str
    below: list[tuple[int, str]] = field(default_factory=list)


def steps(path: Path) -> Iterator[Step]:
    """The steps of a story, without comments and empty lines."""
    step: Step | None = None
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not line.startswith(" "):
            if step is not None:
                yield step
            step = Step(number, line.rstrip())
        elif step is not None:
            step.below.append((number, line.strip()))
    if step is not None:
        yield step


def requirements(path: Path) -> list[str]:
    """The requirements that a story says it shows."""
    return [name for step in steps(path) if step.text.startswith("shows ") for name in step.text.split()[1:]]


def play(path: Path, world: World, documents: Mapping[str, str] | None = None) -> None:
    """Play a story; StoryError where it goes otherwise than it says."""
    stage = _Stage(world, documents or {})
    for step in steps(path):
        stage.line = step.line
        try:
            stage.step(step)
        except (StoryError, ClientError, LookupError, ValueError) as error:
            raise StoryError(f"{path.name}:{stage.line}: {error}") from None


class _Stage:
    """What is known while a story is played."""

    def __init__(self, world: World, documents: Mapping[str, str]) -> None:
        self.line = 0
        self._world = world
        self._callers: dict[str, Person] = {"root": world.root, "other": world.other}
        self._kept: dict[str, Any] = {}
        self._documents = dict(documents)

    def step(self, step: Step) -> None:
        if step.text.startswith("@"):
            self._documents[step.text[1:]] = "\n".join(text for _, text in step.below)
        elif step.text.startswith("clock +"):
            self._world.advance(float(step.text.removeprefix("clock +")))
        elif found := _CALLER.fullmatch(step.text):
            self._callers[found[1]] = self._world.person(self._member(found[2]))
        elif found := _CODES.fullmatch(step.text):
            self._kept[found[1]] = _codes(self._member(found[2]))
        elif found := _CALL.fullmatch(step.text):
            self._call(step, self._callers[found[1]], found[2], found[3])
        elif not step.text.startswith("shows "):
            raise ValueError(f"not a step: {step.text}")

    def _call(self, step: Step, person: Person, operation: str, words: str) -> None:
        client, method, members = _operation(person, operation)
        arguments: dict[str, Any] = {}
        for word in shlex.split(words):
            name, _, value = word.partition("=")
            arguments[name] = _typed(self._filled(value), members[name].type_name)
        refusal = next((text for _, text in step.below if text.startswith("!")), None)
        try:
            answer = getattr(client, method)(**arguments)
        except ClientError as error:
            if refusal is None:
                raise
            _expect_refusal(refusal, error)
            return
        if refusal is not None:
            raise StoryError(f"{operation} is allowed, and not refused: {refusal}")
        for self.line, text in step.below:
            self._expect(text, answer)

    def _expect(self, text: str, answer: dict[str, Any]) -> None:
        if text.startswith("as "):
            self._kept[text[3:]] = answer
            return
        path, _, rest = text.partition(" ")
        sign, _, wanted = rest.partition(" ")
        found = _walk(answer, path)
        wanted = self._filled(wanted)
        right = {
            "absent": found is None,
            "=": _shown(found) == wanted,
            "~": wanted in _shown(found),
        }
        if not right[sign]:
            raise StoryError(f"{text}, but it is {_shown(found)}")

    def _filled(self, value: str) -> str:
        if value.startswith("@"):
            value = self._documents[value[1:]]
        return _REFERENCE.sub(lambda found: _shown(self._member(found[0])), value)

    def _member(self, reference: str) -> Any:
        name, _, path = reference.removeprefix("$").partition(".")
        if name in ("root", "other") and name not in self._kept:
            self._kept[name] = self._callers[name].sts.get_caller_identity()
        found = _walk(self._kept[name], path)
        if found is None:
            raise LookupError(f"{reference} is not there")
        return found


def _codes(seed: bytes | str) -> dict[str, str]:
    device = pyotp.TOTP(seed if isinstance(seed, str) else seed.decode())
    now = int(time.time())
    return {"first": device.at(now - 30), "second": device.at(now)}


def _operation(person: Person, name: str) -> tuple[Any, str, dict[str, Any]]:
    for client in (person.iam, person.sts):
        for method, operation in client.meta.method_to_api_mapping.items():
            if operation == name:
                shape = client.meta.service_model.operation_model(name).input_shape
                return client, method, shape.members if shape is not None else {}
    raise LookupError(f"there is no operation {name}")


def _typed(value: str, kind: str) -> Any:
    if kind == "integer":
        return int(value)
    if kind == "boolean":
        return {"true": True, "false": False}[value]
    return json.loads(value) if kind in ("list", "structure", "map") else value


def _expect_refusal(line: str, error: ClientError) -> None:
    code, *more = shlex.split(line)[1:]
    found = error.response["Error"]["Code"]
    status = str(error.response["ResponseMetadata"]["HTTPStatusCode"])
    told = error.response["Error"]["Message"]
    for wanted in more:
        if wanted != status if wanted.isdigit() else wanted not in told:
            raise StoryError(f"{line}, but it is {found} {status} {told}")
    if found != code:
        raise StoryError(f"{line}, but it is {found} {status} {told}")


def _walk(value: Any, path: str) -> Any:
    for name in path.split(".") if path else ():
        if isinstance(value, list):
            value = len(value) if name == "length" else value[int(name)] if int(name) < len(value) else None
        else:
            value = value.get(name) if isinstance(value, dict) else None
    return value


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat()
    return json.dumps(value, default=str) if isinstance(value, dict | list) else str(value)
