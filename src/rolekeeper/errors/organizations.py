"""Errors of AWS Organizations, by AWS's own names: most have one text, three a reason from a list of AWS's.

Source: "Actions" and the errors of each in the Organizations API Reference; the texts are AWS's where they
are known.
"""

from __future__ import annotations

from typing import ClassVar

from rolekeeper.errors.tree import SenderError


class OrganizationsError(SenderError):
    """An error of AWS Organizations, which has one text; other services with that error have texts of their
    own."""

    status = 400
    text: ClassVar[str] = ""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or self.text)


class ReasonedError(SenderError):
    """An error of AWS Organizations with a `Reason`."""

    status = 400

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.details = {"Reason": reason}


class InvalidInputException(ReasonedError):
    """A request to AWS Organizations is wrong; the reason is one of a list of AWS's."""

    code = "InvalidInputException"


class ConstraintViolationException(ReasonedError):
    """A limit of the organization forbids it; the reason is one of a list of AWS's."""

    code = "ConstraintViolationException"


class HandshakeConstraintViolationException(ReasonedError):
    """A rule of joining forbids it; the reason is one of a list of AWS's."""

    code = "HandshakeConstraintViolationException"


class AlreadyInOrganizationException(OrganizationsError):
    """The account is in an organization already."""

    code = "AlreadyInOrganizationException"
    text = "The AWS account is already a member of an organization."


class AWSOrganizationsNotInUseException(OrganizationsError):
    """The account is in no organization."""

    code = "AWSOrganizationsNotInUseException"
    text = "Your account is not a member of an organization."


class OrganizationNotEmptyException(OrganizationsError):
    """The organization still has member accounts."""

    code = "OrganizationNotEmptyException"
    text = (
        "To delete an organization you must first remove all member accounts (except the management account)."
    )


class AccountNotFoundException(OrganizationsError):
    """No such account is in the organization."""

    code = "AccountNotFoundException"
    text = "You specified an account that doesn't exist."


class AccountAlreadyClosedException(OrganizationsError):
    """The account is closed already."""

    code = "AccountAlreadyClosedException"
    text = "The account is already closed."


class AccountAlreadyRegisteredException(OrganizationsError):
    """The account is a delegated administrator of the service already."""

    code = "AccountAlreadyRegisteredException"
    text = "The provided account is already a delegated administrator for your organization."


class AccountNotRegisteredException(OrganizationsError):
    """The account is no delegated administrator of the service."""

    code = "AccountNotRegisteredException"
    text = "The provided account is not a registered delegated administrator for your organization."


class MasterCannotLeaveOrganizationException(OrganizationsError):
    """The management account cannot leave its organization."""

    code = "MasterCannotLeaveOrganizationException"
    text = "You can't remove the management account from the organization."


class CreateAccountStatusNotFoundException(OrganizationsError):
    """There was no such request to make an account."""

    code = "CreateAccountStatusNotFoundException"
    text = "You specified a create account request that doesn't exist."


class DuplicateAccountException(OrganizationsError):
    """The account is there already."""

    code = "DuplicateAccountException"
    text = "That account is already present in the specified destination."


class SourceParentNotFoundException(OrganizationsError):
    """The account does not hang there."""

    code = "SourceParentNotFoundException"
    text = "You specified a source parent that doesn't exist."


class DestinationParentNotFoundException(OrganizationsError):
    """There is no such root or unit to move to."""

    code = "DestinationParentNotFoundException"
    text = "You specified a destination parent that doesn't exist."


class RootNotFoundException(OrganizationsError):
    """The organization has another root."""

    code = "RootNotFoundException"
    text = "You specified a root that doesn't exist."


class ParentNotFoundException(OrganizationsError):
    """There is no such root or unit."""

    code = "ParentNotFoundException"
    text = "You specified a parent that doesn't exist."


class ChildNotFoundException(OrganizationsError):
    """There is no such unit or account."""

    code = "ChildNotFoundException"
    text = "You specified a child that doesn't exist."


class OrganizationalUnitNotFoundException(OrganizationsError):
    """There is no such unit."""

    code = "OrganizationalUnitNotFoundException"
    text = "You specified an organizational unit that doesn't exist."


class OrganizationalUnitNotEmptyException(OrganizationsError):
    """The unit still has accounts or units."""

    code = "OrganizationalUnitNotEmptyException"
    text = "The organizational unit is not empty. Move all accounts and remove all child OUs first."


class DuplicateOrganizationalUnitException(OrganizationsError):
    """The parent has a unit of that name."""

    code = "DuplicateOrganizationalUnitException"
    text = "An OU with the same name already exists."


class TargetNotFoundException(OrganizationsError):
    """There is no such root, unit, account or policy."""

    code = "TargetNotFoundException"
    text = "You specified a target that doesn't exist."


class PolicyNotFoundException(OrganizationsError):
    """There is no such policy."""

    code = "PolicyNotFoundException"
    text = "You specified a policy that doesn't exist."


class DuplicatePolicyException(OrganizationsError):
    """There is a policy of that name and type."""

    code = "DuplicatePolicyException"
    text = "A policy with the specified name and type already exists."


class DuplicatePolicyAttachmentException(OrganizationsError):
    """The policy is attached there already."""

    code = "DuplicatePolicyAttachmentException"
    text = "The specified policy is already attached to the specified target."


class PolicyNotAttachedException(OrganizationsError):
    """The policy is not attached there."""

    code = "PolicyNotAttachedException"
    text = "The specified policy isn't attached to the specified target."


class PolicyInUseException(OrganizationsError):
    """The policy is attached somewhere."""

    code = "PolicyInUseException"
    text = (
        "The policy is attached to one or more entities. You must detach it from all roots, OUs, "
        "and accounts first."
    )


class PolicyTypeAlreadyEnabledException(OrganizationsError):
    """The type is enabled in the root already."""

    code = "PolicyTypeAlreadyEnabledException"
    text = "The specified policy type is already enabled."


class PolicyTypeNotEnabledException(OrganizationsError):
    """The type is not enabled in the root."""

    code = "PolicyTypeNotEnabledException"
    text = "This operation can be performed only for enabled policy types."


class PolicyTypeNotAvailableForOrganizationException(OrganizationsError):
    """The organization cannot have policies of that type."""

    code = "PolicyTypeNotAvailableForOrganizationException"
    text = (
        "You can't use the specified policy type with the feature set currently enabled for this "
        "organization."
    )


class MalformedPolicyDocumentException(OrganizationsError):
    """The text is no policy of its type."""

    code = "MalformedPolicyDocumentException"
    text = "The provided policy document does not meet the requirements of the specified policy type."


class EffectivePolicyNotFoundException(OrganizationsError):
    """No policy of that type is in effect."""

    code = "EffectivePolicyNotFoundException"
    text = "The account doesn't have an effective policy of the specified type."


class ResourcePolicyNotFoundException(OrganizationsError):
    """The organization has no policy of its own."""

    code = "ResourcePolicyNotFoundException"
    text = "You specified a resource policy that doesn't exist."


class HandshakeNotFoundException(OrganizationsError):
    """There is no such handshake."""

    code = "HandshakeNotFoundException"
    text = "You specified a handshake that doesn't exist."


class HandshakeAlreadyInStateException(OrganizationsError):
    """The handshake is in that state already."""

    code = "HandshakeAlreadyInStateException"
    text = "The specified handshake is already in the requested state."


class InvalidHandshakeTransitionException(OrganizationsError):
    """The handshake is over."""

    code = "InvalidHandshakeTransitionException"
    text = "You can't perform the operation on the handshake in its current state."


class DuplicateHandshakeException(OrganizationsError):
    """That invitation is open already."""

    code = "DuplicateHandshakeException"
    text = "A handshake with the same action and target already exists."


class ResponsibilityTransferNotFoundException(OrganizationsError):
    """There is no such transfer of bills."""

    code = "ResponsibilityTransferNotFoundException"
    text = "You specified a responsibility transfer that doesn't exist."
