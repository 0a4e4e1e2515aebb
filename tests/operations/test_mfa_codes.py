"""Codes of MFA devices in STS: what they open, and that each is good once."""

from __future__ import annotations

import pytest

from tests.authenticator import enabled
from tests.client import Person
from tests.people import allow, assume, deny, refused, role, trusting, user

WITH_MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
INVALID = "MultiFactorAuthentication failed with invalid MFA one time pass code."
UNKNOWN = "MultiFactorAuthentication failed, unable to validate MFA code."


def test_a_trust_policy_that_asks_for_mfa(root: Person) -> None:
    bob = user(root, "bob", allow("sts:AssumeRole"))
    arn = role(root, "dev", trusting(root.account, Condition=WITH_MFA), allow("iam:ListRoles"))
    phone = enabled(root, "bob")
    with refused("AccessDenied", 403, "is not authorized to perform: sts:AssumeRole"):
        assume(bob, arn)
    with refused("AccessDenied", 403, INVALID):
        assume(bob, arn, SerialNumber=phone.serial, TokenCode=phone.wrong())
    assume(bob, arn, SerialNumber=phone.serial, TokenCode=phone.next(root)).iam.list_roles()


def test_the_age_counts_from_the_code(root: Person) -> None:
    fresh = {"NumericLessThan": {"aws:MultiFactorAuthAge": "300"}}
    bob = user(root, "bob", allow("sts:AssumeRole"))
    arn = role(
        root,
        "dev",
        trusting(root.account, Condition=fresh),
        allow("iam:ListRoles", Condition=fresh | WITH_MFA),
    )
    phone = enabled(root, "bob")
    dev = assume(bob, arn, SerialNumber=phone.serial, TokenCode=phone.next(root))
    dev.iam.list_roles()
    phone.wait(root, 301)
    with refused("AccessDenied", 403, "iam:ListRoles"):
        dev.iam.list_roles()


def test_a_role_session_without_a_code_has_no_mfa(root: Person) -> None:
    bob = user(root, "bob", allow("sts:AssumeRole"))
    arn = role(
        root,
        "dev",
        root.account,
        allow("iam:*"),
        deny("iam:ListRoles", Condition={"Bool": {"aws:MultiFactorAuthPresent": "false"}}),
    )
    enabled(root, "bob")
    with refused("AccessDenied", 403, "with an explicit deny"):
        assume(bob, arn).iam.list_roles()


def test_a_session_of_the_user_with_mfa(root: Person) -> None:
    bob = user(root, "bob", allow("iam:ListRoles", Condition=WITH_MFA))
    phone = enabled(root, "bob")
    with refused("AccessDenied", 403):
        bob.iam.list_roles()
    code = {"SerialNumber": phone.serial, "TokenCode": phone.next(root)}
    session = root.world.person(bob.sts.get_session_token(**code)["Credentials"])
    session.iam.list_roles()
    with refused("InvalidClientTokenId", 403):
        root.world.person(bob.sts.get_session_token()["Credentials"]).iam.list_roles()


def test_a_code_is_good_once(root: Person) -> None:
    bob = user(root, "bob", allow("sts:AssumeRole"))
    arn = role(root, "dev", root.account)
    phone = enabled(root, "bob")
    with refused("AccessDenied", 403, INVALID):  # it was used when the device was enabled
        bob.sts.get_session_token(SerialNumber=phone.serial, TokenCode=phone.code(-1))
    code = phone.next(root)
    bob.sts.get_session_token(SerialNumber=phone.serial, TokenCode=code)
    with refused("AccessDenied", 403, INVALID):
        bob.sts.get_session_token(SerialNumber=phone.serial, TokenCode=code)
    with refused("AccessDenied", 403, INVALID):
        assume(bob, arn, SerialNumber=phone.serial, TokenCode=code)
    assume(bob, arn, SerialNumber=phone.serial, TokenCode=phone.next(root))


def test_one_code_serves_all_decisions_of_one_call(root: Person) -> None:
    bob = user(root, "bob", allow("sts:AssumeRole", "sts:TagSession"))
    arn = role(root, "dev", trusting(root.account, ["sts:AssumeRole", "sts:TagSession"], Condition=WITH_MFA))
    phone = enabled(root, "bob")
    code = {"SerialNumber": phone.serial, "TokenCode": phone.next(root)}
    assume(bob, arn, Tags=[{"Key": "a", "Value": "b"}], **code)


def test_only_the_callers_own_device_counts(root: Person) -> None:
    eve = user(root, "eve", allow("sts:AssumeRole"))
    user(root, "bob")
    arn = role(root, "dev", root.account, allow("sts:AssumeRole"))
    phone = enabled(root, "bob")
    code = {"SerialNumber": phone.serial, "TokenCode": phone.next(root)}
    for call in (lambda: eve.sts.get_session_token(**code), lambda: assume(eve, arn, **code)):
        with refused("AccessDenied", 403, UNKNOWN):
            call()
    with refused("AccessDenied", 403, UNKNOWN):
        assume(assume(eve, arn), arn, **code)
    with refused("AccessDenied", 403, UNKNOWN):
        eve.sts.get_session_token(SerialNumber="GAHT00000000", TokenCode="123456")


@pytest.mark.parametrize("given", [{"SerialNumber": "GAHT00000000"}, {"TokenCode": "123456"}])
def test_a_number_and_a_code_come_together(root: Person, given: dict[str, str]) -> None:
    bob = user(root, "bob", allow("sts:AssumeRole"))
    text = "must provide both MFA serial number and one time pass code"
    with refused("AccessDenied", 403, text):
        bob.sts.get_session_token(**given)
    with refused("AccessDenied", 403, text):
        assume(bob, role(root, "dev", root.account), **given)


def test_no_code_of_a_device_of_hardware_counts(root: Person) -> None:
    bob = user(root, "bob")
    codes = {"AuthenticationCode1": "123456", "AuthenticationCode2": "654321"}
    root.iam.enable_mfa_device(UserName="bob", SerialNumber="GAHT12345678", **codes)
    with refused("AccessDenied", 403, INVALID):
        bob.sts.get_session_token(SerialNumber="GAHT12345678", TokenCode="123456")


def test_the_root_user_with_its_own_device(root: Person) -> None:
    phone = enabled(root, root.iam.get_user()["User"]["UserName"], "root-phone")
    code = {"SerialNumber": phone.serial, "TokenCode": phone.next(root)}
    root.world.person(root.sts.get_session_token(**code)["Credentials"]).iam.list_users()


def test_a_device_that_was_taken_back_opens_nothing(root: Person) -> None:
    bob = user(root, "bob")
    phone = enabled(root, "bob")
    root.iam.deactivate_mfa_device(UserName="bob", SerialNumber=phone.serial)
    with refused("AccessDenied", 403, UNKNOWN):
        bob.sts.get_session_token(SerialNumber=phone.serial, TokenCode=phone.next(root))
