"""Errors of STS."""

from __future__ import annotations

from rolekeeper.errors.tree import SenderError


class PackedPolicyTooLarge(SenderError):
    """Session policies and tags together are over the packed limit."""

    code, status = "PackedPolicyTooLarge", 400


class InvalidParameterValue(SenderError):
    """A session tag or a transitive tag key is of the right form and wrong all the same."""

    code, status = "InvalidParameterValue", 400


class InvalidAuthorizationMessage(SenderError):
    """An encoded authorization message is not one of ours, was changed, or is another account's."""

    code, status = "InvalidAuthorizationMessageException", 400


class InvalidIdentityToken(SenderError):
    """A web identity token or a SAML assertion is not what it claims to be, or not for here."""

    code, status = "InvalidIdentityToken", 400


class ExpiredIdentityToken(SenderError):
    """A web identity token or a SAML assertion is past its end."""

    code, status = "ExpiredTokenException", 400


class IdentityProviderRejectedClaim(SenderError):
    """What a token says of somebody cannot be taken."""

    code, status = "IDPRejectedClaim", 403


class IdentityProviderCommunicationError(SenderError):
    """The keys of an identity provider could not be had."""

    code, status = "IDPCommunicationError", 400


class RegionDisabled(SenderError):
    """STS is not active in that region for the account."""

    code, status = "RegionDisabledException", 403


class OutboundFederationDisabled(SenderError):
    """The account gives no tokens for services elsewhere."""

    code, status = "OutboundWebIdentityFederationDisabledException", 403


class SessionDurationEscalation(SenderError):
    """A token would outlive the session that asks for it."""

    code, status = "SessionDurationEscalationException", 403


class ExpiredTradeInToken(SenderError):
    """The time of a delegation is over, and its token with it."""

    code, status = "ExpiredTradeInTokenException", 400


class TokenPayloadSizeExceeded(SenderError):
    """The claims of a token take too much."""

    code, status = "JWTPayloadSizeExceededException", 400
