"""The journal keeps each event from `append` to the table, across processes that end as they may."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from rolekeeper.errors import StoreError
from rolekeeper.store import batch, open_store, sql
from rolekeeper.store import journal as journals
from rolekeeper.store.frame import frame
from rolekeeper.store.journal import FileJournal
from rolekeeper.store.segment import FileSegment
from tests.store.samples import batched_ids, event, event_ids


def _ids(directory: Path) -> list[str]:
    """What is in the files now, read from beside the journal."""
    paths = sorted(directory.glob("*.events"))
    return batched_ids(batch for path in paths for batch in FileSegment(path).batches())


@pytest.mark.parametrize("sync", [False, True])
def test_an_event_is_in_a_file_when_append_returns(tmp_path: Path, sync: bool) -> None:
    journal = FileJournal(tmp_path / "journal", sync=sync)
    for number in range(3):
        journal.append(event(f"e{number}"))
        assert _ids(tmp_path / "journal")[-1] == f"e{number}"
    journal.close()


def test_a_segment_that_is_sealed_is_left_alone(tmp_path: Path) -> None:
    journal = FileJournal(tmp_path / "journal")
    journal.append(event("before"))
    (sealed,) = journal.sealed()
    (path,) = (tmp_path / "journal").iterdir()
    journal.append(event("after"))
    assert batched_ids(FileSegment(path).batches()) == ["before"]
    sealed.discard()
    assert _ids(tmp_path / "journal") == ["after"]
    journal.close()


def test_a_segment_ends_before_it_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journals, "SEGMENT_BYTES", 3 * len(frame(event("e0"))))
    journal = FileJournal(tmp_path / "journal")
    for number in range(7):
        journal.append(event(f"e{number}"))
    assert len(list((tmp_path / "journal").iterdir())) == 3
    assert _ids(tmp_path / "journal") == [f"e{number}" for number in range(7)]
    journal.close()


def test_a_new_journal_never_writes_to_an_old_segment(tmp_path: Path) -> None:
    for number in range(3):
        journal = FileJournal(tmp_path / "journal")
        journal.append(event(f"e{number}"))
        journal.close()
    assert _ids(tmp_path / "journal") == ["e0", "e1", "e2"]


def test_the_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    journal = FileJournal(tmp_path / "journal")
    journal.append(event("e"))
    (path,) = (tmp_path / "journal").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    journal.close()


def test_many_threads_append_at_once(tmp_path: Path) -> None:
    journal = FileJournal(tmp_path / "journal")

    def append(thread: int) -> None:
        for number in range(100):
            journal.append(event(f"{thread}.{number}"))

    threads = [threading.Thread(target=append, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(_ids(tmp_path / "journal"))) == 400
    journal.close()


def test_a_journal_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    journal = FileJournal(tmp_path / "journal")
    (tmp_path / "journal").rmdir()
    with pytest.raises(StoreError, match="journal cannot be written"):
        journal.append(event("e"))
    (tmp_path / "journal").mkdir()
    journal.close()


def test_events_that_were_left_in_the_journal_are_kept_at_the_next_start(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.close()
    left = tmp_path / "journal" / "0000000000000009.events"
    left.write_bytes(frame(event("left")) + frame(event("torn"))[:-3])
    store = open_store(tmp_path)
    assert event_ids(store) == ["left"]
    assert [path.name for path in left.parent.iterdir()] == [f"{left.name}.damaged"]
    store.close()


def test_events_that_reached_the_table_before_a_crash_are_not_doubled(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    for name in ("a", "b"):
        store.journal.append(event(name))
    (path,) = (tmp_path / "journal").iterdir()
    data = path.read_bytes()
    assert store.drain_journal() == 2
    # The process died between the commit and the removal of the segment:
    path.write_bytes(data)
    store.journal.append(event("c"))
    assert store.drain_journal() == 1
    assert event_ids(store) == ["a", "b", "c"]
    assert list((tmp_path / "journal").iterdir()) == []
    store.close()


def test_no_two_segments_of_a_store_have_one_name(tmp_path: Path) -> None:
    seen = []
    for number in range(3):
        store = open_store(tmp_path)
        store.journal.append(event(f"e{number}"))
        seen += [path.name for path in (tmp_path / "journal").iterdir()]
        store.close()  # and all segments are gone
    assert len(set(seen)) == 3
    store = open_store(tmp_path)
    assert event_ids(store) == ["e0", "e1", "e2"]
    store.close()


def test_a_large_segment_is_moved_once_in_several_batches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "BATCH_EVENTS", 3)
    store = open_store(tmp_path)
    data = b"".join(frame(event(f"e{number}")) for number in range(7))
    for moved in (7, 0):
        (tmp_path / "journal" / "0000000000000009.events").write_bytes(data)
        assert store.drain_journal() == moved
    assert event_ids(store) == [f"e{number}" for number in range(7)]
    store.close()


def test_one_drain_is_bounded_and_what_is_left_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql, "BATCH_EVENTS", 2)
    monkeypatch.setattr(journals, "SEGMENT_BYTES", len(frame(event("e0"))))
    store = open_store(tmp_path)
    for number in range(5):
        store.journal.append(event(f"e{number}"))
    assert [store.drain_journal() for _ in range(2)] == [2, 2]
    assert event_ids(store) == [f"e{number}" for number in range(5)]
    store.close()


def test_a_closed_store_leaves_nothing_in_the_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql, "BATCH_EVENTS", 1)
    store = open_store(tmp_path)
    for number in range(3):
        (tmp_path / "journal" / f"000000000000000{number}.events").write_bytes(frame(event(f"e{number}")))
    store.close()
    assert list((tmp_path / "journal").iterdir()) == []


def test_of_segments_of_this_process_a_part_that_is_torn_is_set_aside(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.journal.append(event("e"))
    (path,) = (tmp_path / "journal").iterdir()
    with path.open("ab") as file:
        file.write(frame(event("torn"))[:-1])
    assert event_ids(store) == ["e"]
    assert [left.suffix for left in (tmp_path / "journal").iterdir()] == [".damaged"]
    store.close()


def test_a_damaged_segment_never_takes_the_place_of_another(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    for number in range(2):
        store.journal.append(event(f"e{number}"))
        (path,) = (tmp_path / "journal").glob("*.events")
        with path.open("ab") as file:
            file.write(b"torn")
        store.close()
        store = open_store(tmp_path)
    assert event_ids(store) == ["e0", "e1"]
    assert len(list((tmp_path / "journal").glob("*.damaged"))) == 2
    store.close()
