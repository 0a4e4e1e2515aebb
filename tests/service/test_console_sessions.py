"""Console sessions: begun, found, ended, and never too many."""

from __future__ import annotations

from rolekeeper.iam.credentials import UserSession
from rolekeeper.service import console_sessions
from rolekeeper.service.console_sessions import ConsoleSession, ConsoleSessions


def session(account: str = "111111111111", expires: int = 100) -> ConsoleSession:
    base = UserSession(access_key_id="ASIA", account=account, issued=0, expires=expires, user_id="AIDA")
    return ConsoleSession(base=base, partition="aws", issued=0, expires=expires, csrf="csrf")


def test_an_id_is_found_until_the_end() -> None:
    sessions = ConsoleSessions()
    id = sessions.begin(session(), 0)
    assert sessions.find(id, 99) == session()
    assert sessions.find(id, 100) is None
    assert sessions.find(id, 99) is None  # it is forgotten
    assert sessions.find("another", 0) is None


def test_what_is_ended_is_not_found() -> None:
    sessions = ConsoleSessions()
    first, second = sessions.begin(session(), 0), sessions.begin(session(), 0)
    sessions.end(first)
    assert sessions.find(first, 0) is None
    assert sessions.find(second, 0) is not None


def test_the_server_does_not_hold_the_id() -> None:
    sessions = ConsoleSessions()
    id = sessions.begin(session(), 0)
    assert id not in repr(vars(sessions))


def test_one_account_does_not_push_out_another(monkeypatch) -> None:
    monkeypatch.setattr(console_sessions, "_MOST_OF_ACCOUNT", 3)
    sessions = ConsoleSessions()
    others = sessions.begin(session("222222222222"), 0)
    ids = [sessions.begin(session(), 0) for _ in range(5)]
    assert [sessions.find(id, 0) is not None for id in ids] == [False, False, True, True, True]
    assert sessions.find(others, 0) is not None


def test_there_are_never_too_many(monkeypatch) -> None:
    monkeypatch.setattr(console_sessions, "_MOST", 3)
    sessions = ConsoleSessions()
    over = sessions.begin(session("333333333333", expires=5), 0)
    ids = [sessions.begin(session(str(number)), 10) for number in range(4)]
    assert [sessions.find(id, 10) is not None for id in ids] == [False, True, True, True]
    assert sessions.find(over, 0) is None
