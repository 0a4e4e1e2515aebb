"""Letting a third party audit: row SR-012."""

from __future__ import annotations

import pytest

from tests.client import Person
from tests.people import allow, assume, policy, refused, role, trusting, user

requirement = pytest.mark.requirement

SECURITY_AUDIT = "arn:aws:iam::aws:policy/SecurityAudit"


def auditing(account: str, external_id: str) -> dict[str, object]:
    return trusting(account, Condition={"StringEquals": {"sts:ExternalId": external_id}})


@requirement("SR-012")
def test_sr_012_an_auditor_of_another_account_reads_and_changes_nothing(root: Person, other: Person) -> None:
    arn = role(root, "audit", auditing(other.account, "contract-7"))
    root.iam.attach_role_policy(RoleName="audit", PolicyArn=SECURITY_AUDIT)
    role(root, "web", {"Service": "ec2.amazonaws.com"})
    auditor = user(other, "auditor", allow("sts:AssumeRole", on=arn))

    with refused("AccessDenied", 403, "sts:AssumeRole"):
        assume(auditor, arn)
    with refused("AccessDenied", 403, "sts:AssumeRole"):
        assume(auditor, arn, ExternalId="contract-8")
    with refused("AccessDenied", 403, "sts:AssumeRole"):
        assume(user(other, "colleague"), arn, ExternalId="contract-7")

    session = assume(auditor, arn, ExternalId="contract-7")
    names = [each["RoleName"] for each in session.iam.list_roles()["Roles"]]
    assert names == ["audit", "web"]
    assert session.iam.get_account_authorization_details()["RoleDetailList"]
    with refused("AccessDenied", 403, "iam:DeleteRole"):
        session.iam.delete_role(RoleName="web")
    with refused("AccessDenied", 403, "iam:PutRolePolicy"):
        session.iam.put_role_policy(RoleName="audit", PolicyName="more", PolicyDocument=policy(allow("s3:*")))

    root.iam.detach_role_policy(RoleName="audit", PolicyArn=SECURITY_AUDIT)
    with refused("AccessDenied", 403, "iam:ListRoles"):
        session.iam.list_roles()
