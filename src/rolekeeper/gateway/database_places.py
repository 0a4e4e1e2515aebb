"""Where requests of RDS name databases and what belongs to them, beside members that are plain names.

Source: "Actions, resources, and condition keys for Amazon RDS" in the Service Authorization Reference; the
operations' pages in the Amazon RDS API Reference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rolekeeper.gateway.asked import Asked, Unclear
from rolekeeper.gateway.services.tables import NEW, Place, Source, Tail, values
from rolekeeper.gateway.templates import templates


def kind_of(arn: str, *among: str) -> str | None:
    """The kind of resource of an ARN of RDS."""
    for kind, (template,) in templates("rds").items():
        if (not among or kind in among) and NEW not in arn and template.read(arn) is not None:
            return kind
    return None


def source(kind: str, path: str, *others: str) -> Place:
    """What something is made of: by its name, or by an ARN that may be of another region or account.

    An ARN may be of other kinds instead, in whose places it is.
    """

    def place(asked: Asked) -> Iterator[str]:
        for value in values(asked.members, path):
            if not value.startswith("arn:"):
                yield value
            elif kind_of(value) == kind:
                yield Source(value.lower())
            elif kind_of(value) not in others:
                raise Unclear(f"`{value}` is no ARN of a {kind}")

    return place


def only_arns(place: Place) -> Place:
    """The ARNs at a place, where a name is of another kind."""

    def found(asked: Asked) -> list[str]:
        names = () if isinstance(place, str) else place(asked) or ()
        return [name for name in names if isinstance(name, Source)]

    return found


def default(name: str, *paths: str) -> Place:
    """A group by its name; the default one where a request says none."""

    def place(asked: Asked) -> list[str]:
        return [value for path in paths for value in values(asked.members, path)] or [Tail(name)]

    return place


def in_filter(asked: Asked, filter: str) -> Iterator[str]:
    """What a filter names, where a request names something beside it."""
    if any(name.endswith(("Identifier", "Name")) and asked.members[name] for name in asked.members):
        for each in asked.members.get("Filters") or ():
            if each.get("Name") == filter:
                yield from values(each, "Values")


def filtered(filter: str) -> Place:
    """The same as a place."""
    return lambda asked: in_filter(asked, filter)


def by_its_id(member: str) -> Place:
    """All there are, where what is meant is said by an ID that only what stands behind knows."""
    return lambda asked: NEW if asked.members.get(member) else None


def unless_in_cluster(place: Place) -> Place:
    """An instance of a cluster has the cluster's groups."""

    def found(asked: Asked) -> Iterable[str]:
        named = asked.members.get("DBClusterIdentifier")
        return () if named or isinstance(place, str) else place(asked) or ()

    return found
