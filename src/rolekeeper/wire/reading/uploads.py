"""A browser's upload to S3: the fields of its form as the members of PutObject.

What is in a form's field is in a header of an upload of the usual kind, and that is how it goes on: of the
fields those which are listed here, or are S3's own and of a member. Who signed the form's policy, and what
the answer looks like, is not asked here.
Source: "POST Object" in the Amazon S3 API Reference.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

import msgspec

from rolekeeper.errors import InvalidArgument
from rolekeeper.wire.http import HttpRequest
from rolekeeper.wire.reading import xml
from rolekeeper.wire.reading.rest_plans import rest_plan, xml_types
from rolekeeper.wire.reading.values import Reading, Route

__all__ = ["read_upload"]

_HEADERS: Final[Mapping[str, str]] = {
    "acl": "x-amz-acl",
    "cache-control": "cache-control",
    "content-disposition": "content-disposition",
    "content-encoding": "content-encoding",
    "content-language": "content-language",
    "content-type": "content-type",
    "expires": "expires",
}
_S3S: Final = "x-amz-"


def read_upload(route: Route, fields: Mapping[str, str]) -> Reading:
    """What a form has, and how it goes on, its file being the body. `fields` are its others, by lower-case
    name, with the file's name in `key` already; InvalidArgument where it has none."""
    key = fields.get("key", "")
    if not key:
        raise InvalidArgument("Bucket POST must contain a field named 'key'.")
    headers = []
    for name, text in fields.items():
        header = name if name.startswith(_S3S) else _HEADERS.get(name)
        if header is not None:
            headers.append((header, text.encode("utf-8", "surrogateescape").decode("latin-1")))
    if "tagging" in fields:
        headers.append(("x-amz-tagging", _tags(route, fields["tagging"])))
    whole = msgspec.structs.replace(route, labels={**route.labels, "Key": key}, form=False)
    plan = rest_plan(route.service, route.operation)
    members = plan.read(HttpRequest(method="PUT", path="/", headers=headers), whole)
    return Reading(members=members, written=plan.write(members))


def _tags(route: Route, text: str) -> str:
    """The XML of a form's tags as the header that says the same."""
    readers, _ = xml_types(route.service.name)
    payload = route.service.operations["PutObjectTagging"].payload
    assert payload is not None
    found = readers.of(payload.shape)(xml.decode(text.encode("utf-8", "replace"), payload.given_name))
    tags = [(tag.get("Key", ""), tag.get("Value", "")) for tag in found.get("TagSet", ())]
    return "&".join(f"{quote(key, safe='')}={quote(value, safe='')}" for key, value in tags)
