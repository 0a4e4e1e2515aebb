"""One kind of resource of one operation: from a request to the ARNs that it asks for.

The rule of this file: whatever a request gives for a resource becomes an ARN, or the request is refused as
one that is not valid; nothing that is given is left aside. So where two members name the kind, both are
asked; an ARN has to be of the kind, and to agree with what else is given; one of another region is asked in
the request's region too, because what stands behind may look there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from rolekeeper.errors import ValidationError
from rolekeeper.gateway.asked import Asked
from rolekeeper.gateway.sources import Source
from rolekeeper.gateway.templates import Template, narrower, templates

Found = tuple[str, str]
"""An ARN, and what the request calls it."""

_OVERRIDES = {"Account": re.compile("[0-9]{12}"), "Region": re.compile("[a-z]{2}[a-z0-9-]{1,30}")}


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """One template of a kind of resource, with where its parts are."""

    prefix: str
    template: Template
    required: bool
    own: Source | None
    """Of its last placeholder, which is the resource itself."""
    parents: Mapping[str, Source]
    """Of the placeholders before, and of a region and account where rules say so."""
    arns: Source | None
    """Members that are the ARN of this kind by their name."""
    loose: Source | None
    """Members that are an ARN of whatever kind."""
    any: Source | None
    """Those of them that name what the operation is about: `ResourceArn`, `Resources`."""
    completed: bool
    """What stands behind is asked for the ARN, so that an ARN of another kind is a name as well."""

    @property
    def told_by(self) -> frozenset[str]:
        """The members that name a resource of this kind."""
        found = (source.members for source in (self.own, self.arns) if source is not None)
        return frozenset[str]().union(*found)

    @property
    def constant(self) -> bool:
        """Whether there is only one such resource, in an account or at all."""
        return not self.template.names

    @property
    def reachable(self) -> bool:
        """Whether a request can say at all which one it means."""
        return self.constant or self.loose is not None or self.told

    @property
    def told(self) -> bool:
        """Whether a request says by members of the kind's own which one it means."""
        complete = all(name in self.parents for name in self.template.names[:-1])
        return self.arns is not None or (self.own is not None and complete)

    def given(self, asked: Asked) -> Iterator[str]:
        """What the request calls resources of this kind, understood or not."""
        for source in (self.own, self.arns):
            if source is not None:
                yield from source.values(asked)

    def given_as_any(self, asked: Asked) -> Sequence[str]:
        """The resources that the request names without saying of which kind they are."""
        return self.any.values(asked) if self.any is not None else ()

    def found(self, asked: Asked) -> list[Found]:
        """The resources that a request names; none where it names none of this kind."""
        if self.constant and self.required:
            return [(self.template.fill(asked, self._overrides(asked)), "")]
        found: list[Found] = []
        own = self.own.values(asked) if self.own is not None else ()
        if own:
            found += self._named(asked, own)
        arns = self.arns.values(asked) if self.arns is not None else ()
        for arn in arns:
            found += self._by_arn(asked, arn, {}, trusted=False)
        if not own and not arns and self.loose is not None:
            for arn in self.loose.values(asked):
                found += self._by_arn(asked, arn, {}, trusted=False)
        return found

    def _named(self, asked: Asked, own: Sequence[str]) -> Iterator[Found]:
        trusted = self.own is not None and self.own.trusted
        choices = list(self._choices(asked))
        if len(own) > 1 and len(choices) > 1:
            raise ValidationError(
                f"`{asked.operation.name}` does not say which {self.template.kind} is whose"
            )
        for value in own:
            for others in choices:
                if value.startswith("arn:"):
                    yield from self._by_arn(asked, value, others, trusted=trusted)
                elif self.template.names[:-1] and not others.keys() >= set(self.template.names[:-1]):
                    continue
                else:
                    yield self._by_name(asked, value, others, trusted=trusted), value

    def _by_name(self, asked: Asked, value: str, others: Mapping[str, str], *, trusted: bool) -> str:
        arn = self.template.fill(asked, {**others, self.template.names[-1]: value})
        if not trusted and ("/" in value or ":" in value) and self._is_narrower(arn):
            raise ValidationError(f"`{value}` is not the name of a {self.template.kind}")
        return arn

    def _by_arn(self, asked: Asked, arn: str, others: Mapping[str, str], *, trusted: bool) -> Iterator[Found]:
        parts = self.template.read(arn)
        if parts is None or not (trusted or not self._is_narrower(arn)):
            if self.completed and arn.startswith("arn:"):
                yield arn, arn
            return
        if not arn.startswith(f"arn:{asked.partition}:"):
            raise ValidationError(f"`{arn}` is not of the partition `{asked.partition}`")
        for name, value in others.items():
            if name in self.template.names and parts[name] != value:
                raise ValidationError(f"`{arn}` is not of the {name} `{value}`")
        yield arn, arn
        if not trusted and parts.get("Region", asked.region) != asked.region:
            yield self.template.fill(asked, {**parts, "Region": asked.region}), arn

    def _is_narrower(self, arn: str) -> bool:
        return any(each.read(arn) is not None for each in narrower(self.prefix, self.template))

    def _overrides(self, asked: Asked) -> dict[str, str]:
        """The region and the account that rules find in the request."""
        found: dict[str, str] = {}
        for name, pattern in _OVERRIDES.items():
            source = self.parents.get(name)
            values = source.values(asked) if source is not None else ()
            for value in values[:1]:
                if len(values) > 1 or not pattern.fullmatch(value):
                    raise ValidationError(f"`{value}` is no {name.lower()}")
                found[name] = value
        return found

    def _choices(self, asked: Asked) -> Iterator[dict[str, str]]:
        """What may stand for the placeholders before the last one; only one of them may have several."""
        choices: list[dict[str, str]] = [self._overrides(asked)]
        for name, source in self.parents.items():
            if name in _OVERRIDES:
                continue
            values = list(source.values(asked))
            if len(values) > 1 and len(choices) > 1:
                raise ValidationError(f"`{asked.operation.name}` does not say which {name} is whose")
            if values:
                choices = [
                    choice | self._parent(asked, name, value) for choice in choices for value in values
                ]
        yield from choices

    def _parent(self, asked: Asked, name: str, value: str) -> dict[str, str]:
        """A parent by name or by its ARN, which then says the region and account as well."""
        if not value.startswith("arn:"):
            return {name: value}
        for kind in templates(self.prefix).values():
            for template in kind:
                parts = template.read(value) if template.names[-1:] == (name,) else None
                if parts is not None:
                    if not value.startswith(f"arn:{asked.partition}:"):
                        break
                    given = {key: part for key, part in parts.items() if key in self._takes}
                    if given.get("Region", asked.region) != asked.region:
                        break
                    return given
        raise ValidationError(f"`{value}` is no {name}")

    @property
    def _takes(self) -> frozenset[str]:
        places = ("Account",) * self.template.has_account + ("Region",) * self.template.has_region
        return frozenset((*self.template.names, *places))
