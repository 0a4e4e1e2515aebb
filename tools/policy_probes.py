"""Tables of the page of the policy language that the engine itself answers: each cell is a decision.

Both evaluators are asked, and have to agree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rolekeeper import (
    Decision,
    PolicyDocument,
    PolicyLayers,
    RequestContext,
    authorize,
    explain,
    parse_document,
)
from rolekeeper.policy.context import (
    AccountRoot,
    Anonymous,
    AssumedRole,
    FederatedIdentity,
    FederatedUser,
    IamUser,
    Principal,
    ServicePrincipal,
)
from rolekeeper.policy.decision import LAYERS, Layer

HERE, ELSEWHERE = "111122223333", "444455556666"
USER_ARN = f"arn:aws:iam::{HERE}:user/ana"
ROLE_ARN = f"arn:aws:iam::{HERE}:role/team/app"
OBJECT = "arn:aws:s3:::bucket/key"

ANA = IamUser(arn=USER_ARN, user_id="AIDAANA")
SESSION = AssumedRole(
    arn=f"arn:aws:sts::{HERE}:assumed-role/app/first",
    role_arn=ROLE_ARN,
    role_id="AROAAPP",
    session_name="first",
)
FEDERATED = FederatedUser(arn=f"arn:aws:sts::{HERE}:federated-user/fay", user_arn=USER_ARN, user_id="AIDAANA")
ROOT = AccountRoot(account=HERE)
SERVICE = ServicePrincipal(name="sns.amazonaws.com")
PROVIDED = FederatedIdentity(provider=f"arn:aws:iam::{HERE}:saml-provider/corp")
LINKED = AssumedRole(
    arn=f"arn:aws:sts::{HERE}:assumed-role/linked/s",
    role_arn=f"arn:aws:iam::{HERE}:role/aws-service-role/x.amazonaws.com/linked",
    session_name="s",
)

CALLERS: Mapping[str, Principal] = {
    "user": ANA,
    "role session": SESSION,
    "session of a service-linked role": LINKED,
    "federated user": FEDERATED,
    "root user": ROOT,
    "service": SERVICE,
    "web identity, SAML": PROVIDED,
    "anonymous": Anonymous(),
}

_LAYER_NAMES: Mapping[Layer, str] = {
    "scp": "SCP",
    "rcp": "RCP",
    "vpc_endpoint": "VPC endpoint",
    "boundary": "boundary",
    "session": "session",
    "resource": "resource",
    "identity": "identity",
}


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def policy(effect: str = "Allow", **elements: Any) -> PolicyDocument:
    """A policy of one statement about everything, unless the elements say otherwise."""
    about: dict[str, Any] = {"Action": "*"}
    if "NotResource" not in elements:
        about["Resource"] = "*"
    statement = {"Effect": effect, **about, **elements}
    return parse_document({"Version": "2012-10-17", "Statement": statement})


EVERYTHING = policy()
SILENT = policy(Action="ec2:DescribeRegions")


def decide(principal: Principal, layers: PolicyLayers, **request: Any) -> Decision:
    """What both evaluators say; by default it is asked for an object in the caller's account."""
    asked = {"action": "s3:GetObject", "resource": OBJECT, "resource_account": HERE, **request}
    context = RequestContext(principal=principal, **asked)
    decision = authorize(context, layers)
    if explain(context, layers).decision != decision:
        raise AssertionError(f"the evaluators differ: {context} {layers}")
    return decision


def at(layer: Layer, **elements: Any) -> PolicyLayers:
    """Layers with one Deny, which has a Principal where the layer wants one."""
    principal = {"Principal": "*"} if layer in ("resource", "rcp", "vpc_endpoint") else {}
    document = policy("Deny", **principal, **elements)
    standing: dict[Layer, Any] = {"scp": ((document,),), "rcp": ((document,),), "resource": document}
    return PolicyLayers(**{layer: standing.get(layer, (document,))})


def yes(answer: bool) -> str:
    """A cell."""
    return "yes" if answer else "–"


# -- which policies bear on whom --------------------------------------------------------------------


def bearing() -> str:
    """For each caller and each layer, whether a Deny there reaches the caller."""
    rows = [
        [name, *(yes(decide(caller, at(layer)).outcome == "EXPLICIT_DENY") for layer in LAYERS)]
        for name, caller in CALLERS.items()
    ]
    return table(["who asks", *(_LAYER_NAMES[layer] for layer in LAYERS)], rows)


# -- who grants -------------------------------------------------------------------------------------

_NAMED: Sequence[tuple[str, Principal, Any, Mapping[str, Any]]] = (
    ("the user's ARN", ANA, {"AWS": USER_ARN}, {}),
    ("the role's ARN", SESSION, {"AWS": ROLE_ARN}, {}),
    ("the session's ARN", SESSION, {"AWS": SESSION.arn}, {}),
    ("the federated user's ARN", FEDERATED, {"AWS": FEDERATED.arn}, {}),
    ("the ARN of the user behind it", FEDERATED, {"AWS": USER_ARN}, {}),
    ("the account (number or `:root`)", ANA, {"AWS": HERE}, {}),
    ("the account", SESSION, {"AWS": HERE}, {}),
    ("the account", FEDERATED, {"AWS": HERE}, {}),
    ("the account", ROOT, {"AWS": HERE}, {}),
    ("`*`", ANA, "*", {}),
    ("`*`", SESSION, "*", {}),
    (
        "`*`, with `aws:PrincipalArn` the role's",
        SESSION,
        "*",
        {"Condition": {"ArnEquals": {"aws:PrincipalArn": ROLE_ARN}}},
    ),
    ("the service", SERVICE, {"Service": SERVICE.name}, {}),
    ("the provider", PROVIDED, {"Federated": PROVIDED.provider}, {}),
    ("`*`", Anonymous(), "*", {}),
)


def grants() -> str:
    """What an Allow of the resource's policy is worth, by how it names the caller, in one account."""
    return _grants(HERE)


def grants_across() -> str:
    """The same where the resource is of another account."""
    return _grants(ELSEWHERE)


def _grants(owner: str) -> str:
    names = {type(caller): name for name, caller in CALLERS.items() if caller is not LINKED}
    rows = []
    for named, caller, principal, more in _NAMED:
        resource = policy(Principal=principal, **more)
        cells = [
            yes(decide(caller, layers, resource_account=owner).allowed)
            for layers in _surroundings(resource, federated=isinstance(caller, FederatedUser))
        ]
        rows.append([named, names[type(caller)], *cells])
    return table(["the policy names", "who asks", *_SURROUNDINGS], rows)


_SURROUNDINGS = (
    "alone",
    "an identity policy allows",
    "… and the boundary is silent",
    "… and the session policy is silent",
)


def _surroundings(resource: PolicyDocument, *, federated: bool) -> Sequence[PolicyLayers]:
    """Federated users have a session policy that allows, where the column says nothing of it."""
    own: Any = {"resource": resource, "session": (EVERYTHING,) if federated else None}
    return (
        PolicyLayers(**own),
        PolicyLayers(**own, identity=(EVERYTHING,)),
        PolicyLayers(**own, identity=(EVERYTHING,), boundary=(SILENT,)),
        PolicyLayers(resource=resource, identity=(EVERYTHING,), session=(SILENT,)),
    )


# -- the two doors ----------------------------------------------------------------------------------

_DOORS: Mapping[str, tuple[str, str]] = {
    "an object": ("s3:GetObject", OBJECT),
    "a role": ("sts:AssumeRole", f"arn:aws:iam::{HERE}:role/other"),
    "a KMS key": ("kms:Decrypt", f"arn:aws:kms:eu-central-1:{HERE}:key/1"),
}
_SAYS: Mapping[str, tuple[Principal, Any]] = {
    "nothing": (ANA, None),
    "allow the account": (ANA, {"AWS": HERE}),
    "allow the user": (ANA, {"AWS": USER_ARN}),
    "allow the role (a session asks)": (SESSION, {"AWS": ROLE_ARN}),
    "allow another user": (ANA, {"AWS": f"arn:aws:iam::{HERE}:user/bob"}),
    "allow the account (root asks)": (ROOT, {"AWS": HERE}),
    "nothing (root asks)": (ROOT, None),
}


def doors() -> str:
    """For an object, a role and a key: whether it opens without and with an allow in an identity policy."""
    rows = []
    for says, (caller, principal) in _SAYS.items():
        resource = None if principal is None else policy(Principal=principal)
        row = [says]
        for action, arn in _DOORS.values():
            for identity in ((), (EVERYTHING,)):
                layers = PolicyLayers(identity=identity, resource=resource)
                row.append(yes(decide(caller, layers, action=action, resource=arn).allowed))
        rows.append(row)
    header = [each for name in _DOORS for each in (f"{name}: alone", "identity allows")]
    return table(["its policy says", *header], rows)


# -- resources --------------------------------------------------------------------------------------

_PATTERNS: Sequence[tuple[str, str]] = (
    ("arn:aws:s3:::bucket", "arn:aws:s3:::bucket"),
    ("arn:aws:s3:::bucket", "arn:aws:s3:::bucket/key"),
    ("arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket/deep/key"),
    ("arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket"),
    ("arn:aws:s3:::Bucket/*", "arn:aws:s3:::bucket/key"),
    ("arn:aws:s3:::b?cket/[k]ey", "arn:aws:s3:::bucket/key"),
    ("arn:aws:iam::*:role/app", f"arn:aws:iam::{HERE}:role/app"),
    ("arn:aws:iam:*:role/app", f"arn:aws:iam::{HERE}:role/app"),
    ("arn:aws:logs:*:*:log-group:*", f"arn:aws:logs:eu-central-1:{HERE}:log-group:a:log-stream:b"),
    ("*", "*"),
    ("arn:aws:s3:::*", "*"),
)


def arns() -> str:
    """Patterns, resources, and whether the one matches the other."""
    rows = [
        [f"`{pattern}`", f"`{resource}`", yes(_matches(pattern, resource))] for pattern, resource in _PATTERNS
    ]
    return table(["`Resource`", "the request's resource", "matches"], rows)


def _matches(pattern: str, resource: str) -> bool:
    return decide(ANA, PolicyLayers(identity=(policy(Resource=pattern),)), resource=resource).allowed


def short_arns() -> str:
    """Patterns of fewer than six parts in each layer, asked of an object of S3."""
    rows = [
        [f"`{pattern}`", *(yes(_denies(layer, pattern)) for layer in LAYERS)]
        for pattern in ("arn:aws:s3", "arn:*:s3", "arn:aws:s3*", "arn:aws:s3:::*")
    ]
    return table(["`Resource`", *(_LAYER_NAMES[layer] for layer in LAYERS)], rows)


def _denies(layer: Layer, pattern: str) -> bool:
    return decide(ANA, at(layer, Resource=pattern)).outcome == "EXPLICIT_DENY"
