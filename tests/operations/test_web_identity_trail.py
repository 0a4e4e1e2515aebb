"""What a provider's life means for web identities, what is known of them afterwards, and that no token is."""

from __future__ import annotations

import json
import logging
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.client import LocalWorld, Person
from tests.issuers import Issuer, SigningKey
from tests.operations.test_web_identity import AUDIENCE, federate, provider, trusting_role
from tests.people import refused, role, trusting

NONE_FOUND = "No OpenIDConnect provider found"


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with Issuer() as found:
        yield found


@pytest.fixture
def there(issuer: Issuer, world_with: Callable[..., LocalWorld]) -> LocalWorld:
    world = world_with(federation_hosts=issuer.hosts)
    provider(world.root, issuer)
    trusting_role(world.root, issuer, {f"{issuer.name}:sub": "alice"})
    return world


def arn(person: Person, issuer: Issuer) -> str:
    return f"arn:aws:iam::{person.account}:oidc-provider/{issuer.name}"


# -- the provider -------------------------------------------------------------------------------------


def test_without_its_provider_nobody_comes_in_and_who_is_in_stays(there: LocalWorld, issuer: Issuer) -> None:
    answer = federate(there, issuer.token())
    there.root.iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn(there.root, issuer))
    with refused("InvalidIdentityToken", 400, NONE_FOUND):
        federate(there, issuer.token())
    there.person(answer["Credentials"]).iam.get_role(RoleName="app")
    provider(there.root, issuer)
    federate(there, issuer.token())


def test_an_audience_can_be_taken_away_and_given_back(there: LocalWorld, issuer: Issuer) -> None:
    named = {"OpenIDConnectProviderArn": arn(there.root, issuer), "ClientID": AUDIENCE}
    there.root.iam.remove_client_id_from_open_id_connect_provider(**named)
    with refused("InvalidIdentityToken", 400, "Incorrect token audience"):
        federate(there, issuer.token())
    there.root.iam.add_client_id_to_open_id_connect_provider(**named)
    federate(there, issuer.token())


def test_another_thumbprint_is_another_host(there: LocalWorld, issuer: Issuer) -> None:
    federate(there, issuer.token())
    there.root.iam.update_open_id_connect_provider_thumbprint(
        OpenIDConnectProviderArn=arn(there.root, issuer), ThumbprintList=["0" * 40]
    )
    with refused("IDPCommunicationError", 400, "doesn't match the configured thumbprint"):
        federate(there, issuer.token())


def test_a_host_that_is_not_public_is_not_asked(local: LocalWorld, issuer: Issuer) -> None:
    local.root.iam.create_open_id_connect_provider(Url="https://localhost", ClientIDList=[AUDIENCE])
    named = {"Federated": f"arn:aws:iam::{local.root.account}:oidc-provider/localhost"}
    role(local.root, "app", trusting(named, "sts:AssumeRoleWithWebIdentity"))
    with refused("IDPCommunicationError", 400, "localhost has no public address"):
        federate(local, issuer.token(iss="https://localhost"))


def test_an_account_vouches_for_its_own_roles_only(there: LocalWorld, issuer: Issuer) -> None:
    other = there.other
    with refused("MalformedPolicyDocument", 400, "Invalid principal"):  # a provider of another account
        trusting_role(other, issuer, {f"{issuer.name}:sub": "alice"}, name="theirs")
    provider(other, issuer)
    trusting_role(other, issuer, {f"{issuer.name}:sub": "alice"}, name="theirs")
    nobody = Person(there, "", "").unsigned_sts
    asked = {"RoleSessionName": "s2", "WebIdentityToken": issuer.token()}
    answer = nobody.assume_role_with_web_identity(
        RoleArn=f"arn:aws:iam::{other.account}:role/theirs", **asked
    )
    assert answer["Provider"] == arn(other, issuer)
    there.root.iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn(there.root, issuer))
    with refused("InvalidIdentityToken", 400, NONE_FOUND):
        federate(there, issuer.token())


@pytest.mark.parametrize(
    "named", ["arn:aws:iam::111111111111:user/alice", "arn:aws:s3:::bucket/" + "x" * 20, "x" * 30]
)
def test_what_is_no_role_is_invalid(there: LocalWorld, issuer: Issuer, named: str) -> None:
    with refused("ValidationError", 400, "is invalid"):
        Person(there, "", "").unsigned_sts.assume_role_with_web_identity(
            RoleArn=named, RoleSessionName="session", WebIdentityToken=issuer.token()
        )


def test_a_role_of_nobody_is_as_one_that_does_not_trust(there: LocalWorld, issuer: Issuer) -> None:
    nobody = Person(there, "", "").unsigned_sts
    with refused("InvalidIdentityToken", 400, NONE_FOUND):
        nobody.assume_role_with_web_identity(
            RoleArn="arn:aws:iam::999999999999:role/app",
            RoleSessionName="session",
            WebIdentityToken=issuer.token(),
        )


def test_the_path_of_a_role_is_a_part_of_its_name(there: LocalWorld, issuer: Issuer) -> None:
    with refused("AccessDenied", 403):
        federate(there, issuer.token(), role="team/app")


def test_a_session_ends_with_its_role(there: LocalWorld, issuer: Issuer) -> None:
    answer = federate(there, issuer.token())
    there.root.iam.delete_role_policy(RoleName="app", PolicyName="own")
    there.root.iam.delete_role(RoleName="app")
    trusting_role(there.root, issuer, {f"{issuer.name}:sub": "alice"})
    with refused("InvalidClientTokenId", 403):
        there.person(answer["Credentials"]).iam.get_role(RoleName="app")


def test_a_signature_beside_the_token_does_not_matter(there: LocalWorld, issuer: Issuer) -> None:
    asked = {"RoleArn": f"arn:aws:iam::{there.root.account}:role/app", "RoleSessionName": "session"}
    for sts in (there.root.sts, Person(there, "AKIANOBODY0000000000", "wrong").sts):
        answer = sts.assume_role_with_web_identity(WebIdentityToken=issuer.token(), **asked)
        assert answer["SubjectFromWebIdentityToken"] == "alice"


# -- the trail ----------------------------------------------------------------------------------------


def test_the_event_says_who_came_in(there: LocalWorld, issuer: Issuer) -> None:
    answer = federate(there, issuer.token(), DurationSeconds=900)
    event = there.events()[-1]
    own = arn(there.root, issuer)
    assert event["eventName"] == "AssumeRoleWithWebIdentity"
    assert event["recipientAccountId"] == there.root.account
    assert event["userIdentity"] == {
        "type": "WebIdentityUser",
        "principalId": f"{own}:{AUDIENCE}:alice",
        "userName": "alice",
        "identityProvider": own,
    }
    assert event["requestParameters"]["roleSessionName"] == "session"
    assert event["requestParameters"]["durationSeconds"] == 900
    told = event["responseElements"]
    assert (told["subjectFromWebIdentityToken"], told["provider"], told["audience"]) == (
        "alice",
        own,
        AUDIENCE,
    )
    assert told["credentials"]["accessKeyId"] == answer["Credentials"]["AccessKeyId"]
    assert event["readOnly"] is True
    assert "sourceIdentity" not in event["requestParameters"]
    app = f"arn:aws:iam::{there.root.account}:role/app"
    assert event["resources"] == [{"ARN": app, "accountId": there.root.account, "type": "AWS::IAM::Role"}]


def test_the_event_says_by_what_the_providers_host_was_known(
    there: LocalWorld, issuer: Issuer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def known_by() -> object:
        federate(there, issuer.token())
        return there.events()[-1]["additionalEventData"]

    assert known_by() == {"identityProviderConnectionVerificationMethod": "Thumbprint"}
    address, port = issuer.hosts["idp.example"].split(":")
    authorities = tmp_path / "authorities.pem"
    authorities.write_text(ssl.get_server_certificate((address, int(port))))
    monkeypatch.setenv("SSL_CERT_FILE", str(authorities))
    there.root.iam.update_open_id_connect_provider_thumbprint(
        OpenIDConnectProviderArn=arn(there.root, issuer), ThumbprintList=["0" * 40]
    )
    assert known_by() == {"identityProviderConnectionVerificationMethod": "IAMTrustStore"}


def test_the_event_says_what_the_provider_gives_the_session(there: LocalWorld, issuer: Issuer) -> None:
    own = {"Federated": arn(there.root, issuer)}
    actions = ["sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity"]
    role(there.root, "more", trusting(own, actions))
    tags = {"principal_tags": {"CostCenter": ["7"]}, "transitive_tag_keys": ["CostCenter"]}
    claims = {"https://aws.amazon.com/tags": tags, "https://aws.amazon.com/source_identity": "ali"}
    federate(there, issuer.token(**claims), "more")
    shown = there.events()[-1]["requestParameters"]
    assert shown["sourceIdentity"] == "ali"
    assert shown["principalTags"] == {"CostCenter": "7"}
    assert shown["transitiveTagKeys"] == ["CostCenter"]


def test_the_event_of_a_refusal_says_whom(there: LocalWorld, issuer: Issuer) -> None:
    with refused("AccessDenied", 403):
        federate(there, issuer.token(sub="mallory"))
    event = there.events()[-1]
    assert event["errorCode"] == "AccessDenied"
    assert event["userIdentity"]["userName"] == "mallory"
    assert "additionalEventData" not in event


def test_of_who_is_not_vouched_for_nothing_is_believed(there: LocalWorld, issuer: Issuer) -> None:
    with refused("InvalidIdentityToken", 400):
        federate(there, issuer.token(key=SigningKey("first"), sub="mallory"))
    event = there.events()[-1]
    assert event["userIdentity"]["type"] == "Unknown"
    assert event["recipientAccountId"] == ""
    assert "mallory" not in json.dumps(event)


def test_what_a_session_does_tells_whose_word_it_was(there: LocalWorld, issuer: Issuer) -> None:
    session = there.person(federate(there, issuer.token(amr=["mfa"], email="a@example.com"))["Credentials"])
    session.iam.get_role(RoleName="app")
    context = there.events()[-1]["userIdentity"]["sessionContext"]
    assert context["webIdFederationData"] == {
        "federatedProvider": arn(there.root, issuer),
        "attributes": {
            f"{issuer.name}:aud": AUDIENCE,
            f"{issuer.name}:sub": "alice",
            f"{issuer.name}:amr": ["mfa"],
        },
    }
    assert context["sessionIssuer"]["userName"] == "app"
    there.root.iam.get_role(RoleName="app")
    assert "webIdFederationData" not in json.dumps(there.events()[-1])


def test_no_token_is_told_anywhere(
    there: LocalWorld, issuer: Issuer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="rolekeeper")
    good, forged = issuer.token(), SigningKey("first").sign(issuer.claims())
    keys = federate(there, good)["Credentials"]
    told = []
    others = [issuer.token(aud="other"), issuer.token(sub="mallory"), "x" * 60]
    for token in (forged, good[:-40], *others):
        with pytest.raises(ClientError) as caught:
            federate(there, token)
        told.append(str(caught.value.response))
    there.person(keys).iam.get_role(RoleName="app")
    seen = "\n".join([json.dumps(there.events()), caplog.text, *told])
    parts = [part for token in (good, forged, *others) for part in token.split(".")]
    assert [part for part in [*parts, keys["SessionToken"], keys["SecretAccessKey"]] if part in seen] == []
