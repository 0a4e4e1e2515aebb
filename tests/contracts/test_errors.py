"""Our errors are AWS's: code, HTTP status and fault as botocore's models have them."""

from __future__ import annotations

import pytest

from rolekeeper import errors
from rolekeeper.errors import AwsError, ReceiverError, SenderError
from rolekeeper.wire.model import ErrorShape, service

OURS = [
    one
    for one in vars(errors).values()
    if isinstance(one, type)
    and issubclass(one, AwsError)
    and one not in (AwsError, SenderError, ReceiverError)
]
MODELLED = {
    (name, error.code): error
    for name in ("iam", "sts", "organizations", "eks", "eks-auth", "rolesanywhere")
    for operation in service(name).operations.values()
    for error in operation.errors
}
BOTH = [
    pytest.param(ours, error, id=f"{name}-{ours.__name__}")
    for (name, code), error in MODELLED.items()
    for ours in OURS
    if ours.code == code
]


def test_there_is_something_to_compare() -> None:
    codes = {code for _, code in MODELLED}
    assert {"NoSuchEntity", "EntityAlreadyExists", "LimitExceeded", "PackedPolicyTooLarge"} <= codes
    assert len(BOTH) >= 10


@pytest.mark.parametrize(("ours", "modelled"), BOTH)
def test_an_error_of_the_model_has_the_models_status_and_fault(
    ours: type[AwsError], modelled: ErrorShape
) -> None:
    assert (ours.code, ours.status, ours.fault) == (modelled.code, modelled.status, modelled.fault)


@pytest.mark.parametrize("ours", OURS)
def test_every_error_has_a_status_of_its_fault(ours: type[AwsError]) -> None:
    assert ours.code
    assert ours.status // 100 == {"Sender": 4, "Receiver": 5}[ours.fault]


def test_no_two_errors_share_a_code() -> None:
    codes = [ours.code for ours in OURS]
    assert len(codes) == len(set(codes))
