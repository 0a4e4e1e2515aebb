"""Values for the shapes of a model: random, reproducible, and within the shape's constraints."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from rolekeeper.wire.constraints import compile_pattern
from rolekeeper.wire.model import OperationModel, Service, Shape, service

ROUNDS = 100 if os.environ.get("RK_FUZZ") else 6
"""How many values are made for each shape."""

DEEPEST = 9

OPERATIONS: list[tuple[Service, OperationModel]] = [
    (service(name), operation) for name in ("iam", "sts") for operation in service(name).operations.values()
]
NAMES = [f"{service.name}:{operation.name}" for service, operation in OPERATIONS]

_CHARACTERS = "aZ09_+=,.@-/:;&<>'\"%#?{}[]()! \t\n\r\u00e9\u00ff\u4e2d\U0001f511"
_EXAMPLES = {
    r"\u002F[\u0021-\u007F]*": ["/", "/a/b/"],
    r"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)": ["/", "/a/", "/team&co/<x>/"],
    r"/[\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*/": ["//", "/a\r\nb/"],
    r"((/[A-Za-z0-9\.,\+@=_-]+)*)/": ["/", "/a/", "/a.b/c+d/"],
    r"v[1-9][0-9]*(\.[A-Za-z0-9-]*)?": ["v1", "v20.a-b"],
    r"\d{12}": ["123456789012"],
    r"^o-[a-z0-9]{10,32}$": ["o-abcdefghij"],
    r"^o-[0-9a-z]{10,32}\/r-[0-9a-z]{4,32}[0-9a-z-\/]*": ["o-abcdefghij/r-abcd", "o-abcdefghij/r-abcd/ou-1/"],
    r"^p-[0-9a-zA-Z_]{8,128}$": ["p-ABCDefgh_1"],
    r"^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$": ["abc", "a-b-c"],
    r"^[A-Za-z][A-Za-z0-9/_-]*$": ["a", "Key/1_2-3"],
    r"^http(s?)://[a-zA-Z0-9._/-]*(\?[a-zA-Z0-9._=&-]*)?(#[a-zA-Z0-9._/-]*)?$": [
        "http://",
        "https://a.b/c?d=e&f#g",
    ],
    r"[^\s@]+@[^\s@]+\.[^\s@]+": ["ana@org.example", "a+b@c.d.example"],
    r"^(\d{12})|(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$": ["123456789012", "ou-abcd-abcdefgh"],
    r"^(r-[0-9a-z]{4,32})|(\d{12})|(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$": ["r-abcd", "123456789012"],
    r"^(r-[0-9a-z]{4,32})|(\d{12})|(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})|(^p-[0-9a-zA-Z_]{8,128})"
    r"|(^rp-[0-9a-zA-Z_]{4,128})|(^rt-[0-9a-zA-Z_]{8,32})$": [
        "r-abcd",
        "p-ABCDefgh_1",
        "rp-abcd",
        "rt-abcdefgh",
    ],
    r"^(r-[0-9a-z]{4,32})|(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$": ["r-abcd", "ou-abcd-abcdefgh"],
    r"^\d{12}$": ["123456789012"],
    r"^car-[a-z0-9]{8,32}$": ["car-abcdefgh"],
    r"^h-[0-9a-z]{8,32}$": ["h-abcdefgh"],
    r"^ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}$": ["ou-abcd-abcdefgh"],
    r"^r-[0-9a-z]{4,32}$": ["r-abcd"],
    r"^rt-[0-9a-z]{8,32}$": ["rt-abcdefgh"],
}


def shapes(*, inputs: bool = True, outputs: bool = True) -> dict[str, Shape]:
    """Every type that an input or an output of IAM or STS holds, by service and name."""
    found: dict[str, Shape] = {}
    for service_, operation in OPERATIONS:
        for root in (operation.input if inputs else None, operation.output if outputs else None):
            _collect(root, service_.name, found)
    return found


def _collect(shape: Shape | None, prefix: str, found: dict[str, Shape]) -> None:
    if shape is None or f"{prefix}:{shape.name}" in found:
        return
    found[f"{prefix}:{shape.name}"] = shape
    if shape.type == "structure":
        parts = [member.shape for member in shape.members]
    else:
        parts = {"list": ["element"], "map": ["key", "value"]}.get(shape.type, [])
        parts = [getattr(shape, part) for part in parts]
    for part in parts:
        _collect(part, prefix, found)


def sample(shape: Shape, random: Random, *, constrained: bool = True, depth: int = 0) -> Any:
    """One value of a shape. Unconstrained strings hold any character that XML can hold."""

    def inner(part: Shape) -> Any:
        return sample(part, random, constrained=constrained, depth=depth + 1)

    if shape.type == "structure":
        chosen = [one for one in shape.members if one.name in shape.required or random.random() < 0.7]
        if shape.union or not chosen:  # nothing of an empty structure is sent
            chosen = random.sample(shape.members, k=min(1, len(shape.members)))
        return {member.name: inner(member.shape) for member in chosen}
    if shape.type == "list":  # a shape may contain itself, through a list
        return [inner(shape.element) for _ in range(_count(shape, random) if depth < DEEPEST else 0)]
    if shape.type == "map":
        return {inner(shape.key): inner(shape.value) for _ in range(_count(shape, random))}
    return _scalar(shape, random, constrained)


def _scalar(shape: Shape, random: Random, constrained: bool) -> Any:
    if shape.type == "string":
        return (
            _text(shape, random)
            if constrained
            else "".join(random.choices(_CHARACTERS, k=random.randint(0, 9)))
        )
    if shape.type == "boolean":
        return random.random() < 0.5
    if shape.type == "timestamp":
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=random.randint(0, 10**9))
    if shape.type == "blob":
        return random.randbytes(random.randint(0, 9))
    low = 0 if shape.minimum is None else shape.minimum
    return random.randint(low, low + 1000 if shape.maximum is None else shape.maximum)


def _text(shape: Shape, random: Random) -> str:
    if shape.enum:
        return random.choice(shape.enum)
    if shape.pattern in _EXAMPLES:
        return random.choice(_EXAMPLES[shape.pattern])
    alphabet = [
        one for one in _CHARACTERS if shape.pattern is None or compile_pattern(shape.pattern).fullmatch(one)
    ]
    assert alphabet, f"no examples for the pattern {shape.pattern}"
    low = max(shape.minimum or 0, 1 if shape.pattern and shape.pattern.endswith("+") else 0)
    high = low + 20 if shape.maximum is None else min(shape.maximum, low + 20)
    return "".join(random.choices(alphabet, k=random.randint(low, high)))


def _count(shape: Shape, random: Random) -> int:
    low = shape.minimum or (1 if shape.type == "map" else 0)  # nothing of an empty map is sent
    return random.randint(low, low + 3 if shape.maximum is None else min(shape.maximum, low + 3))
