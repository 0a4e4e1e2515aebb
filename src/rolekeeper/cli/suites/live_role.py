"""A role of a running server, with all policies that bear on it, fetched when a test first names it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final
from urllib.parse import unquote

from rolekeeper.cli.iam_calls import CallRefused, IamCalls
from rolekeeper.cli.suites.policy_reader import parsed
from rolekeeper.cli.suites.sources import Level, LiveRole, SourcedDocument
from rolekeeper.errors import ConfigurationError
from rolekeeper.policy.decision import Layer
from rolekeeper.policy.document import PolicySyntaxError

_TAG_KEY: Final = "aws:PrincipalTag/"


class LiveRoles:
    """The roles of a server. `connect` is called when the first one is asked for, and once."""

    def __init__(self, connect: Callable[[], IamCalls]) -> None:
        self._connect = connect
        self._iam: IamCalls | None = None
        self._roles: dict[str, LiveRole] = {}

    def role(self, name: str) -> LiveRole:
        """The role of a name or an ARN; ConfigurationError where there is none, or nobody to ask."""
        found = self._roles.get(name)
        if found is None:
            if self._iam is None:
                self._iam = self._connect()
            try:
                found = self._roles[name] = _fetch(self._iam, name)
            except CallRefused as error:
                raise ConfigurationError(f"the role {name} cannot be read from the server: {error}") from None
        return found


def _fetch(iam: IamCalls, name: str) -> LiveRole:
    short = name.rpartition("/")[2]
    role = iam.call("GetRole", RoleName=short)
    arn = role.findtext(".//Arn", "")
    if name.startswith("arn:") and name != arn:
        raise ConfigurationError(f"the server has no role {name}; its role {short} is {arn}")
    boundary = role.findtext(".//PermissionsBoundaryArn")
    return LiveRole(
        arn=arn,
        trust=_document(
            role.findtext(".//AssumeRolePolicyDocument", ""), "resource", f"role {short}, its trust"
        ),
        identity=(*_inline(iam, short), *_attached(iam, short)),
        boundary=None
        if boundary is None
        else (_managed(iam, boundary, "boundary", f"role {short}, its boundary {boundary}"),),
        context=_tags(iam, short),
    )


def _inline(iam: IamCalls, role: str) -> Level:
    return tuple(
        _document(
            iam.call("GetRolePolicy", RoleName=role, PolicyName=name).findtext(".//PolicyDocument", ""),
            "identity",
            f"role {role}, inline policy {name}",
        )
        for name in _listed(iam, "ListRolePolicies", role, ".//PolicyNames/member")
    )


def _attached(iam: IamCalls, role: str) -> Level:
    return tuple(
        _managed(iam, arn, "identity", f"role {role}, attached policy {arn}")
        for arn in _listed(iam, "ListAttachedRolePolicies", role, ".//AttachedPolicies/member/PolicyArn")
    )


def _listed(iam: IamCalls, operation: str, role: str, path: str) -> Iterator[str]:
    for page in iam.pages(operation, RoleName=role):
        yield from (element.text or "" for element in page.iterfind(path))


def _managed(iam: IamCalls, arn: str, layer: Layer, title: str) -> SourcedDocument:
    version = iam.call("GetPolicy", PolicyArn=arn).findtext(".//DefaultVersionId", "")
    answer = iam.call("GetPolicyVersion", PolicyArn=arn, VersionId=version)
    return _document(answer.findtext(".//Document", ""), layer, title)


def _tags(iam: IamCalls, role: str) -> dict[str, str]:
    """What the role's tags are to a condition."""
    return {
        _TAG_KEY + tag.findtext("Key", ""): tag.findtext("Value", "")
        for page in iam.pages("ListRoleTags", RoleName=role)
        for tag in page.iterfind(".//Tags/member")
    }


def _document(encoded: str, layer: Layer, title: str) -> SourcedDocument:
    try:
        return SourcedDocument(document=parsed(unquote(encoded), layer), title=title)
    except PolicySyntaxError as error:
        raise ConfigurationError(f"{title}: {error}") from None
