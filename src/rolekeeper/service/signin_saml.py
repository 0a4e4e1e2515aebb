"""Signing in to the console with a SAML response: AssumeRoleWithSAML, really decided, and a console session.

A response names the roles that somebody may have. Where there are several, one is chosen first; which there
are is told only once the response is verified.
Source: "Enabling SAML 2.0 federated principals to access the AWS Management Console" in the IAM User Guide.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from rolekeeper.arn import Arn
from rolekeeper.errors import AwsError, InvalidIdentityToken
from rolekeeper.iam import saml_assertion, saml_attributes, saml_response
from rolekeeper.iam.providers import SamlProvider
from rolekeeper.iam.saml_assertion import Assertion
from rolekeeper.iam.saml_verification import Question
from rolekeeper.iam.saml_xml import SAML
from rolekeeper.service import acting
from rolekeeper.service.signin import SignIn, SignInRefused
from rolekeeper.service.signin_trail import HOMES
from rolekeeper.store.contract import Transaction
from rolekeeper.wire.http import HttpRequest

MOST_ROLES = 100
"""Roles of one response that can be chosen from."""

_ROLE = re.compile("arn:(?:aws|aws-cn|aws-us-gov):iam::[0-9]{12}:role/")

Pair = tuple[str, str]
"""The ARNs of a role and of the provider through which it is had."""


def roles(signin: SignIn, request: HttpRequest, response: str, provider_id: str = "") -> list[Pair]:
    """The roles that a response is good for, once it is verified; SignInRefused. Whether a role trusts the
    provider is asked when it is chosen."""
    service, found = signin.service, []
    refusal = "The response names no role."
    operation = service.operations.named(acting.STS, "AssumeRoleWithSAML")
    assert operation.proof is not None
    for pair in _named(signin, response, provider_id):
        arguments = _arguments(response, pair)
        try:
            with service.store.read() as tx:
                service.proofs.caller(
                    operation.proof,
                    arguments,
                    request=request,
                    now=service.clock.now(),
                    region=_region(pair),
                    store=tx,
                )
            found.append(pair)
        except AwsError as error:
            refusal = error.message
    if not found:
        raise SignInRefused(refusal)
    return found


def missing(signin: SignIn, request: HttpRequest, response: str) -> Callable[[], object] | None:
    """The work of verifying a response, which others must not wait for."""
    operation = signin.service.operations.named(acting.STS, "AssumeRoleWithSAML")
    assert operation.proof is not None
    try:
        pairs = _named(signin, response, "")
    except SignInRefused:
        return None
    with signin.service.store.read() as tx:
        for pair in pairs[:1]:
            return signin.service.proofs.missing(
                operation.proof,
                _arguments(response, pair),
                request=request,
                now=signin.service.clock.now(),
                store=tx,
            )
    return None


def enter(signin: SignIn, request: HttpRequest, response: str, pair: Pair, *, to: str) -> str:
    """The ID of a new console session as a role; SignInRefused."""
    service, region = signin.service, _region(pair)
    try:
        answer = acting.perform(
            service,
            request,
            (acting.STS, "AssumeRoleWithSAML"),
            {"RoleArn": pair[0], "PrincipalArn": pair[1], "SAMLAssertion": response},
            lambda operation, given, tx: service.proofs.caller(
                operation.proof,  # type: ignore[arg-type]
                given,
                request=request,
                now=service.clock.now(),
                region=region,
                store=tx,
            ),
            region=region,
        )
    except AwsError as error:
        raise SignInRefused(error.message) from None
    session = service.sessions.read(answer["Credentials"]["SessionToken"])
    partition = Arn.parse(pair[0]).partition
    return signin.begin(request, partition, session, to=to, SamlProviderArn=pair[1])


def _region(pair: Pair) -> str:
    return HOMES[Arn.parse(pair[0]).partition]


def _arguments(response: str, pair: Pair) -> dict[str, str]:
    return {"role_arn": pair[0], "principal_arn": pair[1], "saml_assertion": response}


def _named(signin: SignIn, response: str, provider_id: str) -> list[Pair]:
    """The roles that a response names; at a provider's own address, those that are had through it.

    What is encrypted is verified when it is opened; of the rest nothing is believed yet.
    """
    try:
        plain = next(saml_response.read(response).iter(f"{SAML}Assertion"), None)
        with signin.service.store.read() as tx:
            provider = tx.by_unique_id(provider_id) if provider_id else None
            if not isinstance(provider, SamlProvider) and (provider_id or plain is None):
                raise InvalidIdentityToken("Encrypted assertions come to their provider's own address.")
            if plain is not None:
                said = saml_assertion.read(plain)
            else:
                assert isinstance(provider, SamlProvider)
                said = _opened(response, provider, tx)
    except AwsError as error:
        raise SignInRefused(error.message) from None
    found = []
    for pair in sorted(saml_attributes.pairs(said.attributes))[:MOST_ROLES]:
        both = sorted(pair, key=lambda arn: ":saml-provider/" in arn)
        if not _ROLE.match(both[0]) or ":saml-provider/" not in both[1]:
            continue
        if not isinstance(provider, SamlProvider) or both[1] == provider.arn(Arn.parse(both[0]).partition):
            found.append((both[0], both[1]))
    return found


def _opened(response: str, provider: SamlProvider, tx: Transaction) -> Assertion:
    secrets = tx.account(provider.account).secrets
    keys = ((key.id, secrets.get(SamlProvider.kind, key.id)) for key in provider.private_keys)
    question = Question(
        response=response,
        metadata=provider.metadata,
        keys=tuple((id, secret) for id, secret in keys if secret is not None),
    )
    return question.answer()
