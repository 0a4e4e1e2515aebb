"""GenerateCredentialReport and GetCredentialReport: what everybody in the account can sign in or call with.

The report is made when it is asked for, so that it is there with the answer, and stands for four hours: what
changes meanwhile does not change it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from rolekeeper.arn import root_arn
from rolekeeper.errors import ReportExpired, ReportNotPresent
from rolekeeper.iam.certificates import SigningCertificate
from rolekeeper.iam.credential_reports import LASTS, NO_INFORMATION, NOT_SUPPORTED, CredentialReport, table
from rolekeeper.iam.devices import MfaDevice
from rolekeeper.iam.entities import Account, User
from rolekeeper.iam.passwords import LoginProfile, PasswordPolicy
from rolekeeper.operations import access_keys, belongings, password_policy, resources, views
from rolekeeper.operations.belongings import Owner
from rolekeeper.service.call import Call
from rolekeeper.service.registry import operation

Row = dict[str, datetime | bool | str | None]


def _find(call: Call) -> CredentialReport | None:
    return call.tx.collection(CredentialReport).find(CredentialReport.name)


def _stands(call: Call, report: CredentialReport) -> bool:
    return call.now - report.created <= LASTS


@operation(resource=resources.everything, writes=True)
def generate_credential_report(call: Call) -> dict[str, Any]:
    """Make the account's report, unless there is one of the last four hours."""
    before = _find(call)
    if before is not None and _stands(call, before):
        return {"State": "COMPLETE"}
    now = call.now.replace(microsecond=0)
    report = CredentialReport(account=call.account, created=now, text=table(_rows(call)))
    reports = call.tx.collection(CredentialReport)
    if before is not None:
        reports.put(report)
        return {"State": "STARTED"}
    reports.add(report)
    return {"State": "STARTED", "Description": "No report exists. Starting a new report generation task"}


@operation(resource=resources.everything)
def get_credential_report(call: Call) -> dict[str, Any]:
    """Read the account's report; ReportNotPresent, or ReportExpired after four hours."""
    report = _find(call)
    if report is None:
        raise ReportNotPresent("There is no credential report. GenerateCredentialReport makes one.")
    if not _stands(call, report):
        raise ReportExpired("The credential report is too old. GenerateCredentialReport makes a new one.")
    return {"Content": report.text.encode(), "ReportFormat": "text/csv", "GeneratedTime": report.created}


def _rows(call: Call) -> Iterator[Row]:
    """The root user first, then the users by name, in any case."""
    account = call.tx.collection(Account).get(call.account)
    yield {
        "user": access_keys.ROOT,
        "arn": root_arn(call.partition, call.account),
        "user_creation_time": account.created,
        "password_enabled": False,
        "password_next_rotation": NOT_SUPPORTED,
        **_credentials(call, Owner("", account.name)),
    }
    policy = password_policy.find(call)
    for user in belongings.every(call, User):
        yield {
            "user": user.name,
            "arn": user.arn(call.partition),
            "user_creation_time": user.created,
            **_password(call, user, policy),
            **_credentials(call, belongings.owner(user)),
        }


def _password(call: Call, user: User, policy: PasswordPolicy | None) -> Row:
    profile = call.tx.collection(LoginProfile).find(user.id)
    if profile is None:
        return {"password_enabled": False}
    rotation = None
    if policy is not None and policy.max_age is not None:
        rotation = profile.changed + timedelta(days=policy.max_age)
    return {
        "password_enabled": True,
        "password_last_used": views.password_last_used(call, user) or NO_INFORMATION,
        "password_last_changed": profile.changed,
        "password_next_rotation": rotation,
    }


def _credentials(call: Call, whose: Owner) -> Row:
    """What users and the root user have alike, in the order of IDs."""
    row: Row = {"mfa_active": bool(call.tx.links.targets(MfaDevice.kind, whose.key))}
    keys = sorted(access_keys.of(call, whose.key or None), key=lambda key: key.id)
    for number in (1, 2):
        row |= {f"access_key_{number}_active": False, f"cert_{number}_active": False}
    for number, key in enumerate(keys, 1):
        column, last = f"access_key_{number}", call.tx.usage.last(key)
        row |= {f"{column}_active": key.active, f"{column}_last_rotated": key.created}
        if last is not None:
            row |= {
                f"{column}_last_used_date": last.time,
                f"{column}_last_used_region": last.region,
                f"{column}_last_used_service": last.service,
            }
    certificates = sorted(belongings.of(call, SigningCertificate, whose), key=lambda one: one.id)
    for number, certificate in enumerate(certificates, 1):
        column = f"cert_{number}"
        row |= {f"{column}_active": certificate.active, f"{column}_last_rotated": certificate.created}
    return row
