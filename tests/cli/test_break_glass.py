"""`rolekeeper break-glass` against a server whose clock is moved: who may open, who gets in, how it ends."""

from __future__ import annotations

import json
import urllib.request

import pytest

from tests.authenticator import enabled
from tests.cli.conftest import Home
from tests.cli.glass.test_webhook import Listener
from tests.client import Person, World
from tests.people import allow, assume, policy, refused, trusting, user

pytestmark = pytest.mark.requirement("SR-129")

POLICY = "arn:aws:iam::aws:policy/AdministratorAccess"
OPEN = ("--reason", "INC-42: database down", "--for", "30m")
EXTEND, EXTEND_PLAIN = ("extend", "fire", "--for", "1h"), ("extend", "plain", "--for", "1h")
NO_ROLE = "is not authorized to perform: sts:AssumeRole"


class Served(World):
    """A server, and its root user."""

    def __init__(self, ready):
        self.url = ready["endpoint"]
        self.root = Person(self, ready["root_access_key_id"], ready["root_secret_access_key"])
        self.root.account = "123456789012"

    def advance(self, seconds):
        self.order("clock", advance_seconds=seconds)

    def order(self, route, **order):
        body = json.dumps(order).encode()
        with urllib.request.urlopen(f"{self.url}/_rolekeeper/{route}", body):
            pass


@pytest.fixture(scope="module")
def own_home(tmp_path_factory):
    return Home(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def server(own_home):
    with own_home.up("--ephemeral") as running:
        yield Served(running.ready)


@pytest.fixture
def served(server):
    """The server in its first state."""
    server.order("reset")
    return server


@pytest.fixture
def ana(served):
    return user(served.root, "ana")


@pytest.fixture
def glass(command, own_home, served, ana):
    """The command, with ana's role made."""

    def run(*arguments, key=None, **variables):
        if key is not None:
            names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
            variables |= {name: value for name, value in zip(names, key._keys, strict=True) if value}
        return command("break-glass", *arguments, home=own_home, **variables)

    assert run("create", "fire", "--allow", "ana", "--policy", POLICY).status == 0
    return run


def enter(ana, codes, **more):
    told = {"RoleArn": ROLE, "RoleSessionName": "ana", "SourceIdentity": "INC-42-database-down"} | more
    code = {"SerialNumber": codes.serial, "TokenCode": codes.next(ana)}
    return ana.world.person(ana.sts.assume_role(**told, **code)["Credentials"])


ROLE = "arn:aws:iam::123456789012:role/break-glass/fire"


@pytest.mark.parametrize(
    ("arguments", "fragment"),
    [
        (("open", "fire", "--reason", "INC-42", "--for", "0m"), "from 1m to 12h"),
        (("open", "fire", "--reason", "INC-42", "--for", "13h"), "from 1m to 12h"),
        (("open", "fire", "--reason", "INC-42", "--for", "soon"), "not 'soon'"),
        (("open", "fire", "--reason", "INC-42", "--for", ""), "not ''"),
        (("open", "fire", "--reason", "(!)", "--for", "1m"), "and not '('"),
        (("open", "fire", *OPEN, "--webhook", "http://example.com/x"), "this machine only"),
        (("open", "fire", "--for", "1m"), "--reason"),
        (("extend", "fire"), "--for"),
        (("extend", "fire", "--for", "13h"), "from 1m to 12h"),
        (("extend", "fire", "--for", "1h", "--webhook", "http://example.com/x"), "this machine only"),
    ],
)
def test_a_wrong_use_is_told_before_anything_is_asked(command, home, arguments, fragment):
    result = command("break-glass", *arguments, home=home)
    assert (result.status, fragment in result.err) == (2, True), result.err


def test_without_a_server_it_could_not(command, home):
    assert command("break-glass", "status", home=home).status == 3


def test_a_profile_is_no_key(glass):
    result = glass("open", "fire", *OPEN, AWS_PROFILE="work")
    assert (result.status, "profiles are not read" in result.err) == (2, True)
    assert glass("status", AWS_ACCESS_KEY_ID="AKIAEXAMPLE").status == 2


def test_a_strangers_key_opens_nothing(glass):
    result = glass("open", "fire", *OPEN, AWS_ACCESS_KEY_ID="AKIAEXAMPLE", AWS_SECRET_ACCESS_KEY="x")
    assert (result.status, "security token" in result.err) == (3, True), result.err


@pytest.mark.parametrize(
    "may",
    [
        (),
        ("iam:GetRole",),
        ("iam:GetRole", "iam:TagRole"),
        ("iam:GetRole", "iam:TagRole", "iam:PutRolePolicy"),
        ("iam:GetRole", "iam:UpdateAssumeRolePolicy"),
    ],
)
def test_who_may_not_open_is_refused_and_nothing_is_open(glass, served, may):
    ben = user(served.root, "ben", *([allow(*may)] if may else []))
    result = glass("open", "fire", *OPEN, key=ben)
    assert (result.status, "not authorized to perform: iam:" in result.err) == (1, True)
    assert json.loads(glass("status", "--json").out)["state"] == "closed"


def test_a_session_opens_as_itself(glass, served):
    who = served.root.iam.create_role(
        RoleName="duty",
        AssumeRolePolicyDocument=policy(trusting(served.root.account)),
    )["Role"]["Arn"]
    ben = user(served.root, "ben", allow("sts:AssumeRole"))
    duty = assume(ben, who, "ben,x")
    assert glass("open", "fire", *OPEN, key=duty).status == 1
    served.root.iam.put_role_policy(
        RoleName="duty", PolicyName="own", PolicyDocument=policy(allow("iam:*", on=ROLE))
    )
    assert glass("open", "fire", *OPEN, key=duty).status == 0
    opener = json.loads(glass("status", "fire", "--json").out)["opened_by"]
    assert opener == "arn:aws:sts::123456789012:assumed-role/duty/ben_x"


@pytest.mark.parametrize("who", ["*", "arn:aws:iam::123456789012:role/x", "arn:aws:s3:::b", "a b"])
def test_only_users_have_mfa_devices(glass, who):
    result = glass("create", "other", "--allow", who, "--policy", POLICY)
    assert (result.status, "only users have MFA devices" in result.err) == (2, True)


def test_who_is_not_there_cannot_be_let_in(glass):
    result = glass("create", "other", "--allow", "nobody", "--policy", POLICY)
    assert (result.status, "Invalid principal" in result.err) == (3, True)


def test_what_is_half_made_is_told(glass):
    result = glass("create", "other", "--allow", "ana", "--policy", "arn:aws:iam::aws:policy/None")
    assert (result.status, "is there, closed, but not finished" in result.err) == (3, True)


def test_another_role_is_left_alone(glass, served):
    document = policy(trusting(served.root.account))
    served.root.iam.create_role(RoleName="plain", AssumeRolePolicyDocument=document)
    for what in (("open", "plain", *OPEN), EXTEND_PLAIN, ("close", "plain"), ("status", "plain")):
        result = glass(*what)
        assert (result.status, "is no break-glass role" in result.err) == (3, True)


def test_a_closed_role_lets_nobody_in(glass, ana, served):
    codes = enabled(served.root, "ana")
    with refused("AccessDenied", 403, NO_ROLE):
        enter(ana, codes)
    result = glass("status")
    assert (result.status, result.out) == (1, f"{ROLE}: closed\n")


def test_open_enter_close_ends_the_session_at_once(glass, ana, served):
    codes = enabled(served.root, "ana")
    opened = glass("open", "fire", *OPEN)
    assert opened.status == 0
    assert "--source-identity INC-42-database-down" in opened.out
    with refused("AccessDenied", 403, NO_ROLE):
        enter(ana, codes, SourceIdentity="INC-43")
    inside = enter(ana, codes)
    inside.iam.list_users()
    status = glass("status")
    assert status.status == 0
    assert "opened by        arn:aws:iam::123456789012:root" in status.out
    assert "session          arn:aws:iam::123456789012:user/ana from 127.0.0.1" in status.out
    (session,) = json.loads(glass("status", "fire", "--json").out)["sessions"]
    assert (session["name"], session["source_identity"]) == ("ana", "INC-42-database-down")
    closed = glass("close", "fire")
    assert (closed.status, "its sessions have ended" in closed.out) == (0, True)
    with refused("AccessDenied", 403, "explicit deny in an identity-based policy"):
        inside.iam.list_users()
    with refused("AccessDenied", 403, NO_ROLE):
        enter(ana, codes)
    after = json.loads(glass("status", "--json").out)
    assert (after["state"], after["sessions"], after["reason"]) == ("closed", [], "INC-42: database down")


def test_it_closes_itself_by_the_servers_clock(glass, ana, served):
    codes = enabled(served.root, "ana")
    codes.wait(ana, 7200)
    glass("open", "fire", *OPEN)
    inside = enter(ana, codes)
    inside.iam.list_users()
    codes.wait(ana, 1801)
    with refused("AccessDenied", 403, "explicit deny in an identity-based policy"):
        inside.iam.list_users()
    with refused("AccessDenied", 403, NO_ROLE):
        enter(ana, codes)
    assert glass("status").status == 1
    assert glass("open", "fire", *OPEN).status == 0
    with refused("AccessDenied", 403, "explicit deny in an identity-based policy"):
        inside.iam.list_users()
    enter(ana, codes).iam.list_users()


def test_who_opens_next_closes_first(glass):
    glass("open", "fire", *OPEN)
    result = glass("open", "fire", "--reason", "INC-43", "--for", "1h")
    assert (result.status, "close it first" in result.err) == (1, True)
    assert json.loads(glass("status", "--json").out)["reason"] == "INC-42: database down"


# -- for longer -------------------------------------------------------------------------------------


def state(glass):
    return json.loads(glass("status", "fire", "--json").out)


def test_what_is_closed_is_not_extended(glass, served):
    result = glass(*EXTEND)
    assert (result.status, "fire is closed: open it" in result.err) == (1, True)
    glass("open", "fire", *OPEN)
    served.advance(1860)
    assert glass(*EXTEND).status == 1
    assert state(glass)["state"] == "closed"


@pytest.mark.parametrize(
    "may",
    [
        ("iam:GetRole",),
        ("iam:GetRole", "iam:TagRole"),
        ("iam:GetRole", "iam:TagRole", "iam:PutRolePolicy"),
        ("iam:GetRole", "iam:UpdateAssumeRolePolicy", "iam:PutRolePolicy"),
    ],
)
def test_who_may_not_extend_is_refused_and_nothing_is_longer(glass, served, may):
    glass("open", "fire", *OPEN)
    until = state(glass)["until"]
    result = glass(*EXTEND, key=user(served.root, "ben", allow(*may)))
    assert (result.status, "not authorized to perform: iam:" in result.err) == (1, True)
    assert state(glass)["until"] == until


def test_who_is_in_stays_no_longer_where_only_the_trust_policy_may_be_changed(glass, ana, served):
    codes = enabled(served.root, "ana")
    glass("open", "fire", *OPEN)
    inside = enter(ana, codes)
    ben = user(served.root, "ben", allow("iam:GetRole", "iam:TagRole", "iam:UpdateAssumeRolePolicy"))
    assert glass(*EXTEND, key=ben).status == 1
    codes.wait(ana, 1801)
    for person in (inside, enter(ana, codes)):
        with refused("AccessDenied", 403, "explicit deny in an identity-based policy"):
            person.iam.list_users()


def test_it_cannot_be_shortened_nor_be_open_for_more_than_twelve_hours(glass, served):
    glass("open", "fire", "--reason", "INC-42", "--for", "2h")
    before = state(glass)
    result = glass(*EXTEND)
    assert (result.status, "already" in result.err) == (1, True)
    served.advance(3600)
    assert glass("extend", "fire", "--for", "10h").status == 0
    served.advance(9 * 3600)
    result = glass("extend", "fire", "--for", "3h")
    assert (result.status, "at most: close it then, and open it anew" in result.err) == (1, True)
    assert glass("extend", "fire", "--for", "1h30m").status == 0
    after = state(glass)
    assert (after["opened_at"], after["reason"]) == (before["opened_at"], "INC-42")
    served.advance(5400)
    assert state(glass)["state"] == "closed"


def test_a_role_changed_by_hand_is_not_extended(glass, ana, served):
    glass("open", "fire", *OPEN)
    served.root.iam.untag_role(RoleName="fire", TagKeys=["break-glass:opened-at"])
    result = glass(*EXTEND)
    assert (result.status, "since when fire is open" in result.err) == (3, True)
    document = policy(trusting(ana.arn))
    served.root.iam.update_assume_role_policy(RoleName="fire", PolicyDocument=document)
    result = glass(*EXTEND)
    assert (result.status, "is not the recipe's" in result.err) == (3, True)


def test_an_extended_role_keeps_who_is_in_and_lets_in_longer(glass, ana, served):
    codes = enabled(served.root, "ana")
    glass("open", "fire", *OPEN)
    inside = enter(ana, codes)
    result = glass(*EXTEND)
    assert (result.status, "--source-identity INC-42-database-down" in result.out) == (0, True)
    codes.wait(ana, 1801)
    inside.iam.list_users()
    with refused("AccessDenied", 403, NO_ROLE):
        enter(ana, codes, SourceIdentity="INC-43")
    late = enter(ana, codes)
    late.iam.list_users()
    codes.wait(ana, 1860)
    with refused("AccessDenied", 403, "explicit deny in an identity-based policy"):
        late.iam.list_users()
    with refused("AccessDenied", 403, NO_ROLE):
        enter(ana, codes)


def test_of_an_extension_everybody_is_told_until_the_next_opening(glass, served):
    glass("open", "fire", *OPEN)
    assert state(glass)["extended_by"] is None
    ben = user(served.root, "ben", allow("iam:*", on=ROLE))
    with Listener() as listener:
        assert glass(*EXTEND, "--webhook", listener.url, key=ben).status == 0
    told = json.loads(listener.heard[0][2])
    assert (told["event"], told["extended_by"]) == ("extended", "arn:aws:iam::123456789012:user/ben")
    assert told["text"].endswith("by arn:aws:iam::123456789012:user/ben: INC-42: database down")
    assert told["until"] in told["text"]
    now = state(glass)
    assert (now["extended_by"], now["until"]) == (told["extended_by"], told["until"])
    assert "extended by      arn:aws:iam::123456789012:user/ben" in glass("status").out
    glass("close", "fire")
    served.advance(1)
    glass("open", "fire", *OPEN)
    assert (state(glass)["extended_by"], state(glass)["extended_at"]) == (None, None)


def test_closing_twice_is_no_harm(glass):
    assert [glass("close", "fire").status for _ in range(2)] == [0, 0]


def test_a_role_changed_by_hand_counts_as_open_until_it_is_closed(glass, ana, served):
    document = policy(trusting(ana.arn))
    served.root.iam.update_assume_role_policy(RoleName="fire", PolicyDocument=document)
    status = glass("status")
    assert (status.status, "fire: changed by hand" in status.out) == (0, True)
    assert glass("open", "fire", *OPEN).status == 3
    assert glass("close", "fire").status == 0
    assert glass("status").status == 1
    assert glass("open", "fire", *OPEN).status == 0


def test_it_closes_when_who_was_in_it_is_deleted(glass, served):
    glass("open", "fire", *OPEN)
    (key,) = served.root.iam.list_access_keys(UserName="ana")["AccessKeyMetadata"]
    served.root.iam.delete_access_key(UserName="ana", AccessKeyId=key["AccessKeyId"])
    served.root.iam.delete_user(UserName="ana")
    assert glass("close", "fire").status == 0
    assert glass("status").status == 1
    result = glass("open", "fire", *OPEN)
    assert (result.status, "names nobody" in result.err) == (3, True)


def test_an_opening_is_in_the_trail_and_the_log_and_reaches_the_webhook(command, home):
    with home.up("--ephemeral") as server, Listener() as listener:
        served = Served(server.ready)
        user(served.root, "ana")
        ben = user(served.root, "ben", allow("iam:*", on=[ROLE, "*"]))
        keys = {"AWS_ACCESS_KEY_ID": ben._keys[0], "AWS_SECRET_ACCESS_KEY": ben._keys[1]}

        def run(*arguments):
            return command("break-glass", *arguments, home=home, **keys)

        assert run("create", "fire", "--allow", "ana", "--policy", POLICY).status == 0
        assert run("open", "fire", *OPEN, "--webhook", listener.url).status == 0
        assert run("close", "fire", "--webhook", listener.url).status == 0
        tail = command("audit", "tail", "--json", "-n", "100", home=home).out
        _, complaint = server.stop()
    events = [json.loads(line) for line in tail.splitlines()]
    (tagged,) = [event for event in events if event["eventName"] == "TagRole"]
    assert tagged["userIdentity"]["arn"] == "arn:aws:iam::123456789012:user/ben"
    assert {"key": "break-glass:reason", "value": "INC-42: database down"} in tagged["requestParameters"][
        "tags"
    ]
    assert [event["eventName"] for event in events].count("UpdateAssumeRolePolicy") == 2
    assert f"WARNING rolekeeper: break glass: {ROLE} is opened until " in complaint
    assert "by arn:aws:iam::123456789012:user/ben" in complaint
    opened, closed = [json.loads(body) for _, _, body in listener.heard]
    assert (opened["event"], closed["event"]) == ("opened", "closed")
    assert (opened["reason"], opened["role"]) == ("INC-42: database down", ROLE)
    assert opened["opened_by"] == opened["caller"] == "arn:aws:iam::123456789012:user/ben"
    assert opened["text"].endswith("by arn:aws:iam::123456789012:user/ben: INC-42: database down")


def test_a_webhook_that_does_not_answer_is_told_and_the_role_is_open(glass):
    with Listener(500) as listener:
        result = glass("open", "fire", *OPEN, "--webhook", listener.url, "--json")
    assert (result.status, "fire is opened, but 127.0.0.1 was not told" in result.err) == (3, True)
    assert json.loads(result.out)["event"] == "opened"
    assert glass("status").status == 0
