"""What the operations of both kinds of identity provider share: from an ARN to the provider.

A provider of another account is not found, whoever asks; an ARN is compared with its case.
"""

from __future__ import annotations

import re
from typing import Any, TypeVar

from rolekeeper.arn import Arn
from rolekeeper.errors import NoSuchEntity, ValidationError
from rolekeeper.iam.providers import OidcProvider, Provider, SamlProvider
from rolekeeper.operations import views
from rolekeeper.service.call import Call, Resource

P = TypeVar("P", bound=Provider)

_ARN = re.compile(r"arn:[\w-]+:iam::\d{12}:(oidc|saml)-provider/.+", re.DOTALL)


def oidc(call: Call, *, open_id_connect_provider_arn: str, **_: Any) -> Resource:
    """The OpenID Connect provider of an ARN."""
    return _resource(call, OidcProvider, open_id_connect_provider_arn)


def saml(call: Call, *, saml_provider_arn: str, **_: Any) -> Resource:
    """The SAML provider of an ARN."""
    return _resource(call, SamlProvider, saml_provider_arn)


def new_oidc(call: Call, *, url: str, **_: Any) -> Resource:
    """The OpenID Connect provider that is to be made."""
    return _to_be(call, OidcProvider, url.removeprefix("https://"))


def new_saml(call: Call, *, name: str, **_: Any) -> Resource:
    """The SAML provider that is to be made."""
    return _to_be(call, SamlProvider, name)


def every_oidc(call: Call, **_: Any) -> Resource:
    """All OpenID Connect providers of the account."""
    return _to_be(call, OidcProvider, "*")


def every_saml(call: Call, **_: Any) -> Resource:
    """All SAML providers of the account."""
    return _to_be(call, SamlProvider, "*")


def find(call: Call, kind: type[P], provider_arn: str) -> P | None:
    """The provider of an ARN in the caller's account, or None; ValidationError where it is no such ARN."""
    if _ARN.fullmatch(provider_arn) is None or f":{kind.resource_type}/" not in provider_arn:
        raise ValidationError(f"ARN {provider_arn} is not valid.")
    return _found(call, kind, provider_arn)


def get(call: Call, kind: type[P], provider_arn: str) -> P:
    """The provider of an ARN in the caller's account; NoSuchEntity, ValidationError."""
    found = find(call, kind, provider_arn)
    if found is None:
        raise NoSuchEntity(kind.missing.format(name=provider_arn))
    return found


def every(call: Call, kind: type[P]) -> list[P]:
    """All providers of a kind: their lists have no pages."""
    found, after, more = list[P](), None, True
    while more:
        page, more = call.tx.collection(kind).page(after=after)
        found.extend(page)
        after = page[-1].key if page else None
    return found


def tag_list(provider: Provider) -> list[dict[str, str]]:
    """A provider's tags, sorted by key as AWS returns them."""
    return views.tag_list(dict(sorted(provider.tags.items())))


def _found(call: Call, kind: type[P], provider_arn: str) -> P | None:
    provider = call.tx.collection(kind).find(provider_arn.partition("/")[2])
    return provider if provider is not None and provider.arn(call.partition) == provider_arn else None


def _resource(call: Call, kind: type[P], provider_arn: str) -> Resource:
    try:
        account = Arn.parse(provider_arn).account
    except ValueError:
        return Resource(arn=provider_arn, account=call.account)
    provider = _found(call, kind, provider_arn)
    tags = provider.tags if provider is not None else {}
    return Resource(arn=provider_arn, account=account or call.account, tags=tags)


def _to_be(call: Call, kind: type[P], key: str) -> Resource:
    arn = f"arn:{call.partition}:iam::{call.account}:{kind.resource_type}/{key}"
    return Resource(arn=arn, account=call.account)
