"""A data warehouse of one account that unloads into a bucket of another: rows SR-116 to SR-119.

What the warehouse does is done here by the SDK, with the cluster's own session: UNLOAD has a list of roles,
of which the first is the cluster's, and each may assume the next.
Source: "Authorizing COPY, UNLOAD, CREATE EXTERNAL FUNCTION, and CREATE EXTERNAL SCHEMA operations using IAM
roles" (chaining IAM roles) in the Amazon Redshift Management Guide.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from tests.client import Person
from tests.people import allow, assume, policy, refused, role, user
from tests.requirements.test_gateway_instances import bucket
from tests.served import Served

requirement = pytest.mark.requirement

REDSHIFT = {"Service": "redshift.amazonaws.com"}


@dataclass
class Warehouse:
    """A cluster of account A, and the bucket of account C."""

    behind: Served
    a: Person
    c: Person
    lake: str

    def attach(self, *roles: str, by: Person | None = None) -> None:
        (by or self.a).client("redshift").create_cluster(
            ClusterIdentifier="warehouse",
            NodeType="ra3.xlplus",
            MasterUsername="admin",
            MasterUserPassword="Secret1234",
            IamRoles=list(roles),
        )

    def unload(self, iam_role: str, key: str = "part-0") -> None:
        """`UNLOAD ... TO 's3://LAKE/KEY' IAM_ROLE 'ARN,ARN'`."""
        first, *others = iam_role.split(",")
        (attached,) = (
            each for each in self.a.workloads.list_service_roles()["ServiceRoles"] if each["RoleArn"] == first
        )
        session = self.behind.in_workload(self.a, "service-role", attached["ServiceRoleId"])
        for each in others:
            session = assume(session, each, "unload")
        session.client("s3").put_object(Bucket=self.lake, Key=key, Body=b"1|rex")


@pytest.fixture
def warehouse(behind: Served, ours: Person, theirs: Person) -> Warehouse:
    return Warehouse(behind, ours, theirs, bucket(theirs, "lake"))


def writing(name: str, **more: object) -> dict[str, object]:
    return allow("s3:PutObject", on=f"arn:aws:s3:::{name}/*", **more)


def chain(at: Warehouse) -> tuple[str, str]:
    """RoleA of the cluster's account, and RoleB of the bucket's."""
    b = f"arn:aws:iam::{at.c.account}:role/RoleB"
    a = role(at.a, "RoleA", REDSHIFT, allow("sts:AssumeRole", on=b))
    role(at.c, "RoleB", a, writing(at.lake))
    return a, b


@requirement("SR-116", "SR-107")
def test_sr_116_the_warehouse_unloads_by_a_chain_of_roles(warehouse: Warehouse) -> None:
    a, b = chain(warehouse)
    warehouse.attach(a)
    with refused("AccessDenied", 403):
        warehouse.unload(a)  # the cluster's role alone has no rights there
    warehouse.unload(f"{a},{b}")
    found = warehouse.c.client("s3").get_object(Bucket=warehouse.lake, Key="part-0")
    assert found["Body"].read() == b"1|rex"
    assert "AssumeRole" in warehouse.behind.told(warehouse.c.account)


@requirement("SR-117")
def test_sr_117_the_first_role_is_the_clusters_and_who_attaches_it_passes_it(warehouse: Warehouse) -> None:
    a, b = chain(warehouse)
    making = allow("redshift:CreateCluster", "iam:CreateServiceLinkedRole")
    with refused("AccessDenied", 403, f"iam:PassRole on resource: {a}"):
        warehouse.attach(a, by=user(warehouse.a, "bob", making))
    tied = {"StringEquals": {"iam:PassedToService": "redshift.amazonaws.com"}}
    dba = user(warehouse.a, "dba", making, allow("iam:PassRole", on=a, Condition=tied))
    with refused("AccessDenied", 403, "Cross-account pass role is not allowed."):
        warehouse.attach(b, by=dba)
    warehouse.attach(a, by=dba)
    with pytest.raises(ValueError, match="unpack"):
        warehouse.unload(b)  # it is not the cluster's
    warehouse.unload(f"{a},{b}")


@requirement("SR-117")
def test_sr_117_each_role_must_be_allowed_to_assume_the_next(warehouse: Warehouse) -> None:
    a, b = chain(warehouse)
    last = f"arn:aws:iam::{warehouse.c.account}:role/RoleC"
    role(warehouse.c, "RoleC", f"arn:aws:iam::{warehouse.c.account}:root", writing(warehouse.lake))
    warehouse.attach(a)
    for wrong in (f"{a},{b},{last}", f"{a},{last}"):
        with refused("AccessDenied", 403, "sts:AssumeRole"):
            warehouse.unload(wrong)
    warehouse.c.iam.put_role_policy(
        RoleName="RoleB", PolicyName="next", PolicyDocument=policy(allow("sts:AssumeRole", on=last))
    )
    warehouse.unload(f"{a},{b},{last}")


@requirement("SR-117")
def test_sr_117_the_list_has_commas_and_no_spaces(warehouse: Warehouse) -> None:
    a, b = chain(warehouse)
    warehouse.attach(a)
    with refused("ValidationError", 400):
        warehouse.unload(f"{a}, {b}")
    warehouse.unload(f"{a},{b}")


@requirement("SR-118")
def test_sr_118_what_a_role_of_the_buckets_account_writes_is_that_accounts(warehouse: Warehouse) -> None:
    a, b = chain(warehouse)
    warehouse.attach(a)
    warehouse.c.client("s3").put_bucket_ownership_controls(
        Bucket=warehouse.lake, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    )
    warehouse.unload(f"{a},{b}")
    owner = warehouse.c.client("s3").list_buckets()["Owner"]["ID"]
    found = warehouse.c.client("s3").get_object_acl(Bucket=warehouse.lake, Key="part-0")
    assert found["Owner"]["ID"] == owner


@requirement("SR-119")
def test_sr_119_the_same_by_a_policy_of_the_bucket(warehouse: Warehouse) -> None:
    a = role(warehouse.a, "RoleA", REDSHIFT, writing(warehouse.lake))
    warehouse.attach(a)
    with refused("AccessDenied", 403):
        warehouse.unload(a)
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": a},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{warehouse.lake}/*",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    warehouse.c.client("s3").put_bucket_policy(Bucket=warehouse.lake, Policy=document)
    warehouse.unload(a)
    other = role(warehouse.a, "other", f"arn:aws:iam::{warehouse.a.account}:root", writing(warehouse.lake))
    stranger = assume(user(warehouse.a, "bob", allow("sts:AssumeRole", on=other)), other)
    with refused("AccessDenied", 403):
        stranger.client("s3").put_object(Bucket=warehouse.lake, Key="x", Body=b"")
