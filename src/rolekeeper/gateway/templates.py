"""The ARNs of AWS's reference: templates that are filled with values, and that tell whether an ARN is theirs.

The rule of this file: a value never reads as more than one part of an ARN. `table/${TableName}` filled with
`orders/index/by-date` would be the ARN of an index, and what stands behind might still take it for the table:
it is refused, and so is an ARN that belongs to a narrower kind of the same service, unless that is asked too.
Source: "Resource types defined by ..." of each service in the Service Authorization Reference.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, cached_property

from rolekeeper.errors import ValidationError
from rolekeeper.gateway.asked import Asked, Unclassified
from rolekeeper.policy import catalog

GIVEN = ("Partition", "Region", "Account")
"""The placeholders that every request fills."""

_PARTS = {"Partition": "aws[a-z-]*", "Region": "[a-z0-9-]+", "Account": "[0-9]{12}|aws"}


class Template:
    """One template of one kind of resource. Equal to itself only."""

    def __init__(self, kind: str, text: str) -> None:
        self.kind, self.text = kind, text
        self._pieces = re.split(r"\$\{([^}]*)\}", text)  # literals, and between them the names
        names = self._pieces[1::2]
        self.names = tuple(dict.fromkeys(name for name in names if name not in GIVEN))
        """The placeholders of its own, in their order."""
        self.has_account, self.has_region = "Account" in names, "Region" in names
        self._format = _format(self._pieces)
        self._fences = tuple(
            (name, after[:1])
            for name, after in zip(names, self._pieces[2::2], strict=True)
            if after and name not in GIVEN
        )

    def fill(self, asked: Asked, values: Mapping[str, str]) -> str:
        """The ARN with these values, which may have a region and an account of their own."""
        for name, fence in self._fences:
            if fence in values[name]:
                raise ValidationError(f"`{values[name]}` is no {name} of a {self.kind}: it has `{fence}`")
        given = {"Partition": asked.partition, "Region": asked.region, "Account": asked.account}
        given.update(values)
        return self._format.format_map(given)

    def read(self, arn: str) -> Mapping[str, str] | None:
        """What an ARN has for its placeholders, but for the partition; None if it is not of its kind."""
        found = self._pattern.fullmatch(arn)
        if found is None:
            return None
        return {name: found.group(group) for name, group in self._groups.items()}

    @cached_property
    def sample(self) -> str:
        """An ARN of its kind with nothing in it."""
        given = {"Partition": "aws", "Region": "us-east-1", "Account": "123456789012"}
        return self._format.format_map(given | dict.fromkeys(self.names, "x"))

    @cached_property
    def _groups(self) -> Mapping[str, str]:
        names = dict.fromkeys(self._pieces[1::2])
        return {name: f"p{index}" for index, name in enumerate(names) if name != "Partition"}

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        text, seen = "", set[str]()
        for index, piece in enumerate(self._pieces):
            if index % 2 == 0:
                text += re.escape(piece).replace(r"\*", ".*")
            elif piece in seen or piece == "Partition":
                text += f"(?P={self._groups[piece]})" if piece in seen else _PARTS[piece]
            else:
                seen.add(piece)
                part = _PARTS.get(piece) or _part_before(self._pieces[index + 1])
                text += f"(?P<{self._groups[piece]}>{part})"
        return re.compile(text, re.DOTALL)


def _format(pieces: list[str]) -> str:
    return "".join(
        "{" + piece + "}" if index % 2 else piece.replace("{", "{{").replace("}", "}}")
        for index, piece in enumerate(pieces)
    )


def _part_before(literal: str) -> str:
    """A value that stands before this literal has not its first character; a last one is the rest."""
    return f"[^{re.escape(literal[0])}]+" if literal else ".+"


@cache
def templates(prefix: str) -> Mapping[str, tuple[Template, ...]]:
    """The templates of a service's kinds of resource; a few kinds have two."""
    return {
        found.name: tuple(Template(found.name, text) for text in found.arn.split(", "))
        for found in catalog.resource_types(prefix)
    }


@cache
def narrower(prefix: str, template: Template) -> tuple[Template, ...]:
    """The templates of the service's other kinds whose ARNs would also be taken for ARNs of this one."""
    return tuple(
        other
        for others in templates(prefix).values()
        for other in others
        if other.kind != template.kind
        and template.read(other.sample) is not None
        and other.read(template.sample) is None
    )


def arn(asked: Asked, prefix: str, kind: str, /, **values: str) -> str:
    """The ARN of a kind of resource of a service, for rules that make accesses themselves."""
    found = templates(prefix).get(kind)
    if not found:
        raise Unclassified(f"the reference knows no resource `{kind}` of `{prefix}`")
    fitting = next((each for each in found if set(each.names) <= values.keys()), None)
    if fitting is None:
        raise Unclassified(f"`{asked.operation.name}` does not say which {kind} is meant")
    return fitting.fill(asked, values)
