"""Service-specific credentials of users: made, switched, made anew, deleted.

Source: the IAM API Reference; "Actions, resources, and condition keys for AWS IAM" in the Service
Authorization Reference (`iam:ServiceSpecificCredentialServiceName`, `...AgeDays`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import msgspec

from rolekeeper import ids
from rolekeeper.arn import iam_arn
from rolekeeper.errors import NotSupportedService, ValidationError
from rolekeeper.iam import service_credentials
from rolekeeper.iam.entities import User
from rolekeeper.iam.service_credentials import API_KEYS, ServiceCredential
from rolekeeper.operations import belongings, owners, paging, resources
from rolekeeper.operations.belongings import Owner
from rolekeeper.service.call import Call, Resource
from rolekeeper.service.registry import Keys, operation

_LOGIN = "service-login"
"""The links from `SERVICE/LOGIN` to the credential that has it: a service must know whose it is."""


def _metadata(call: Call, entity: ServiceCredential, user_name: str) -> dict[str, Any]:
    public = "ServiceCredentialAlias" if entity.service in API_KEYS else "ServiceUserName"
    view = {
        "UserName": user_name,
        "Status": entity.status(call.now),
        public: entity.login,
        "CreateDate": entity.created,
        "ServiceSpecificCredentialId": entity.id,
        "ServiceName": entity.service,
    }
    if entity.expires is not None:
        view["ExpirationDate"] = entity.expires
    return view


def _with_new_secret(call: Call, entity: ServiceCredential, user_name: str) -> dict[str, Any]:
    secret = service_credentials.new_secret(entity.service, entity.login)
    call.tx.secrets.put(ServiceCredential.kind, entity.id, secret)
    private = "ServiceCredentialSecret" if entity.service in API_KEYS else "ServicePassword"
    view = _metadata(call, entity, user_name) | {private: secret.reveal()}
    return {"ServiceSpecificCredential": view}


def _created_keys(call: Call, *, service_name: str, credential_age_days: int | None = None, **_: Any) -> Keys:
    keys: dict[str, str | tuple[str, ...]] = {"iam:servicespecificcredentialservicename": service_name}
    if credential_age_days is not None:
        keys["iam:servicespecificcredentialagedays"] = str(credential_age_days)
    return keys


def _keys(call: Call, *, service_specific_credential_id: str, **_: Any) -> Keys:
    found = call.tx.collection(ServiceCredential).find(service_specific_credential_id)
    return {} if found is None else {"iam:servicespecificcredentialservicename": found.service}


def _require_supported(service_name: str) -> None:
    if not service_credentials.supported(service_name):
        raise NotSupportedService(
            f"No such service {service_name} is supported for Service Specific Credentials"
        )


@operation(resource=resources.user, keys=_created_keys, writes=True)
def create_service_specific_credential(
    call: Call, *, user_name: str, service_name: str, credential_age_days: int | None = None
) -> dict[str, Any]:
    """Make a credential of a user for a service; the answer shows its secret."""
    whose = owners.user(call, user_name)
    _require_supported(service_name)
    if credential_age_days is not None and service_name not in API_KEYS:
        raise ValidationError(f"CredentialAgeDays is not supported for the service {service_name}")
    present = [one for one in belongings.of(call, ServiceCredential, whose) if one.service == service_name]
    quota = call.limits.service_credentials_per_user
    belongings.refuse_over(quota, "ServiceSpecificCredentialsPerUser", len(present))
    created = call.now.replace(microsecond=0)
    entity = ServiceCredential(
        account=call.account,
        id=ids.unique_id(ids.SERVICE_CREDENTIAL, call.account),
        service=service_name,
        login=_free_login(call, service_name, whose),
        created=created,
        expires=None if credential_age_days is None else created + timedelta(days=credential_age_days),
    )
    call.tx.collection(ServiceCredential).add(entity)
    call.tx.links.add(ServiceCredential.kind, whose.key, entity.key)
    call.tx.links.add(_LOGIN, f"{service_name}/{entity.login}", entity.key)
    return _with_new_secret(call, entity, whose.name)


def _free_login(call: Call, service_name: str, whose: Owner) -> str:
    """The first that nobody has: after a renaming another user's may have this user's name."""
    logins = (service_credentials.login_of(whose.name, call.account, number) for number in count())
    return next(one for one in logins if not call.tx.links.targets(_LOGIN, f"{service_name}/{one}"))


def _listed(call: Call, *, user_name: str | None = None, all_users: bool = False, **_: Any) -> Resource:
    if all_users:
        arn = iam_arn(call.partition, call.account, User.resource_type, "/", "*")
        return Resource(arn=arn, account=call.account)
    return resources.user(call, user_name=user_name)


@operation(resource=_listed)
def list_service_specific_credentials(
    call: Call,
    *,
    user_name: str | None = None,
    service_name: str | None = None,
    all_users: bool = False,
    marker: str | None = None,
    max_items: int | None = None,
) -> dict[str, Any]:
    """List the credentials of a user, or of all users, without what is secret."""
    if all_users and user_name is not None:
        raise ValidationError("AllUsers cannot be specified together with UserName")
    if service_name is not None:
        _require_supported(service_name)
    if all_users:
        found = list(_of_all(call))
    else:
        whose = owners.user(call, user_name)
        found = [(one, whose.name) for one in belongings.of(call, ServiceCredential, whose)]
    return paging.of_list(
        [pair for pair in found if service_name in (None, pair[0].service)],
        "ServiceSpecificCredentials",
        key=lambda pair: pair[0].key,
        view=lambda pair: _metadata(call, *pair),
        marker=marker,
        max_items=max_items,
    )


def _of_all(call: Call) -> Iterator[tuple[ServiceCredential, str]]:
    for entity in belongings.every(call, ServiceCredential):
        for key in call.tx.links.sources(ServiceCredential.kind, entity.key):
            yield entity, call.tx.users.get(key).name


def _get(call: Call, user_name: str | None, credential_id: str) -> tuple[Owner, ServiceCredential]:
    whose = owners.user(call, user_name)
    return whose, belongings.one(call, ServiceCredential, whose, credential_id)


@operation(resource=resources.user, keys=_keys, writes=True)
def update_service_specific_credential(
    call: Call, *, service_specific_credential_id: str, status: str, user_name: str | None = None
) -> None:
    """Switch a credential on or off."""
    _, entity = _get(call, user_name, service_specific_credential_id)
    changed = msgspec.structs.replace(entity, active=owners.switched_on(status))
    call.tx.collection(ServiceCredential).put(changed)


@operation(resource=resources.user, keys=_keys, writes=True)
def reset_service_specific_credential(
    call: Call, *, service_specific_credential_id: str, user_name: str | None = None
) -> dict[str, Any]:
    """Make a credential's secret anew; the old one is worth nothing from now on."""
    whose, entity = _get(call, user_name, service_specific_credential_id)
    return _with_new_secret(call, entity, whose.name)


@operation(resource=resources.user, keys=_keys, writes=True)
def delete_service_specific_credential(
    call: Call, *, service_specific_credential_id: str, user_name: str | None = None
) -> None:
    """Delete a credential and its secret."""
    whose, entity = _get(call, user_name, service_specific_credential_id)
    call.tx.links.remove(_LOGIN, f"{entity.service}/{entity.login}", entity.key)
    call.tx.links.remove(ServiceCredential.kind, whose.key, entity.key)
    call.tx.secrets.delete(ServiceCredential.kind, entity.id)
    call.tx.collection(ServiceCredential).delete(entity)
