"""The kinds of resource that an operation is asked on, each with where its requests name it.

The rule of this file: a kind is named by members of its own, by its ARN in a member named after it, or by an
ARN in any member; a service's rules take the place of the first two.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rolekeeper.gateway import members, sources
from rolekeeper.gateway.placeholders import Kind
from rolekeeper.gateway.rules import Rules
from rolekeeper.gateway.templates import Template
from rolekeeper.wire.model import OperationModel


def kinds(
    rules: Rules,
    operation: OperationModel,
    kind: str,
    found: Sequence[Template],
    *,
    required: bool,
    alone: bool,
) -> Iterator[Kind]:
    """A kind of resource as an operation asks for it: one `Kind` for each of its templates.

    `alone` where its action is asked on no other kind.
    """
    for template in found:
        last = template.names[-1] if template.names else None
        own = None
        if last is not None:
            own = sources.of_placeholder(rules, operation, kind, last, last=True, alone=alone)
        ruled = own is not None and own.ruled
        arns = members.arns_of(last or kind, kind, operation) if not ruled else ()
        already = arns + tuple(own.members if own is not None else ())
        loose = [name for name in members.any_arns(operation) if name not in already]
        yield Kind(
            prefix=rules.prefix,
            template=template,
            required=required,
            own=own,
            parents=dict(sources.of_parents(rules, operation, template)),
            arns=sources.of_members(arns, operation),
            loose=sources.of_members(loose, operation),
            any=sources.of_members([name for name in loose if members.is_any_resource(name)], operation),
            completed=kind in rules.completions,
        )
