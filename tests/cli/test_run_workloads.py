"""`rolekeeper run` as an instance, a task and a pod: clients find what they find on AWS, and nothing else."""

from __future__ import annotations

import json

import pytest

from tests.cli.places import ACCOUNT, python
from tests.cli.test_run import ASKS, ENVIRONMENT, WHO, ask

requirement = pytest.mark.requirement


@pytest.fixture(scope="module")
def profile(place):
    place.role("web", {"Service": "ec2.amazonaws.com"})
    place.iam.create_instance_profile(InstanceProfileName="web")
    place.iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="web")
    return "web"


@pytest.fixture(scope="module")
def instance(place, profile):
    made = place.own("RegisterInstance", IamInstanceProfile={"Name": profile})
    return made["Instance"]["InstanceId"]


@pytest.fixture(scope="module")
def task(place):
    role = place.role("app", {"Service": "ecs-tasks.amazonaws.com"})
    made = place.own("RegisterTask", Family="app", TaskRoleArn=role)
    return made["Task"]["TaskArn"].rpartition("/")[2]


@pytest.fixture(scope="module")
def pod(place):
    place.role("cart", {"Service": "pods.eks.amazonaws.com"})
    place.own("RegisterCluster", ClusterName="prod")
    place.client("eks").create_pod_identity_association(
        clusterName="prod",
        namespace="shop",
        serviceAccount="cart",
        roleArn=f"arn:aws:iam::{ACCOUNT}:role/cart",
    )
    return "shop/cart"


def settings(done):
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    common = {
        "AWS_ENDPOINT_URL",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_DISABLE_HOST_PREFIX_INJECTION",
    }
    return {name: value for name, value in told.items() if name.startswith("AWS_") and name not in common}


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--instance", "i-0", "--task", "t", "--", "true"], "does not go with"),
        (["--instance", "i-0", "--role", "r", "--", "true"], "--role does not go with --instance"),
        (["--instance", "i-0", "--static", "--", "true"], "--static does not go"),
        (["--cluster", "c", "--role", "r", "--", "true"], "--cluster does not go with --role"),
        (["--pod", "cart", "--cluster", "c", "--", "true"], "NAMESPACE/SERVICE-ACCOUNT"),
        (["--x509", "cert", "--", "true"], "--x509 needs --private-key"),
        (["--task", "t"], "say what to run"),
    ],
)
def test_a_wrong_use_runs_nothing(place, arguments, complaint):
    done = place.rolekeeper("run", *arguments)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert complaint in " ".join(done.stderr.split())


@pytest.mark.parametrize(
    "arguments",
    [
        ["--instance", "i-0123456789abcdef0"],
        ["--task", "0123456789abcdef0123456789abcdef"],
        ["--pod", "shop/cart", "--cluster", "none"],
    ],
)
def test_what_is_not_there_runs_nothing(place, arguments):
    done = place.rolekeeper("run", *arguments, "--", "echo", "ran")
    assert (done.returncode, done.stdout) == (1, "")


def test_who_may_not_hand_the_role_over_runs_nothing(place, bob, instance, task, pod):
    for arguments in (["--instance", instance], ["--task", task], ["--pod", pod, "--cluster", "prod"]):
        done = place.rolekeeper("run", *arguments, "--", "echo", "ran", **bob)
        assert (done.returncode, done.stdout) == (1, "")
        assert "not authorized to perform" in done.stderr


def test_each_has_only_the_variables_of_its_kind(place, instance, task, pod):
    show = ["--", *python(ENVIRONMENT)]
    of_instance = settings(place.rolekeeper("run", "--instance", instance, *show))
    assert set(of_instance) == {"AWS_EC2_METADATA_SERVICE_ENDPOINT", "AWS_EC2_METADATA_DISABLED"}
    assert of_instance["AWS_EC2_METADATA_DISABLED"] == "false"
    of_task = settings(place.rolekeeper("run", "--task", task, *show))
    assert set(of_task) == {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN",
        "AWS_EC2_METADATA_DISABLED",
    }
    of_pod = settings(place.rolekeeper("run", "--pod", pod, *show))
    assert set(of_pod) == {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        "AWS_EC2_METADATA_DISABLED",
    }
    assert of_task["AWS_EC2_METADATA_DISABLED"] == of_pod["AWS_EC2_METADATA_DISABLED"] == "true"


@requirement("SR-027", "SR-068")
def test_an_instance_finds_its_roles_session_in_its_metadata(place, instance):
    done = place.rolekeeper("run", "--instance", instance, "--", *python(WHO))
    assert done.stdout == f"arn:aws:sts::{ACCOUNT}:assumed-role/web/{instance}\n", done.stderr


@requirement("SR-068")
def test_a_task_and_a_pod_find_theirs(place, task, pod):
    done = place.rolekeeper("run", "--task", task, "--", *python(WHO))
    assert done.stdout.endswith(f"/{task}\n"), done.stderr
    done = place.rolekeeper("run", "--pod", pod, "--cluster", "prod", "--", *python(WHO))
    assert f"arn:aws:sts::{ACCOUNT}:assumed-role/cart/" in done.stdout, done.stderr


@requirement("SR-068")
def test_a_pod_becomes_a_role_by_its_web_identity(place, pod):
    issuer = place.own("ListClusters")["Clusters"][0]["Issuer"]
    provider = place.iam.create_open_id_connect_provider(Url=issuer, ClientIDList=["sts.amazonaws.com"])
    arn = place.role("irsa", {"Federated": provider["OpenIDConnectProviderArn"]})
    given = ["--pod", pod, "--role", "irsa", "--"]
    of_pod = settings(place.rolekeeper("run", *given, *python(ENVIRONMENT)))
    assert set(of_pod) == {"AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_EC2_METADATA_DISABLED"}
    assert of_pod["AWS_ROLE_ARN"] == arn
    done = place.rolekeeper("run", *given, *python(WHO))
    assert f"arn:aws:sts::{ACCOUNT}:assumed-role/irsa/" in done.stdout, done.stderr


def test_version_2_of_the_metadata_keeps_its_rules_at_the_root(place, instance):
    script = """
url=$AWS_EC2_METADATA_SERVICE_ENDPOINT/latest
code() { curl -s -o /dev/null -w '%{http_code}\\n' "$@"; }
code $url/meta-data/instance-id
code -X PUT $url/api/token
code -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' -H 'X-Forwarded-For: 1.2.3.4' $url/api/token
code -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' -H 'Host: evil.example' $url/api/token
token=$(curl -s -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' $url/api/token)
curl -s -H "X-aws-ec2-metadata-token: $token" $url/meta-data/instance-id
echo
"""
    done = place.rolekeeper("run", "--instance", instance, "--", "sh", "-c", script)
    assert done.stdout.split() == ["401", "400", "403", "403", instance], done.stderr


def test_a_program_does_not_see_the_workloads_secret(place, task):
    script = (
        'curl -s -o /dev/null -w "%{http_code} " "$AWS_CONTAINER_CREDENTIALS_FULL_URI"; '
        'curl -s -o /dev/null -w "%{http_code}" -H "Authorization: $AWS_CONTAINER_AUTHORIZATION_TOKEN" '
        '"$AWS_ENDPOINT_URL/_rolekeeper/containers/credentials"'
    )
    done = place.rolekeeper("run", "--task", task, "--", "sh", "-c", script)
    assert done.stdout == "403 403"


@requirement("SR-133")
def test_an_instance_goes_on_with_a_new_session_and_ends_with_its_profile(place, profile):
    made = place.own("RegisterInstance", IamInstanceProfile={"Name": profile})["Instance"]
    process = place.start("run", "--instance", made["InstanceId"], "--", *python(ASKS))
    first = ask(process)
    assert first.startswith("ASIA")
    # boto3 asks anew only when its own clock says so: another program sees what is served then.
    place.advance(6 * 3600 - 600)
    again = place.start("run", "--instance", made["InstanceId"], "--", *python(ASKS))
    second = ask(again)
    assert second.startswith("ASIA") and second != first
    place.iam.remove_role_from_instance_profile(InstanceProfileName="web", RoleName="web")
    place.iam.delete_role_policy(RoleName="web", PolicyName="own")
    place.iam.delete_role(RoleName="web")
    assert not ask(again).startswith("ASIA")
    third = place.rolekeeper("run", "--instance", made["InstanceId"], "--", *python(WHO))
    assert "NoCredentialsError" in third.stderr
    for each in (process, again):
        each.communicate(timeout=60)


def test_the_secret_is_gone_with_the_program(place, task):
    for _ in range(20):  # more than a workload may have at a time
        assert place.rolekeeper("run", "--task", task, "--", "true").returncode == 0
