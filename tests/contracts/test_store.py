"""What `store.contract` promises, on every kind of store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from rolekeeper.errors import EntityAlreadyExists, NoSuchEntity, StoreError
from rolekeeper.iam.entities import AccessKey, Account, Entity, Group, InstanceProfile, Role, User
from rolekeeper.iam.secret import Secret
from rolekeeper.store import memory_store, open_store
from rolekeeper.store.contract import LastUse, Store, Transaction
from tests.store.samples import (
    NOW,
    ONE,
    TWO,
    access_key,
    account,
    add_role,
    by_role,
    by_user,
    event,
    event_ids,
    names,
    policy,
    role,
    settle,
    use,
    user,
)


@pytest.fixture(params=["memory", "file", "file, events brought to the disk at once"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    kind = request.param
    opened = memory_store() if kind == "memory" else open_store(tmp_path, audit_sync=kind.endswith("once"))
    yield settle(opened)
    opened.close()


# -- entities -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("collection", "text"),
    [
        ("roles", "The role with name Nobody cannot be found."),
        ("users", "The user with name Nobody cannot be found."),
        ("groups", "The group with name Nobody cannot be found."),
        ("policies", "Policy Nobody was not found."),
        ("instance_profiles", "Instance Profile Nobody cannot be found."),
        ("access_keys", "The Access Key with id Nobody cannot be found"),
    ],
)
def test_what_is_missing_is_said_in_the_words_of_aws(store: Store, collection: str, text: str) -> None:
    with store.read() as tx, pytest.raises(NoSuchEntity) as refused:
        getattr(tx.account(ONE), collection).get("Nobody")
    assert refused.value.message == text


@pytest.mark.parametrize(
    ("entity", "text"),
    [
        (role("Twice"), "Role with name Twice already exists."),
        (user("Twice"), "User with name Twice already exists."),
        (Group(account=ONE, name="Twice", id="AGPA1", created=NOW), "Group with name Twice already exists."),
        (policy("Twice"), "A policy called Twice already exists. Duplicate names are not allowed."),
        (
            InstanceProfile(account=ONE, name="Twice", id="AIPA1", created=NOW),
            "Instance Profile Twice already exists.",
        ),
    ],
)
def test_what_is_taken_is_said_in_the_words_of_aws(store: Store, entity: Entity, text: str) -> None:
    with store.write() as tx:
        collection = tx.account(ONE).collection(type(entity))
        collection.add(entity)
        with pytest.raises(EntityAlreadyExists) as refused:
            collection.add(entity)
    assert refused.value.message == text


def test_a_name_is_taken_in_any_case(store: Store) -> None:
    add_role(store, "Admin")
    with pytest.raises(EntityAlreadyExists), store.write() as tx:
        tx.account(ONE).roles.add(role("ADMIN"))
    with store.read() as tx:
        assert tx.account(ONE).roles.get("aDMIN").name == "Admin"


def test_an_access_key_is_found_in_its_own_case_only(store: Store) -> None:
    with store.write() as tx:
        tx.account(ONE).access_keys.add(access_key("AbC"))
    with store.read() as tx:
        assert tx.account(ONE).access_keys.find("abc") is None
        assert tx.account(ONE).access_keys.get("AbC").id == "AbC"


def test_an_access_key_of_one_account_is_taken_in_every_other(store: Store) -> None:
    with store.write() as tx:
        tx.account(ONE).access_keys.add(access_key("test"))
    with pytest.raises(EntityAlreadyExists), store.write() as tx:
        tx.account(TWO).access_keys.add(access_key("test", TWO))
    with store.read() as tx:
        found = tx.by_unique_id("test")
        assert found is not None
        assert found.account == ONE


def test_an_entity_comes_back_as_it_was(store: Store) -> None:
    kept = role("R", tags={"Ä": "\U0001f511"}, inline={"p": '{"Version":"2012-10-17"}'}, name_path="/a/")
    with store.write() as tx:
        tx.account(ONE).roles.add(kept)
        tx.account(ONE).policies.add(policy("P"))
    with store.read() as tx:
        assert tx.account(ONE).roles.page() == ([kept], False)
        assert tx.account(ONE).policies.page() == ([policy("P")], False)


def test_accounts_do_not_see_each_other(store: Store) -> None:
    add_role(store, "R")
    with store.read() as tx:
        assert tx.account(TWO).roles.find("R") is None
        assert tx.account(TWO).roles.count() == 0
        assert tx.account(TWO).roles.page() == ([], False)


def test_an_entity_of_another_account_or_kind_is_refused(store: Store) -> None:
    with store.write() as tx:
        with pytest.raises(ValueError, match="does not belong"):
            tx.account(TWO).roles.add(role("R"))
        with pytest.raises(ValueError, match="does not belong"):
            tx.account(ONE).roles.add(user("R"))  # type: ignore[arg-type]


def test_only_what_exists_is_replaced_or_deleted(store: Store) -> None:
    with store.write() as tx:
        with pytest.raises(NoSuchEntity):
            tx.account(ONE).roles.put(role("R"))
        with pytest.raises(NoSuchEntity):
            tx.account(ONE).roles.delete(role("R"))


def test_a_replaced_entity_is_seen_by_name_and_by_id(store: Store) -> None:
    add_role(store, "R")
    with store.write() as tx:
        tx.account(ONE).roles.put(role("R", description="new"))
    with store.read() as tx:
        assert tx.account(ONE).roles.get("R").description == "new"
        assert tx.by_unique_id("AROAR") == role("R", description="new")


def test_a_role_made_again_has_another_id_and_the_old_one_is_nobodys(store: Store) -> None:
    add_role(store, "R")
    with store.write() as tx:
        tx.account(ONE).roles.delete(role("R"))
    with store.read() as tx:
        assert tx.by_unique_id("AROAR") is None
    with store.write() as tx:
        tx.account(ONE).roles.add(role("R", id="AROAnew"))
    with store.read() as tx:
        assert tx.by_unique_id("AROAR") is None
        assert tx.by_unique_id("AROAnew") == role("R", id="AROAnew")


def test_an_id_as_long_as_a_book_is_nobodys(store: Store) -> None:
    with store.read() as tx:
        assert tx.by_unique_id("A" * 1_000_000) is None


# -- pages ----------------------------------------------------------------------------------------


def test_pages_follow_each_other_in_the_order_of_keys(store: Store) -> None:
    with store.write() as tx:
        for name in ["b", "C", "a", "E", "d"]:
            tx.account(ONE).roles.add(role(name))
    with store.read() as tx:
        roles = tx.account(ONE).roles
        first, more = roles.page(limit=2)
        rest, end = roles.page(limit=3, after="B")
    assert ([found.name for found in first], more) == (["a", "b"], True)
    assert ([found.name for found in rest], end) == (["C", "d", "E"], False)


def test_a_path_prefix_selects_by_the_letter(store: Store) -> None:
    paths = {"r1": "/", "r2": "/app/", "r3": "/app/web/", "r4": "/apple/", "r5": "/APP/", "r6": "/a%p/"}
    with store.write() as tx:
        for name, path in paths.items():
            tx.account(ONE).roles.add(role(name, name_path=path))

    def under(prefix: str) -> list[str]:
        with store.read() as tx:
            return [found.name for found in tx.account(ONE).roles.page(path_prefix=prefix)[0]]

    assert under("/app/") == ["r2", "r3"]
    assert under("/app") == ["r2", "r3", "r4"]
    assert under("/a%") == ["r6"]
    assert under("/") == sorted(paths)


def test_a_write_lists_and_counts_what_it_has_changed(store: Store) -> None:
    add_role(store, "kept")
    with store.write() as tx:
        roles = tx.account(ONE).roles
        roles.add(role("new"))
        roles.delete(role("kept"))
        roles.add(role("newer"))
        assert [found.name for found in roles.page()[0]] == ["new", "newer"]
        assert roles.count() == 2
    with store.read() as tx:
        assert tx.account(ONE).roles.count() == 2


# -- links ----------------------------------------------------------------------------------------


def test_links_keep_the_order_of_making(store: Store) -> None:
    with store.write() as tx:
        links = tx.account(ONE).links
        made = [links.add("member", "ann", group) for group in ("z", "a", "m", "a")]
        assert links.remove("member", "ann", "a")
        assert links.add("member", "ann", "a")
        assert links.targets("member", "ann") == ["z", "m", "a"]
    assert made == [True, True, True, False]
    with store.read() as tx:
        assert tx.account(ONE).links.targets("member", "ann") == ["z", "m", "a"]


def test_links_are_seen_from_their_targets(store: Store) -> None:
    with store.write() as tx:
        for source in ("user/b", "role/a"):
            tx.account(ONE).links.add("attachment", source, "P")
        assert tx.account(ONE).links.sources("attachment", "P") == ["role/a", "user/b"]
        tx.account(ONE).links.remove("attachment", "user/b", "P")
    with store.read() as tx:
        assert tx.account(ONE).links.sources("attachment", "P") == ["role/a"]


def test_the_targets_of_links_can_be_gone_through(store: Store) -> None:
    with store.write() as tx:
        links = tx.account(ONE).links
        for source, target in (("role/a", "x"), ("role/a", "p"), ("role/b", "p")):
            links.add("attachment", source, target)
        links.add("boundary", "role/a", "q")
        tx.account(TWO).links.add("attachment", "role/a", "r")
        assert links.next_target("attachment", "") == "p"
    with store.read() as tx:
        links = tx.account(ONE).links
        assert [links.next_target("attachment", one) for one in ("", "p", "pp", "x")] == ["p", "x", "x", None]


def test_a_link_is_of_one_account_and_one_kind(store: Store) -> None:
    with store.write() as tx:
        tx.account(ONE).links.add("member", "ann", "staff")
    with store.read() as tx:
        assert tx.account(ONE).links.has("member", "ann", "staff")
        assert not tx.account(TWO).links.has("member", "ann", "staff")
        assert not tx.account(ONE).links.has("key", "ann", "staff")


def test_a_link_that_is_not_there_cannot_be_removed(store: Store) -> None:
    with store.write() as tx:
        assert not tx.account(ONE).links.remove("member", "ann", "staff")


# -- secrets --------------------------------------------------------------------------------------


def test_a_secret_comes_back_until_it_is_deleted(store: Store) -> None:
    with store.write() as tx:
        tx.account(ONE).secrets.put("access-key", "K", Secret("first"))
        tx.account(ONE).secrets.put("access-key", "K", Secret("second"))
    with store.read() as tx:
        assert tx.account(ONE).secrets.get("access-key", "K") == Secret("second")
    with store.write() as tx:
        tx.account(ONE).secrets.delete("access-key", "K")
    with store.read() as tx:
        assert tx.account(ONE).secrets.get("access-key", "K") is None


def test_a_secret_is_of_one_account_and_one_kind(store: Store) -> None:
    with store.write() as tx:
        tx.account(ONE).secrets.put("access-key", "K", Secret("s"))
    with store.read() as tx:
        assert tx.account(TWO).secrets.get("access-key", "K") is None
        assert tx.account(ONE).secrets.get("password", "K") is None


# -- accounts and revisions -----------------------------------------------------------------------


def test_an_account_that_does_not_exist_is_a_lookup_error(store: Store) -> None:
    with store.read() as tx:
        assert not tx.has_account("999999999999")
        with pytest.raises(LookupError):
            tx.account("999999999999")


def test_an_account_is_made_once(store: Store) -> None:
    with pytest.raises(EntityAlreadyExists), store.write() as tx:
        tx.add_account(account(ONE))
    with store.read() as tx:
        assert tx.accounts() == [account(ONE), account(TWO)]
        assert tx.account(ONE).collection(Account).get(ONE) == account(ONE)


def test_an_account_whose_making_failed_does_not_exist(store: Store) -> None:
    with pytest.raises(RuntimeError), store.write() as tx:
        tx.add_account(account("333333333333"))
        raise RuntimeError
    with store.read() as tx:
        assert not tx.has_account("333333333333")


def _revisions(store: Store) -> tuple[int, int]:
    with store.read() as tx:
        return tx.account(ONE).revision, tx.account(TWO).revision


def test_a_write_raises_the_revision_of_the_accounts_that_it_changed_once(store: Store) -> None:
    one, two = _revisions(store)
    with store.write() as tx:
        tx.account(ONE).roles.add(role("a"))
        tx.account(ONE).links.add("attachment", "role/a", "P")
        tx.account(ONE).secrets.put("k", "k", Secret("s"))
        tx.account(TWO).roles.find("a")
    assert _revisions(store) == (one + 1, two)


def test_a_write_that_changed_nothing_leaves_the_revision(store: Store) -> None:
    before = _revisions(store)
    with store.write() as tx:
        tx.account(ONE).roles.find("a")
        tx.append_event(event("e"))
    assert _revisions(store) == before


def test_what_is_derived_is_worked_out_again_when_something_has_changed(store: Store) -> None:
    worked: list[int] = []

    def count(tx: Transaction, account: str) -> int:
        worked.append(tx.account(account).roles.count())
        return worked[-1]

    for _ in range(2):
        assert store.read().derived(count, ONE) == 0
    assert (store.read().derived(count, TWO), worked) == (0, [0, 0])
    store.journal.append(event("1"))
    store.drain_journal()
    assert (store.read().derived(count, ONE), worked) == (0, [0, 0])
    add_role(store, "dev")
    for _ in range(2):
        assert store.read().derived(count, ONE) == 1
    assert worked == [0, 0, 1]


def test_nothing_derived_is_remembered_inside_a_write(store: Store) -> None:
    def count(tx: Transaction) -> int:
        return tx.account(ONE).roles.count()

    edition = store.read().edition
    with pytest.raises(ZeroDivisionError), store.write() as tx:
        assert (tx.edition, tx.derived(count)) == (None, 0)
        tx.account(ONE).roles.add(role("dev"))
        assert tx.derived(count) == 1
        raise ZeroDivisionError
    assert (store.read().derived(count), store.read().edition) == (0, edition)


def test_work_that_fails_is_done_again(store: Store) -> None:
    def missing(tx: Transaction) -> Role:
        return tx.account(ONE).roles.get("Nobody")

    for _ in range(2):
        with pytest.raises(NoSuchEntity):
            store.read().derived(missing)


def test_the_number_of_a_failed_change_is_not_used_again(store: Store) -> None:
    with pytest.raises(RuntimeError), store.write() as tx:
        tx.account(ONE).roles.add(role("a"))
        failed = tx.account(ONE).revision
        raise RuntimeError
    assert _revisions(store)[0] < failed
    add_role(store, "b")
    assert _revisions(store)[0] > failed


# -- transactions ---------------------------------------------------------------------------------


def test_reading_changes_nothing(store: Store) -> None:
    with store.read() as tx:
        state = tx.account(ONE)
        changes = [
            lambda: state.roles.add(role("R")),
            lambda: state.links.add("member", "a", "b"),
            lambda: state.secrets.put("k", "k", Secret("s")),
            lambda: tx.add_account(account("333333333333")),
            lambda: tx.append_event(event("e")),
        ]
        for change in changes:
            with pytest.raises(StoreError):
                change()
    assert names(store) == []


def test_a_failed_write_leaves_nothing(store: Store) -> None:
    add_role(store, "before")
    with pytest.raises(RuntimeError), store.write() as tx:
        state = tx.account(ONE)
        state.roles.add(role("R"))
        state.roles.delete(role("before"))
        state.links.add("member", "a", "b")
        state.secrets.put("k", "k", Secret("s"))
        tx.append_event(event("e"))
        raise RuntimeError
    with store.read() as tx:
        state = tx.account(ONE)
        assert state.roles.find("R") is None
        assert state.roles.find("before") == role("before")
        assert state.roles.count() == 1
        assert state.links.targets("member", "a") == state.links.sources("member", "b") == []
        assert state.secrets.get("k", "k") is None
        assert tx.by_unique_id("AROAR") is None
    assert names(store) == ["before"]
    assert event_ids(store) == []


def test_a_transaction_that_is_over_does_nothing(store: Store) -> None:
    with store.write() as tx:
        state = tx.account(ONE)
    with pytest.raises(StoreError, match="over"):
        state.roles.add(role("R"))
    with pytest.raises(StoreError, match="over"):
        tx.append_event(event("e"))


def test_a_write_inside_a_write_is_refused(store: Store) -> None:
    with store.write() as tx:
        tx.account(ONE).roles.add(role("outer"))
        with pytest.raises(StoreError), store.write():
            pass
    assert names(store) == ["outer"]


def test_one_failed_write_of_a_group_does_not_undo_the_others(store: Store) -> None:
    with store.group():
        add_role(store, "first")
        with pytest.raises(EntityAlreadyExists), store.write() as tx:
            tx.account(ONE).roles.add(role("half"))
            tx.account(ONE).roles.delete(role("first"))
            tx.append_event(event("of the half"))
            tx.account(ONE).roles.add(role("half"))
        with store.write() as tx:
            assert tx.account(ONE).roles.find("half") is None
            assert tx.account(ONE).roles.count() == 1
            tx.account(ONE).roles.add(role("last"))
            tx.append_event(event("of the last"))
    assert names(store) == ["first", "last"]
    assert event_ids(store) == ["of the last"]
    with store.read() as tx:
        assert tx.by_unique_id("AROAhalf") is None
        assert tx.account(ONE).roles.find("first") == role("first")


def test_a_write_of_a_group_sees_the_ones_before_it(store: Store) -> None:
    with store.group():
        with store.write() as tx:
            tx.account(ONE).links.add("member", "a", "staff")
            tx.account(ONE).secrets.put("k", "k", Secret("s"))
        with store.write() as tx:
            assert tx.account(ONE).links.sources("member", "staff") == ["a"]
            tx.account(ONE).links.add("member", "b", "staff")
        with store.write() as tx:
            assert tx.account(ONE).links.sources("member", "staff") == ["a", "b"]
            assert tx.account(ONE).secrets.get("k", "k") == Secret("s")
    with store.read() as tx:
        assert tx.account(ONE).links.sources("member", "staff") == ["a", "b"]


def test_what_a_group_has_done_stays_when_an_exception_leaves_it(store: Store) -> None:
    with pytest.raises(RuntimeError), store.group():
        add_role(store, "done")
        raise RuntimeError
    add_role(store, "after")
    assert names(store) == ["after", "done"]


def test_each_write_of_a_group_raises_the_revision(store: Store) -> None:
    before = _revisions(store)[0]
    with store.group():
        add_role(store, "a")
        add_role(store, "b")
    assert _revisions(store)[0] == before + 2


def test_a_group_inside_a_group_or_a_write_is_refused(store: Store) -> None:
    with store.group(), pytest.raises(StoreError), store.group():
        pass
    with store.write(), pytest.raises(StoreError), store.group():
        pass
    add_role(store, "after")
    assert names(store) == ["after"]


def test_a_closed_store_is_closed(store: Store) -> None:
    store.close()
    store.close()
    with pytest.raises(StoreError), store.write():
        pass


# -- events ---------------------------------------------------------------------------------------


def test_events_come_back_as_they_were(store: Store) -> None:
    with store.write() as tx:
        tx.append_event(event("written"))
    store.journal.append(event("journaled", TWO))
    assert [record for _, record in store.events()] == [event("written"), event("journaled", TWO)]


def test_events_are_read_on_from_a_sequence_number(store: Store) -> None:
    for number in range(5):
        store.journal.append(event(f"e{number}"))
    first = store.events(limit=2)
    rest = store.events(after=first[-1][0])
    assert [record.event_id for _, record in first + rest] == ["e0", "e1", "e2", "e3", "e4"]


def test_events_are_read_by_account(store: Store) -> None:
    store.journal.append(event("mine", ONE))
    store.journal.append(event("yours", TWO))
    assert [record.event_id for _, record in store.events(account=TWO)] == ["yours"]


def test_events_are_read_on_by_account(store: Store) -> None:
    for number in range(6):
        store.journal.append(event(f"e{number}", (ONE, TWO)[number % 2]))
    (first,) = store.events(account=TWO, limit=1)
    rest = store.events(after=first[0], account=TWO)
    assert [record.event_id for _, record in [first, *rest]] == ["e1", "e3", "e5"]


def test_behind_the_last_event_is_nothing(store: Store) -> None:
    _append_each_way(store)
    last = store.events()[-1][0]
    assert store.events(after=last) == store.events(after=10**30) == []
    store.journal.append(event("new"))
    assert [record.event_id for _, record in store.events(after=last)] == ["new"]


def test_an_event_is_kept_once_for_each_time(store: Store) -> None:
    for _ in range(2):
        with store.write() as tx:
            tx.append_event(event("w"))
        store.journal.append(event("j"))
        store.drain_journal()
        store.drain_journal()
    assert event_ids(store) == ["w", "j", "w", "j"]


def test_an_event_of_a_write_that_failed_is_not_kept(store: Store) -> None:
    with pytest.raises(RuntimeError), store.write() as tx:
        tx.append_event(event("of nothing"))
        raise RuntimeError
    with store.group():
        with pytest.raises(RuntimeError), store.write() as tx:
            tx.append_event(event("of nothing"))
            raise RuntimeError
        with store.write() as tx:
            tx.append_event(event("e"))
    assert event_ids(store) == ["e"]


@pytest.mark.parametrize("limit", [0, 1, 3, 4, 5, 7, 8, 100])
def test_the_latest_events_are_the_end_of_all(store: Store, limit: int) -> None:
    _append_each_way(store)
    store.journal.append(event("waiting"))
    assert store.latest(limit) == store.events()[max(8 - limit, 0) :]


def test_of_no_events_there_are_no_latest(store: Store) -> None:
    assert store.latest(10) == store.events() == []


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_pages_of_events_meet(store: Store, limit: int) -> None:
    _append_each_way(store)
    pages = [store.events(limit=limit)]
    while pages[-1]:
        pages.append(store.events(after=pages[-1][-1][0], limit=limit))
    assert [one for page in pages for one in page] == store.events()
    assert [record.event_id for _, record in store.events()] == ["j0", "j1", "j2", "w0", "w1", "j3", "j4"]


def _append_each_way(store: Store) -> None:
    """Seven events, in batches of three, two and two."""
    for number in range(3):
        store.journal.append(event(f"j{number}"))
    store.drain_journal()
    with store.write() as tx:
        tx.append_event(event("w0"))
        tx.append_event(event("w1"))
    for number in (3, 4):
        store.journal.append(event(f"j{number}"))
    store.drain_journal()


def test_the_journal_is_drained_to_its_end(store: Store) -> None:
    for number in range(3):
        store.journal.append(event(f"e{number}"))
    assert store.drain_journal() == 3
    assert store.drain_journal() == 0


def test_the_journal_is_not_drained_inside_a_write(store: Store) -> None:
    store.journal.append(event("e"))
    with store.write(), pytest.raises(StoreError):
        store.drain_journal()
    with store.group(), pytest.raises(StoreError):
        store.events()
    assert event_ids(store) == ["e"]


def test_keys_of_two_purposes_differ_and_stay(store: Store) -> None:
    assert store.keyring.derive("a") == store.keyring.derive("a")
    assert store.keyring.derive("a") != store.keyring.derive("b")
    assert len(store.keyring.derive("a")) == 32


def test_every_kind_has_a_collection(store: Store) -> None:
    with store.read() as tx:
        assert [tx.account(ONE).collection(kind).count() for kind in (Account, Role, Group)] == [1, 0, 0]


# -- last used ------------------------------------------------------------------------------------


def test_of_what_was_not_used_nothing_is_known(store: Store) -> None:
    add_role(store, "R")
    with store.read() as tx:
        usage = tx.account(ONE).usage
        assert usage.last(role("R")) is None
        assert usage.services(role("R")) == usage.actions(role("R"), "iam") == {}


@pytest.mark.parametrize("drained", [True, False])
def test_the_last_use_is_known_of_an_event_that_was_just_kept(store: Store, drained: bool) -> None:
    add_role(store, "R")
    for seconds, region in enumerate(["us-east-1", "eu-west-1"]):
        store.journal.append(use(by_role("AROAR"), seconds=seconds, region=region))
        assert _last(store, role("R")) == LastUse(NOW + timedelta(seconds=seconds), "iam", region)
        if drained:
            store.drain_journal()
            assert _last(store, role("R")) == LastUse(NOW + timedelta(seconds=seconds), "iam", region)


def test_the_use_of_a_change_is_kept_with_it(store: Store) -> None:
    add_role(store, "R")
    with pytest.raises(RuntimeError), store.write() as tx:
        tx.append_event(use(by_role("AROAR")))
        raise RuntimeError
    assert _last(store, role("R")) is None
    with store.group():
        with pytest.raises(RuntimeError), store.write() as tx:
            tx.append_event(use(by_role("AROAR"), seconds=9))
            raise RuntimeError
        with store.write() as tx:
            tx.append_event(use(by_role("AROAR")))
    assert _last(store, role("R")) == LastUse(NOW, "iam", "us-east-1")


def test_an_earlier_use_does_not_take_the_place_of_a_later_one(store: Store) -> None:
    add_role(store, "R")
    for seconds in (5, 1):
        store.journal.append(use(by_role("AROAR"), seconds=seconds))
        store.drain_journal()
    store.journal.append(use(by_role("AROAR"), seconds=3))
    assert _last(store, role("R")) == LastUse(NOW + timedelta(seconds=5), "iam", "us-east-1")


def test_uses_are_known_by_service_and_by_action(store: Store) -> None:
    add_role(store, "R")
    calls = [("GetRole", "iam"), ("AssumeRole", "sts"), ("ListRoles", "iam"), ("GetRole", "iam")]
    for seconds, (name, service) in enumerate(calls):
        store.journal.append(use(by_role("AROAR"), name, seconds, service=service))
        if seconds == 1:
            store.drain_journal()
    with store.read() as tx:
        usage = tx.account(ONE).usage
        services, actions = usage.services(role("R")), usage.actions(role("R"), "iam")
    times = [NOW + timedelta(seconds=seconds) for seconds in range(4)]
    assert services == {"iam": (times[3], "iam", "us-east-1"), "sts": (times[1], "sts", "us-east-1")}
    assert {name: last.time for name, last in actions.items()} == {"GetRole": times[3], "ListRoles": times[2]}


def test_a_key_and_its_user_have_been_used(store: Store) -> None:
    with store.write() as tx:
        tx.account(ONE).users.add(user("ann"))
        tx.account(ONE).access_keys.add(access_key("AKIAused"))
    store.journal.append(use(by_user("AIDAann")))
    for entity in (user("ann"), access_key("AKIAused")):
        assert _last(store, entity) == LastUse(NOW, "iam", "us-east-1")
    with store.read() as tx:
        assert tx.account(ONE).usage.actions(user("ann"), "iam").keys() == {"GetRole"}


@pytest.mark.parametrize("drained", [True, False])
def test_what_is_made_again_has_not_been_used(store: Store, drained: bool) -> None:
    with store.write() as tx:
        tx.account(ONE).access_keys.add(access_key("AKIAused"))
    store.journal.append(use(by_user("AIDAann")))
    if drained:
        store.drain_journal()
    with store.write() as tx:
        tx.account(ONE).access_keys.delete(access_key("AKIAused"))
    store.drain_journal()
    with store.write() as tx:
        tx.account(ONE).access_keys.add(access_key("AKIAused"))
    assert _last(store, access_key("AKIAused")) is None


def test_another_name_keeps_the_last_use(store: Store) -> None:
    with store.write() as tx:
        tx.account(ONE).users.add(user("ann"))
    store.journal.append(use(by_user("AIDAann")))
    store.drain_journal()
    with store.write() as tx:
        tx.account(ONE).users.delete(user("ann"))
        tx.account(ONE).users.add(user("eve", id="AIDAann"))
    assert _last(store, user("eve", id="AIDAann")) == LastUse(NOW, "iam", "us-east-1")


def test_an_event_that_says_nothing_of_a_use_is_kept_all_the_same(store: Store) -> None:
    add_role(store, "R")
    store.journal.append(event("e"))
    assert _last(store, role("R")) is None
    assert event_ids(store) == ["e"]


def _last(store: Store, entity: Role | User | AccessKey) -> LastUse | None:
    with store.read() as tx:
        return tx.account(ONE).usage.last(entity)
