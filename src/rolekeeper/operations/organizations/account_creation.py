"""Making accounts: each with a role by which the management account reaches it at once.

The role is called OrganizationAccountAccessRole unless the request says otherwise, trusts the management
account and may do everything. The new account's root user has no key. What AWS does in the background is done
when the request is answered, and its status says so.
Source: "CreateAccount" in the Organizations API Reference; "Accessing member accounts" in the User Guide.
"""

from __future__ import annotations

import json
import secrets
from typing import Any

from rolekeeper import ids
from rolekeeper.arn import root_arn
from rolekeeper.errors import (
    ConstraintViolationException,
    CreateAccountStatusNotFoundException,
    InvalidInputException,
)
from rolekeeper.iam import aws_policies
from rolekeeper.iam.entities import Account, Role
from rolekeeper.iam.organization_requests import AccountRequest
from rolekeeper.operations import attachments, documents
from rolekeeper.operations import views as iam_views
from rolekeeper.operations.organizations import keys, membership, names, standing, views
from rolekeeper.operations.organizations.paging import page
from rolekeeper.operations.organizations.standing import Standing, every
from rolekeeper.operations.organizations.tagging import with_tags
from rolekeeper.service.call import Call
from rolekeeper.service.registry import operation

ACCESS_ROLE = "OrganizationAccountAccessRole"
_RESERVED = "awsservicerolefor"


@operation(resource=names.everything, also=keys.tagging(names.everything), writes=True)
def create_account(
    call: Call,
    *,
    email: str,
    account_name: str,
    role_name: str = ACCESS_ROLE,
    iam_user_access_to_billing: str = "ALLOW",
    tags: list[dict[str, str]] | None = None,
) -> dict[str, Any]:
    """Make an account in the organization. An address that is taken makes the request fail, not the call."""
    of = standing.administered(call)
    if role_name.lower().startswith(_RESERVED):
        raise InvalidInputException("INVALID_ROLE_NAME", "You provided a role name that isn't valid.")
    membership.refuse_over_limit(call, of)
    given = with_tags(call, {}, tags)
    taken = any(account.email.lower() == email.lower() for account in call.store.accounts())
    number = None if taken else _make(call, of, email, account_name, role_name, given)
    request = AccountRequest(
        account=of.management,
        id=ids.organizations_id("car-", 32),
        name=account_name,
        requested=call.now,
        account_id=number,
        failure="EMAIL_ALREADY_EXISTS" if taken else None,
    )
    of.state.collection(AccountRequest).add(request)
    return {"CreateAccountStatus": views.creation(request)}


@operation(resource=names.everything, also=keys.tagging(names.everything), writes=True)
def create_gov_cloud_account(
    call: Call,
    *,
    email: str,
    account_name: str,
    role_name: str = ACCESS_ROLE,
    iam_user_access_to_billing: str = "ALLOW",
    tags: list[dict[str, str]] | None = None,
) -> dict[str, Any]:
    """Refused: no management account here has an account in GovCloud."""
    standing.administered(call)
    raise ConstraintViolationException(
        "MASTER_ACCOUNT_NOT_GOVCLOUD_ENABLED",
        "The management account must have an associated account in the AWS GovCloud (US-West) Region.",
    )


@operation(resource=names.everything)
def describe_create_account_status(call: Call, *, create_account_request_id: str) -> dict[str, Any]:
    """Tell what became of a request."""
    of = standing.administered(call)
    request = of.state.collection(AccountRequest).find(create_account_request_id)
    if request is None:
        raise CreateAccountStatusNotFoundException
    return {"CreateAccountStatus": views.creation(request)}


@operation(resource=names.everything)
def list_create_account_status(
    call: Call,
    *,
    states: list[str] | None = None,
    next_token: str | None = None,
    max_results: int | None = None,
) -> dict[str, Any]:
    """List the requests that came to certain ends, or all."""
    of = standing.administered(call)
    found = every(of.state.collection(AccountRequest))
    return page(
        "CreateAccountStatuses",
        (request for request in found if not states or request.state in states),
        views.creation,
        key=lambda request: request.id,
        next_token=next_token,
        max_results=max_results,
    )


def _make(call: Call, of: Standing, email: str, name: str, role_name: str, tags: dict[str, str]) -> str:
    number = ids.account_number()
    while call.store.has_account(number):
        number = ids.account_number()
    created = call.now.replace(microsecond=0)
    account = Account(
        account=number, name=name, created=created, canonical_id=secrets.token_hex(32), address=email
    )
    call.store.add_account(account)
    membership.join(call, of, account, method="CREATED", tags=tags)
    _let_in(call, of, number, role_name)
    return number


def _let_in(call: Call, of: Standing, number: str, role_name: str) -> None:
    """The role of the new account by which the management account comes in."""
    state = call.store.account(number)
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": root_arn(call.partition, of.management)},
        "Action": "sts:AssumeRole",
    }
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]}, separators=(",", ":"))
    role = Role(
        account=number,
        name=role_name,
        id=ids.unique_id(ids.ROLE, number),
        created=call.now.replace(microsecond=0),
        trust=documents.trust_policy(call, trust),
    )
    state.roles.add(role)
    everything = aws_policies.every()["administratoraccess"]
    state.links.add("attachment", attachments.source(role), iam_views.policy_reference(everything))
