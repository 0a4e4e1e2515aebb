"""The names that services have of their own for tags: `ec2:ResourceTag/KEY`, `rds:db-tag/KEY` and others.

Beside `aws:ResourceTag` and `aws:RequestTag`, which all services have, about a dozen have words from before
those. Which of them an action takes for a kind of resource is in the reference. S3 has two: of an object,
what is called its resource's tags are its bucket's, and its own are `s3:ExistingObjectTag`; such others a
service's rules find (`Rules.tag_keys`).
Source: the condition keys of each service in the Service Authorization Reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from rolekeeper.gateway.asked import Asked, Wanted
from rolekeeper.gateway.rules import Lookups, Rules
from rolekeeper.policy import catalog
from rolekeeper.policy.context import KeyValue

_OF_REQUESTS = re.compile("[a-z0-9-]+:(req-tag|requesttag)/")
_OF_RESOURCES = re.compile("[a-z0-9-]+:(resourcetag|tag|buckettag|accesspointtag|[a-z-]+-tag)/")


def of_resource(wanted: Wanted, tags: Mapping[str, str]) -> dict[str, KeyValue]:
    """The service's own condition keys for the tags of what an access is about."""
    words = _words_of_resource(wanted.action, wanted.type) if tags else ()
    return {word + name.lower(): value for word in words for name, value in tags.items()}


async def found(
    rules: Rules | None, lookups: Lookups, asked: Asked, arn: str, named: Iterable[str]
) -> dict[str, KeyValue]:
    """The tags that a service's rules find, where one of the condition keys that policies name is of them."""
    keys: dict[str, KeyValue] = {}
    for word, find in rules.tag_keys.items() if rules is not None else ():
        if any(key.startswith(word) for key in named):
            tags = await find(lookups, asked, arn)
            keys |= {word + name.lower(): value for name, value in tags.items()}
    return keys


@cache
def words_of_request(action: str) -> tuple[str, ...]:
    """How the service's own keys for the tags of a request begin, for an action."""
    found = catalog.action(action)
    words = map(_beginning, found.condition_keys if found is not None else ())
    return tuple(word for word in words if _is(_OF_REQUESTS, word))


@cache
def _words_of_resource(action: str, kind: str) -> tuple[str, ...]:
    words = dict.fromkeys(map(_beginning, _keys(action, kind)))
    return tuple(word for word in words if _is(_OF_RESOURCES, word) and not _is(_OF_REQUESTS, word))


def _keys(action: str, kind: str) -> Iterator[str]:
    """The condition keys of an action for a kind of resource, and those of the kind itself."""
    found = catalog.action(action)
    if found is not None:
        others = {key for each in found.resources if each.type != kind for key in each.condition_keys}
        own = {key for each in found.resources if each.type == kind for key in each.condition_keys}
        yield from (key for key in found.condition_keys if key in own or key not in others)
    for each in catalog.resource_types(action.partition(":")[0]):
        if each.name == kind:
            yield from each.condition_keys


def _beginning(key: str) -> str:
    return key.lower().partition("/")[0] + "/" if "/" in key else key.lower()


def _is(words: re.Pattern[str], beginning: str) -> bool:
    return not beginning.startswith("aws:") and words.fullmatch(beginning) is not None
