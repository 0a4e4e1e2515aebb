"""From a service account's token to a session: what is refused, and what the pod then is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from rolekeeper.iam import clusters
from tests.client import OTHER_ACCOUNT, LocalWorld
from tests.operations.eks.world import PODS, agent, associate, cluster, own, pod, pod_role, token
from tests.people import allow, deny, policy, refused, role, trusting, user

CART = "arn:aws:iam::111111111111:role/cart"
CLUSTER = "arn:aws:eks:us-east-1:111111111111:cluster/prod"
NODE = allow("eks-auth:AssumeRoleForPodIdentity", on=CLUSTER)


@pytest.fixture
def world() -> Iterator[LocalWorld]:
    made = LocalWorld()
    cluster(made.root)
    pod_role(made.root, "cart", allow("sts:AssumeRole", "sts:TagSession"))
    yield made
    made.close()


def ask(world: LocalWorld, text: str, name: str = "prod") -> dict[str, Any]:
    """What a node that may everything gets for a token."""
    found: dict[str, Any] = world.root._client("eks-auth").assume_role_for_pod_identity(
        clusterName=name, token=text
    )
    return found


# -- the token ------------------------------------------------------------------------------------


def test_a_node_needs_the_permission_on_the_cluster(world: LocalWorld) -> None:
    associate(world.root._client("eks"), CART)
    node = user(world.root, "node", allow("eks-auth:*", on=f"{CLUSTER}-other"))
    with refused("AccessDeniedException", 400, "eks-auth:AssumeRoleForPodIdentity"):
        node._client("eks-auth").assume_role_for_pod_identity(clusterName="prod", token=token(world.root))
    node = user(world.root, "good", NODE)
    given = node._client("eks-auth").assume_role_for_pod_identity(clusterName="prod", token=token(world.root))
    assert given["audience"] == PODS


@pytest.mark.parametrize("audience", ["sts.amazonaws.com", "https://kubernetes.default.svc", "pods.eks"])
def test_a_token_for_another_audience_is_refused(world: LocalWorld, audience: str) -> None:
    associate(world.root._client("eks"), CART)
    text = token(world.root, Audiences=[audience])
    with refused("InvalidTokenException", 400, "audience"):
        ask(world, text)
    assert agent(world, text).status == 400


@pytest.mark.parametrize("text", ["x", "a.b.c", "e30.e30.e30", "e30.e30.", "é"])
def test_what_is_no_token_is_refused(world: LocalWorld, text: str) -> None:
    code = (
        "InvalidTokenException" if text.count(".") == 2 and text[-1] != "." else "InvalidParameterException"
    )
    with refused(code, 400):
        ask(world, text)
    assert agent(world, text).status == 400


def test_a_token_that_somebody_else_has_signed_is_refused(world: LocalWorld) -> None:
    associate(world.root._client("eks"), CART)
    good = token(world.root)
    said, head = jwt.decode(good, options={"verify_signature": False}), jwt.get_unverified_header(good)
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    forged = jwt.encode(said, key, "RS256", headers={"kid": head["kid"]})
    unsigned = jwt.encode(said, "", "none")
    shared = jwt.encode(said, "secret" * 8, "HS256", headers={"kid": head["kid"]})
    begin, middle, _ = good.split(".")
    assert agent(world, unsigned).status == agent(world, f"{begin}.{middle}.").status == 400
    for text in (forged, unsigned + "e30", shared, good[:-4] + "AAAA"):
        with refused("InvalidTokenException", 400):
            ask(world, text)


def test_a_token_of_another_cluster_or_of_an_issuer_elsewhere_is_refused(world: LocalWorld) -> None:
    associate(world.root._client("eks"), CART)
    cluster(world.root, "other")
    with refused("InvalidTokenException", 400, "another cluster"):
        ask(world, token(world.root), "other")
    with refused("ResourceNotFoundException", 404, "No cluster"):
        ask(world, token(world.root), "none")
    gone = token(world.root)
    own(world.root, "DeregisterCluster", ClusterName="prod")
    cluster(world.root)
    with refused("InvalidTokenException", 400, "no cluster"):
        ask(world, gone)


def test_a_token_past_its_end_is_refused(world: LocalWorld) -> None:
    associate(world.root._client("eks"), CART)
    text = token(world.root, DurationSeconds=600)
    world.advance(599)
    ask(world, text)
    world.advance(2)
    with refused("ExpiredTokenException", 400):
        ask(world, text)


def test_a_token_of_no_pod_is_refused(world: LocalWorld) -> None:
    store = world.server.store
    with store.read() as tx:
        found = tx.account("111111111111").collection(clusters.Cluster).get("us-east-1/prod")
        private = tx.account("111111111111").secrets.get("cluster", found.key)
    assert private is not None
    now = int(world.server.clock.now().timestamp())
    said = {"aud": PODS, "iss": found.issuer_at(None), "iat": now, "exp": now + 900}
    for subject in ("system:serviceaccount:shop:cart", "system:node:n1", 7):
        text = jwt.encode({**said, "sub": subject}, private.reveal(), "RS256", headers={"kid": found.key_id})
        with refused("InvalidTokenException", 400, "pod"):
            ask(world, text)


def test_a_token_is_made_by_who_may_use_the_clusters_api(world: LocalWorld) -> None:
    asked = {"ClusterName": "prod", "Namespace": "shop", "ServiceAccount": "cart"}
    ana = user(world.root, "ana", allow("eks:*"), deny("eks:AccessKubernetesApi"))
    assert own(ana, "GetServiceAccountToken", **asked)["__type"] == "AccessDeniedException"
    assert own(ana, "RegisterCluster", ClusterName="mine")["status"] == 200
    bob = user(world.root, "bob", allow("eks:AccessKubernetesApi", on=CLUSTER))
    assert own(bob, "RegisterCluster", ClusterName="his")["__type"] == "AccessDeniedException"
    assert own(bob, "GetServiceAccountToken", **asked)["Token"]
    assert own(bob, "GetServiceAccountToken", **{**asked, "DurationSeconds": 599})["status"] == 400


# -- the association and its roles ----------------------------------------------------------------


def test_a_service_account_without_an_association_gets_nothing(world: LocalWorld) -> None:
    associate(world.root._client("eks"), CART, "shop/other")
    with refused("ResourceNotFoundException", 404, "shop/cart"):
        ask(world, token(world.root))
    assert agent(world, token(world.root)).status == 404


@pytest.mark.parametrize(
    "trust",
    [
        trusting({"Service": PODS}, "sts:AssumeRole"),
        trusting({"Service": "ec2.amazonaws.com"}, ["sts:AssumeRole", "sts:TagSession"]),
        trusting(
            {"Service": PODS},
            ["sts:AssumeRole", "sts:TagSession"],
            Condition={"StringEquals": {"aws:RequestTag/kubernetes-namespace": "bank"}},
        ),
        trusting(
            {"Service": PODS},
            ["sts:AssumeRole", "sts:TagSession"],
            Condition={"ArnEquals": {"aws:SourceArn": f"{CLUSTER}-other"}},
        ),
    ],
)
def test_the_role_must_trust_eks_for_this_pod(world: LocalWorld, trust: Any) -> None:
    associate(world.root._client("eks"), role(world.root, "unfit", trust))
    with refused("AccessDeniedException", 400, "EKS does not have permissions"):
        ask(world, token(world.root))
    assert b"EKS does not have permissions" in agent(world, token(world.root)).body


def test_without_session_tags_the_role_needs_no_trust_for_them(world: LocalWorld) -> None:
    plain = role(world.root, "plain", trusting({"Service": PODS}))
    associate(world.root._client("eks"), plain, disableSessionTags=True)
    assert pod(world, token(world.root)).arn.startswith(
        "arn:aws:sts::111111111111:assumed-role/plain/eks-prod-"
    )


def test_a_pod_is_its_role_with_six_tags_that_go_on(world: LocalWorld) -> None:
    made = associate(world.root._client("eks"), CART)
    given = ask(world, token(world.root, PodName="cart-7d4b9"))
    assert given["subject"] == {"namespace": "shop", "serviceAccount": "cart"}
    assert given["podIdentityAssociation"] == {
        "associationArn": made["associationArn"],
        "associationId": made["associationId"],
    }
    found = given["credentials"]
    person = world.person(
        {
            "AccessKeyId": found["accessKeyId"],
            "SecretAccessKey": found["secretAccessKey"],
            "SessionToken": found["sessionToken"],
        }
    )
    assert person.arn == given["assumedRoleUser"]["arn"]
    assert "/eks-prod-cart-7d4b9-" in person.arn
    assert person.sts.get_caller_identity()["UserId"] == given["assumedRoleUser"]["assumeRoleId"]
    left = (found["expiration"] - datetime.now(UTC)).total_seconds()
    assert 6 * 3600 - 60 < left <= 6 * 3600
    wanted = {
        "aws:PrincipalTag/eks-cluster-arn": CLUSTER,
        "aws:PrincipalTag/eks-cluster-name": "prod",
        "aws:PrincipalTag/kubernetes-namespace": "shop",
        "aws:PrincipalTag/kubernetes-service-account": "cart",
        "aws:PrincipalTag/kubernetes-pod-name": "cart-7d4b9",
    }
    next_role = role(
        world.root,
        "next",
        trusting(CART, ["sts:AssumeRole", "sts:TagSession"]),
        allow(
            "iam:ListRoles",
            Condition={"StringEquals": wanted, "Null": {"aws:PrincipalTag/kubernetes-pod-uid": "false"}},
        ),
    )
    chained = world.person(person.sts.assume_role(RoleArn=next_role, RoleSessionName="next")["Credentials"])
    assert chained.iam.list_roles()["Roles"]


def test_two_pods_have_sessions_of_their_own_and_one_pod_the_same_again(world: LocalWorld) -> None:
    associate(world.root._client("eks"), CART)
    first, again = (ask(world, token(world.root, PodName="one")) for _ in range(2))
    other = ask(world, token(world.root, PodName="two"))
    assert first["credentials"]["accessKeyId"] == again["credentials"]["accessKeyId"]
    assert first["credentials"]["accessKeyId"] != other["credentials"]["accessKeyId"]
    world.advance(6 * 3600 - 15 * 60)
    renewed = ask(world, token(world.root, PodName="one"))
    assert renewed["credentials"]["accessKeyId"] != first["credentials"]["accessKeyId"]


def test_a_changed_association_counts_at_once(world: LocalWorld) -> None:
    eks = world.root._client("eks")
    made = associate(eks, CART)
    place = {"clusterName": "prod", "associationId": made["associationId"]}
    text = token(world.root)
    assert "/cart/" in pod(world, text).arn
    eks.update_pod_identity_association(**place, roleArn=pod_role(world.root, "other"))
    assert "/other/" in pod(world, text).arn
    eks.delete_pod_identity_association(**place)
    assert agent(world, text).status == 404


def test_a_policy_of_the_association_limits_the_session(world: LocalWorld) -> None:
    wide = pod_role(world.root, "wide", allow("iam:*"))
    only = policy(allow("iam:ListRoles"))
    associate(world.root._client("eks"), wide, disableSessionTags=True, policy=only)
    person = pod(world, token(world.root))
    assert person.iam.list_roles()["Roles"]
    with refused("AccessDenied", 403, "session policy"):
        person.iam.list_users()


# -- target roles ---------------------------------------------------------------------------------


def target(world: LocalWorld, external_id: str, **more: Any) -> None:
    condition = {"Condition": {"StringEquals": {"sts:ExternalId": external_id}}}
    role(
        world.other,
        "far",
        trusting(CART, ["sts:AssumeRole", "sts:TagSession"], **condition),
        allow("iam:ListRoles"),
        **more,
    )


FAR = f"arn:aws:iam::{OTHER_ACCOUNT}:role/far"


def test_a_target_role_must_let_the_association_in(world: LocalWorld) -> None:
    associate(world.root._client("eks"), CART, targetRoleArn=FAR)
    with refused("AccessDeniedException", 400, "EKS does not have permissions"):
        ask(world, token(world.root))
    target(world, "somebody else's")
    with refused("AccessDeniedException", 400):
        ask(world, token(world.root))


def test_the_first_role_must_be_allowed_to_assume_the_target(world: LocalWorld) -> None:
    made = associate(world.root._client("eks"), pod_role(world.root, "weak"), targetRoleArn=FAR)
    role(
        world.other,
        "far",
        trusting("arn:aws:iam::111111111111:role/weak", ["sts:AssumeRole", "sts:TagSession"]),
    )
    assert made["externalId"]
    with refused("AccessDeniedException", 400):
        ask(world, token(world.root))


def test_a_pod_gets_the_target_role_of_another_account(world: LocalWorld) -> None:
    made = associate(world.root._client("eks"), CART, targetRoleArn=FAR)
    target(world, made["externalId"])
    text = token(world.root)
    person = pod(world, text)
    assert person.arn.startswith(f"arn:aws:sts::{OTHER_ACCOUNT}:assumed-role/far/eks-prod-")
    assert person.iam.list_roles()["Roles"]
    assert pod(world, text).key_id == person.key_id
    world.advance(3600 - 15 * 60)
    assert pod(world, text).key_id != person.key_id
    calls = [each for each in world.events() if each["eventName"] == "AssumeRole"]
    by = [each["userIdentity"].get("invokedBy") or each["userIdentity"]["type"] for each in calls]
    assert {PODS, "AssumedRole"} <= set(by)


# -- the agent ------------------------------------------------------------------------------------


def test_the_agent_answers_as_sdks_expect(world: LocalWorld) -> None:
    associate(world.root._client("eks"), CART)
    answer = agent(world, token(world.root))
    given = json.loads(answer.body)
    assert set(given) == {"AccessKeyId", "SecretAccessKey", "Token", "AccountId", "Expiration"}
    assert given["AccountId"] == "111111111111"
    assert dict(answer.headers)["cache-control"] == "no-store"
    assert agent(world, None).status == 400
    assert agent(world, "x" * 20_000).status == 400


def test_the_trail_tells_of_the_service_and_shows_no_secret(world: LocalWorld) -> None:
    associate(world.root._client("eks"), CART)
    text = token(world.root)
    given = ask(world, text)["credentials"]
    told = json.dumps(world.events())
    for secret in (text, given["secretAccessKey"], given["sessionToken"]):
        assert secret not in told
    call = next(each for each in world.events() if each["eventName"] == "AssumeRole")
    assert call["userIdentity"] == {"type": "AWSService", "invokedBy": PODS}
    assert call["requestParameters"]["transitiveTagKeys"][0] == "eks-cluster-arn"
    assert next(each for each in world.events() if each["eventName"] == "AssumeRoleForPodIdentity")
