"""CreateSession: which machines get a session, what is in it, and who is refused for which reason."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from tests.anywhere import Machine, authority, name, rsa_key, session_request
from tests.client import OTHER_ACCOUNT, LocalWorld
from tests.operations.rolesanywhere.site import ROOT, SERVICE, Site, client
from tests.people import allow, deny, managed, policy, refused, role, trusting

MIDDLE = authority("middle", ROOT)
WEB = Machine("web", ROOT)


# -- machines that are let in ---------------------------------------------------------------------


@pytest.mark.parametrize("key", [None, rsa_key()], ids=["ecdsa", "rsa"])
@pytest.mark.parametrize("chain", [(), (MIDDLE,)], ids=["direct", "intermediate"])
def test_a_machine_becomes_the_role(site: Site, key: None, chain: tuple[Machine, ...]) -> None:
    machine = Machine("web", chain[0] if chain else ROOT, key=key)
    person = site.person(machine, chain=chain)
    number = f"{machine.certificate.serial_number:x}"
    number = number.zfill(len(number) + len(number) % 2)
    assert person.arn == f"arn:aws:sts::{site.root.account}:assumed-role/app/{number}"
    person.iam.get_role(RoleName="app")
    with refused("AccessDenied", 403):
        person.iam.list_users()


def test_the_answer_is_of_aws_form(site: Site) -> None:
    status, answer = site.ask(WEB)
    assert status == 201
    assert answer["subjectArn"].startswith(f"arn:aws:rolesanywhere:us-east-1:{site.root.account}:subject/")
    (found,) = answer["credentialSet"]
    assert found["roleArn"] == site.role
    assert found["sourceIdentity"] == "web"
    assert set(found["assumedRoleUser"]) == {"arn", "assumedRoleId"}
    assert set(found["credentials"]) == {"accessKeyId", "secretAccessKey", "sessionToken", "expiration"}
    ends = datetime.fromisoformat(found["credentials"]["expiration"])
    assert timedelta(minutes=59) < ends - datetime.now(UTC) <= timedelta(hours=1)


def test_the_request_of_aws_own_helper_is_taken(site: Site) -> None:
    """It signs every header that its SDK sends, names its ARNs in the query string, and always a duration."""
    more = {
        "accept-encoding": "gzip",
        "amz-sdk-invocation-id": "5f2c1a52-2f5a-4d61-9d0f-6f0f9e3f5a11",
        "amz-sdk-request": "attempt=1; max=3",
        "content-length": "25",
    }
    found = site.session(Machine("web", MIDDLE), {"durationSeconds": 3600}, chain=[MIDDLE, ROOT], more=more)
    assert found["sourceIdentity"] == "web"


def test_long_chains_of_large_keys_are_taken_and_longer_ones_refused(site: Site) -> None:
    chain = [ROOT]
    for number in range(6):
        chain.insert(0, authority(f"{number}" * 60, chain[0]))
    machine = Machine("web", chain[1], key=rsa_key(2, 4096))
    site.session(machine, chain=chain[1:-1])
    site.refused(Machine("web", chain[0]), "at most 5", "IncompleteSignatureException", chain=chain[:-1])


def test_the_arns_may_be_in_the_body(site: Site) -> None:
    assert site.session(WEB, dict(site.query()), query={})["roleArn"] == site.role
    site.refused(
        WEB,
        "profile_arn is missing",
        "ValidationException",
        query={"roleArn": site.role} | {"trustAnchorArn": site.anchor["trustAnchorArn"]},
    )


def test_the_certificate_is_in_the_session(site: Site) -> None:
    names = x509.SubjectAlternativeName([x509.UniformResourceIdentifier("spiffe://example.com/web")])
    machine = Machine(name("web", ORGANIZATIONAL_UNIT_NAME="Ops"), ROOT, more=[(names, False)])
    for key, value in (
        ("aws:PrincipalTag/x509Subject/OU", "Ops"),
        ("aws:PrincipalTag/x509SAN/URI", "spiffe://example.com/web"),
        ("aws:PrincipalTag/x509Issuer/CN", "root"),
        ("aws:SourceIdentity", "web"),
    ):
        statement = allow("iam:ListUsers", Condition={"StringEquals": {key: value}})
        site.root.iam.put_role_policy(RoleName="app", PolicyName="own", PolicyDocument=policy(statement))
        site.person(machine).iam.list_users()
        with refused("AccessDenied", 403):
            site.person(
                Machine(name("bob", ORGANIZATIONAL_UNIT_NAME="x"), MIDDLE), chain=[MIDDLE]
            ).iam.list_users()


# -- the trust policy -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:PrincipalTag/x509Subject/CN": "web"}},
        {"StringEquals": {"aws:RequestTag/x509Subject/CN": "web"}},
        {"StringLike": {"aws:PrincipalTag/x509Issuer/CN": "r*"}},
        {"StringEquals": {"sts:SourceIdentity": "web"}},
        {"StringEquals": {"sts:SourceIdentity": "${aws:PrincipalTag/x509Subject/CN}"}},
        {"StringEquals": {"aws:SourceAccount": "111111111111"}},
        {"StringEquals": {"aws:PrincipalServiceName": "rolesanywhere.amazonaws.com"}},
        {"Bool": {"aws:PrincipalIsAWSService": "true"}},
    ],
)
def test_the_trust_policy_sees_the_certificate(site: Site, condition: dict[str, dict[str, str]]) -> None:
    site.retrust(site.trust(condition))
    site.session(WEB)
    negated = {"StringNotLike": next(iter(condition.values()))}
    site.retrust(site.trust(negated))
    site.refused(WEB, "Not authorized to perform sts:AssumeRole")


def test_the_trust_policy_sees_the_trust_anchor(site: Site) -> None:
    other = site.add_anchor(ROOT, name="other")
    site.retrust(site.trust({"ArnEquals": {"aws:SourceArn": site.anchor["trustAnchorArn"]}}))
    site.session(WEB)
    site.refused(WEB, "Not authorized", query=site.query(trustAnchorArn=other["trustAnchorArn"]))


@pytest.mark.parametrize("missing", ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"])
def test_all_three_actions_must_be_trusted(site: Site, missing: str) -> None:
    actions = {"sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"} - {missing}
    site.retrust(site.trust(actions=sorted(actions)))
    site.refused(WEB, f"Not authorized to perform {missing}")


def test_a_role_that_trusts_others_lets_no_machine_in(site: Site) -> None:
    for principal in ({"Service": "ec2.amazonaws.com"}, {"AWS": site.root.account}):
        site.retrust(trusting(principal, ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]))
        site.refused(WEB, "Not authorized")
    site.retrust(site.trust(), {"Effect": "Deny", "Principal": SERVICE, "Action": "sts:AssumeRole"})
    site.refused(WEB, "Not authorized")


def test_a_deleted_role_is_refused_like_one_that_does_not_trust(site: Site) -> None:
    site.root.iam.delete_role_policy(RoleName="app", PolicyName="own")
    site.root.iam.delete_role(RoleName="app")
    site.refused(WEB, "Not authorized to perform sts:AssumeRole")


# -- forged and foreign ---------------------------------------------------------------------------


def test_a_stolen_certificate_without_its_key_is_nothing(site: Site) -> None:
    thief = Machine("thief")
    site.refused(WEB, "does not match", "InvalidSignatureException", signing_key=thief.key)


def test_a_request_that_was_changed_or_is_old_is_refused(site: Site) -> None:
    request = session_request(WEB, site.query(), {"durationSeconds": 900})
    request.body = b'{"durationSeconds": 3600}'
    status, answer = site.send(request)
    assert (status, "does not match" in answer["message"]) == (403, True)
    for minutes in (-16, 16):
        moment = datetime.now(UTC) + timedelta(minutes=minutes)
        site.refused(WEB, "15 min.", "InvalidSignatureException", now=moment)


def test_another_authoritys_machine_is_refused(site: Site) -> None:
    site.refused(Machine("web", authority("root")), "Untrusted signing certificate")
    site.refused(Machine("web"), "Untrusted signing certificate")
    site.refused(Machine("web", MIDDLE), "Untrusted signing certificate")
    site.refused(MIDDLE, "not of an authority")


@pytest.mark.parametrize("days", [(-3, -1), (1, 3)])
def test_a_certificate_of_another_time_is_refused(site: Site, days: tuple[int, int]) -> None:
    machine = Machine("web", ROOT, starts=timedelta(days=days[0]), ends=timedelta(days=days[1]))
    site.refused(machine, "has expired" if days[1] < 0 else "not valid yet")


def test_a_certificate_ends_with_the_servers_clock(site: Site) -> None:
    machine = Machine("web", ROOT, ends=timedelta(hours=1))
    site.session(machine)
    site.world.advance(2 * 3600)
    site.refused(machine, "has expired")


def test_without_a_certificate_nobody_asks(site: Site) -> None:
    request = session_request(WEB, site.query())
    for name_ in ("x-amz-x509", "authorization"):
        request.headers = [header for header in request.headers if header[0] != name_]
        request._index = None
        assert site.send(request)[0] == 403


def test_access_keys_do_not_open_sessions(site: Site) -> None:
    request = session_request(WEB, site.query())
    headers = dict(request.headers)
    headers["authorization"] = (
        "AWS4-HMAC-SHA256 Credential=AKIAXXXXXXXXXXXXXXXX/20261122/us-east-1/rolesanywhere/aws4_request, "
        "SignedHeaders=host;x-amz-date, Signature=" + "0" * 64
    )
    request.headers, request._index = list(headers.items()), None
    assert site.send(request)[0] in (400, 403)


# -- what is turned off, revoked or not there -----------------------------------------------------


def test_a_revoked_certificate_stops_at_the_next_session(site: Site) -> None:
    bad, good = Machine("bad", ROOT), Machine("good", ROOT)
    person = site.person(bad)
    crl = site.client.import_crl(
        name="revoked",
        crlData=ROOT.revoking(bad),
        enabled=True,
        trustAnchorArn=site.anchor["trustAnchorArn"],
    )["crl"]
    site.refused(bad, "revoked")
    site.session(good)
    assert person.arn  # a session that has begun goes on to its end
    site.client.disable_crl(crlId=crl["crlId"])
    site.session(bad)
    site.client.enable_crl(crlId=crl["crlId"])
    site.refused(bad, "revoked")
    site.client.delete_crl(crlId=crl["crlId"])
    site.session(bad)


def test_a_revoked_intermediate_takes_its_machines_with_it(site: Site) -> None:
    machine = Machine("web", MIDDLE)
    site.session(machine, chain=[MIDDLE])
    anchor = site.anchor["trustAnchorArn"]
    site.client.import_crl(name="r", crlData=ROOT.revoking(MIDDLE), enabled=True, trustAnchorArn=anchor)
    site.refused(machine, "revoked", chain=[MIDDLE])


def test_a_disabled_trust_anchor_or_profile_lets_nobody_in(site: Site) -> None:
    anchor, profile = site.anchor["trustAnchorId"], site.profile["profileId"]
    site.client.disable_trust_anchor(trustAnchorId=anchor)
    site.refused(WEB, "trust anchor is disabled")
    site.client.enable_trust_anchor(trustAnchorId=anchor)
    site.client.disable_profile(profileId=profile)
    site.refused(WEB, "profile is disabled")
    site.client.enable_profile(profileId=profile)
    site.session(WEB)
    site.client.delete_profile(profileId=profile)
    site.refused(WEB, "profile could not be found", "ResourceNotFoundException")
    site.client.delete_trust_anchor(trustAnchorId=anchor)
    site.refused(WEB, "trust anchor could not be found", "ResourceNotFoundException")


def test_a_role_that_the_profile_does_not_have_is_refused(site: Site) -> None:
    other = role(site.root, "other", site.trust())
    site.refused(WEB, "does not have the role", query=site.query(roleArn=other))
    site.client.update_profile(profileId=site.profile["profileId"], roleArns=[other])
    site.refused(WEB, "does not have the role")
    site.session(WEB, query=site.query(roleArn=other))


def test_what_is_of_another_account_or_region_is_not_found(site: Site) -> None:
    anchor = site.anchor["trustAnchorArn"]
    for wrong in (
        anchor.replace(site.root.account, OTHER_ACCOUNT),
        anchor.replace(site.root.account, "999999999999"),
        anchor.replace("us-east-1", "eu-west-1"),
        anchor.replace("trust-anchor", "profile"),
    ):
        site.refused(WEB, "not be found", "ResourceNotFoundException", query=site.query(trustAnchorArn=wrong))
    site.refused(WEB, "not be found", "ResourceNotFoundException", region="eu-west-1")
    site.refused(WEB, "invalid", "ValidationException", query=site.query(trustAnchorArn="x"))


def test_another_accounts_anchor_opens_no_role_of_this_one(site: Site) -> None:
    """The confused deputy: a stranger's own authority, and this account's role in the stranger's profile."""
    mine = authority("mine")
    theirs = client(site.world.other)
    source = {"sourceType": "CERTIFICATE_BUNDLE", "sourceData": {"x509CertificateData": mine.pem}}
    anchor = theirs.create_trust_anchor(name="a", source=source, enabled=True)["trustAnchor"]
    with refused("AccessDeniedException", 403, "Cross-account pass role"):
        theirs.create_profile(name="p", roleArns=[site.role], enabled=True)
    query = site.query(trustAnchorArn=anchor["trustAnchorArn"])
    site.refused(Machine("x", mine), "profile could not be found", "ResourceNotFoundException", query=query)


def test_a_resource_control_policy_stands_over_the_role(local: LocalWorld) -> None:
    local.root.organizations.create_organization(FeatureSet="ALL")
    (top,) = local.root.organizations.list_roots()["Roots"]
    local.root.organizations.enable_policy_type(RootId=top["Id"], PolicyType="RESOURCE_CONTROL_POLICY")
    handshake = local.root.organizations.invite_account_to_organization(
        Target={"Id": OTHER_ACCOUNT, "Type": "ACCOUNT"}
    )["Handshake"]
    local.other.organizations.accept_handshake(HandshakeId=handshake["Id"])
    local.root, local.other = local.other, local.root
    site = Site(local)
    site.session(WEB)
    document = {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole", "Resource": "*"}
    made = local.other.organizations.create_policy(
        Name="none", Description="", Type="RESOURCE_CONTROL_POLICY", Content=policy(document)
    )["Policy"]["PolicySummary"]
    local.other.organizations.attach_policy(PolicyId=made["Id"], TargetId=OTHER_ACCOUNT)
    site.refused(WEB, "Not authorized")


# -- what a profile says of the session -----------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "of_profile", "of_role", "seconds"),
    [
        (None, 3600, 3600, 3600),
        (None, 7200, 43200, 7200),
        (None, 43200, 3600, 3600),
        (900, 3600, 3600, 900),
        (7200, 3600, 43200, 3600),
    ],
)
def test_the_shortest_duration_counts(
    site: Site, asked: int | None, of_profile: int, of_role: int, seconds: int
) -> None:
    site.root.iam.update_role(RoleName="app", MaxSessionDuration=of_role)
    site.client.update_profile(profileId=site.profile["profileId"], durationSeconds=of_profile)
    found = site.session(WEB, {} if asked is None else {"durationSeconds": asked})
    left = datetime.fromisoformat(found["credentials"]["expiration"]) - datetime.now(UTC)
    assert seconds - 60 < left.total_seconds() <= seconds


@pytest.mark.parametrize("seconds", [899, 43201])
def test_a_duration_has_bounds(site: Site, seconds: int) -> None:
    site.refused(WEB, "durationSeconds", "ValidationException", body={"durationSeconds": seconds})


def test_a_name_of_ones_own_must_be_accepted(site: Site) -> None:
    site.refused(WEB, "Not authorized to set roleSessionName", body={"roleSessionName": "deploy"})
    site.client.update_profile(profileId=site.profile["profileId"], acceptRoleSessionName=True)
    found = site.session(WEB, {"roleSessionName": "deploy"})
    assert found["assumedRoleUser"]["arn"].endswith(":assumed-role/app/deploy")
    site.refused(WEB, "roleSessionName", "ValidationException", body={"roleSessionName": "a b"})
    site.retrust(site.trust({"StringEquals": {"sts:RoleSessionName": "other"}}))
    site.refused(WEB, "Not authorized", body={"roleSessionName": "deploy"})


def test_session_policies_of_the_profile_bound_the_session(site: Site) -> None:
    identifier = site.profile["profileId"]
    site.root.iam.put_role_policy(RoleName="app", PolicyName="own", PolicyDocument=policy(allow("iam:*")))
    site.client.update_profile(
        profileId=identifier, sessionPolicy=policy(allow("iam:Get*"), deny("iam:GetUser"))
    )
    person = site.person(WEB)
    person.iam.get_role(RoleName="app")
    with refused("AccessDenied", 403, "session policy"):
        person.iam.list_users()
    only = managed(site.root, "only", allow("iam:ListUsers"))
    site.client.update_profile(profileId=identifier, managedPolicyArns=[only])
    with refused("AccessDenied", 403, "session policy"):
        site.person(WEB).iam.delete_user(UserName="x")


def test_instance_properties_may_be_needed_and_are_remembered(site: Site) -> None:
    made = site.client.create_profile(
        name="p", roleArns=[site.role], enabled=True, requireInstanceProperties=True
    )["profile"]
    query = site.query(profileArn=made["profileArn"])
    site.refused(WEB, "needs instance properties", "ValidationException", query=query)
    site.session(WEB, {"instanceProperties": {"rack": "7"}}, query=query)
    (summary,) = site.client.list_subjects()["subjects"]
    subject = site.client.get_subject(subjectId=summary["subjectId"])["subject"]
    assert subject["instanceProperties"][0]["properties"] == {"rack": "7"}


def test_mappings_say_what_becomes_a_tag(site: Site) -> None:
    site.client.put_attribute_mapping(
        profileId=site.profile["profileId"],
        certificateField="x509Subject",
        mappingRules=[{"specifier": "OU"}],
    )
    site.retrust(site.trust({"StringEquals": {"aws:PrincipalTag/x509Subject/CN": "web"}}))
    site.refused(WEB, "Not authorized")
    site.retrust(site.trust({"Null": {"aws:PrincipalTag/x509Subject/CN": "true"}}))
    site.session(WEB)


def test_a_name_that_can_be_no_tag_is_refused(site: Site) -> None:
    site.refused(Machine("John (1)", ROOT), "fail to be mapped into session tags")
    site.refused(Machine("a b", ROOT), "source identity")


# -- what is remembered ---------------------------------------------------------------------------


def test_the_event_tells_who_came_and_no_secret(site: Site) -> None:
    secret = site.session(WEB)["credentials"]["secretAccessKey"]
    (event,) = [each for each in site.world.events() if each["eventName"] == "CreateSession"]
    assert event["eventSource"] == "rolesanywhere.amazonaws.com"
    assert event["userIdentity"]["accountId"] == site.root.account
    assert event["requestParameters"]["roleArn"] == site.role
    shown = event["responseElements"]["credentialSet"][0]
    assert shown["credentials"]["accessKeyId"].startswith("ASIA")
    assert secret not in json.dumps(event)
    (become,) = [
        each
        for each in site.world.events()
        if each["eventName"] == "AssumeRole" and each["userIdentity"].get("invokedBy")
    ]
    assert become["userIdentity"] == {"type": "AWSService", "invokedBy": "rolesanywhere.amazonaws.com"}
    assert become["requestParameters"]["sourceIdentity"] == "web"


def test_a_refusal_by_the_trust_policy_is_in_the_accounts_trail(site: Site) -> None:
    site.retrust(trusting({"Service": "ec2.amazonaws.com"}))
    site.refused(WEB, "Not authorized")
    event = site.world.events()[-1]
    assert (event["eventName"], event["errorCode"]) == ("CreateSession", "AccessDenied")
    assert event["recipientAccountId"] == site.root.account


def test_who_shows_no_key_is_in_no_accounts_trail(site: Site) -> None:
    site.refused(WEB, "does not match", "InvalidSignatureException", signing_key=Machine("t").key)
    assert site.world.events()[-1]["recipientAccountId"] == ""
