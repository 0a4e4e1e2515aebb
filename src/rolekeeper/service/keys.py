"""The condition keys of a call, computed when a policy asks for one.

Keys of the principal that follow from who it is (`aws:PrincipalArn`, `aws:userid` ...) are the policy
package's; here are those that follow from the request, the session, the tags and the resource. A key that
has no value for this call is absent, never empty.
Source: "AWS global condition context keys" in the IAM User Guide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from rolekeeper.audit.cloudtrail import instant
from rolekeeper.iam.credentials import RoleSession, RootSession
from rolekeeper.service.call import Access, Call

Value = str | tuple[str, ...]


class CallKeys(Mapping[str, Value]):
    """The condition keys of one access of a call, by lower-case name."""

    __slots__ = ("_access", "_call", "_own", "_request_tags")

    def __init__(self, call: Call, access: Access) -> None:
        self._call = call
        self._access = access
        self._own: Mapping[str, Value] | None = None
        self._request_tags: dict[str, str] | None = None

    def get(self, key: str, default: object = None) -> Value | None:  # type: ignore[override]
        """The value of a key, or None where it is absent."""
        plain = _PLAIN.get(key)
        if plain is not None and key in _OF_THE_CALL:
            return plain(self._call)
        own = self.own.get(key)
        if own is not None:
            return own
        if plain is not None:
            return plain(self._call)
        if key in _ORGANIZATION:
            return self._of_organization(key)
        claimed = self._call.caller.claims.get(key)
        if claimed is not None:
            return claimed
        prefix, slash, name = key.partition("/")
        if not slash:
            return self._tag_keys() if key == "aws:tagkeys" else None
        return self._tagged(prefix, name)

    def __getitem__(self, key: str) -> Value:
        value = self.get(key)
        if value is None:
            raise KeyError(key)
        return value

    def __iter__(self) -> Iterator[str]:
        yield from self.own
        yield from (key for key in (*_PLAIN, *_ORGANIZATION) if self.get(key) is not None)
        yield from self._call.caller.claims
        if self.request_tags:
            yield "aws:tagkeys"
        for prefix, tags in (
            ("aws:requesttag", self.request_tags),
            ("aws:principaltag", self._call.caller.tags),
            ("aws:resourcetag", self._access.resource.tags),
        ):
            yield from (f"{prefix}/{key.lower()}" for key in tags)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    @property
    def own(self) -> Mapping[str, Value]:
        """The keys which the operation itself gives."""
        if self._own is None:
            self._own = self._access.keys() if self._access.keys is not None else {}
        return self._own

    @property
    def request_tags(self) -> Mapping[str, str]:
        """The tags that the request sets: its `Tags` parameter, or what an identity provider gives."""
        if self._request_tags is None:
            vouched = self._call.caller.vouched
            tags = self._call.arguments.get("tags") or ()
            given = dict(tags if isinstance(tags, Mapping) else map(_tag, tags))
            self._request_tags = given if vouched is None else dict(vouched.tags)
        return self._request_tags

    def _of_organization(self, key: str) -> Value | None:
        """The organization of the caller's or the resource's account, or where in it that is.

        Whom an identity provider vouches for is nobody of an organization yet.
        """
        of_caller = "principal" in key
        if of_caller and self._call.caller.vouched is not None:
            return None
        account = self._call.caller.account if of_caller else self._access.resource.account
        place = self._call.organizations.place(self._call.store, account)
        if place is None:
            return None
        return (place.path,) if key.endswith("paths") else place.organization

    def _tag_keys(self) -> Value | None:
        keys = tuple(self.request_tags) or tuple(self._call.arguments.get("tag_keys") or ())
        return keys or None

    def _tagged(self, prefix: str, name: str) -> Value | None:
        if prefix == "aws:requesttag":
            tags = self.request_tags
        elif prefix == "aws:principaltag":
            tags = self._call.caller.tags
        elif prefix in ("aws:resourcetag", "iam:resourcetag"):
            tags = self._access.resource.tags
        else:
            return None
        for key, value in tags.items():
            if key.lower() == name:
                return value
        return None


def _tag(tag: Mapping[str, str]) -> tuple[str, str]:
    """A tag of a request: IAM and STS begin the names of its parts with capital letters, other services do
    not."""
    return (tag["Key"], tag["Value"]) if "Key" in tag else (tag["key"], tag["value"])


def _issued(call: Call) -> str | None:
    session = call.caller.session
    return None if session is None else instant(datetime.fromtimestamp(session.issued, call.now.tzinfo))


def _mfa_present(call: Call) -> str | None:
    if call.mfa_at is not None:
        return "true"
    # Absent, not false, for long-lived keys.
    session = call.caller.session
    return None if session is None else ("false" if session.mfa_at is None else "true")


def _mfa_age(call: Call) -> str | None:
    session = call.caller.session
    at = call.mfa_at if call.mfa_at is not None or session is None else session.mfa_at
    return None if at is None else str(max(0, int(call.now.timestamp()) - at))


def _source_ip(call: Call) -> str | None:
    """Where the call comes from; a service has no address, but a name in that place."""
    address = call.request.source_ip
    return None if address.endswith(".amazonaws.com") else address


def _source_identity(call: Call) -> str | None:
    session = call.caller.session
    return session.source_identity if isinstance(session, RoleSession | RootSession) else None


_ORGANIZATION = frozenset(
    {"aws:principalorgid", "aws:principalorgpaths", "aws:resourceorgid", "aws:resourceorgpaths"}
)

_OF_THE_CALL = frozenset(
    {
        *("aws:multifactorauthage", "aws:multifactorauthpresent", "aws:sourceidentity", "aws:sourceip"),
        "aws:tokenissuetime",
    }
)
"""What no operation gives itself, so that its own keys need not be worked out for it."""

_PLAIN: dict[str, Callable[[Call], Value | None]] = {
    "aws:currenttime": lambda call: instant(call.now),
    "aws:epochtime": lambda call: str(int(call.now.timestamp())),
    "aws:securetransport": lambda call: "true" if call.request.secure else "false",
    "aws:sourceip": _source_ip,
    "aws:useragent": lambda call: call.request.header("user-agent"),
    "aws:referer": lambda call: call.request.header("referer"),
    "aws:requestedregion": lambda call: call.region,
    "aws:viaawsservice": lambda call: "true" if call.via else "false",
    "aws:calledvia": lambda call: call.via or None,
    "aws:tokenissuetime": _issued,
    "aws:multifactorauthpresent": _mfa_present,
    "aws:multifactorauthage": _mfa_age,
    "aws:sourceidentity": _source_identity,
}
