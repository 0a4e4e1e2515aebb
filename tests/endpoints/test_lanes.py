from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager

from rolekeeper.endpoints.lanes import GroupCommit, Inline, lane_for
from rolekeeper.errors import StoreError
from rolekeeper.wire.http import HttpRequest, HttpResponse


class Recorder:
    """A server and its store at once, which write down what happens to them."""

    def __init__(self, *, concurrent=True, commit=lambda: None):
        self.concurrent = concurrent
        self.commit = commit
        self.happened = []
        self.threads = set()
        self.open = threading.Event()

    @property
    def store(self):
        return self

    @contextmanager
    def group(self):
        self.happened.append("begin")
        yield
        self.commit()
        self.happened.append("commit")

    def dispatch(self, request):
        self.open.wait()
        self.threads.add(threading.current_thread())
        self.happened.append(request.path)
        return HttpResponse(status=200, body=request.path.encode())


def run(server, *paths):
    async def all_of_them():
        lane = GroupCommit(server)
        tasks = []
        for path in paths:
            tasks.append(asyncio.create_task(lane.dispatch(HttpRequest(method="POST", path=path))))
            await asyncio.sleep(0.01)
        server.open.set()
        answers = await asyncio.gather(*tasks)
        await asyncio.to_thread(lane.close)
        return answers

    return asyncio.run(all_of_them())


def failing():
    raise StoreError("the disk is full")


def test_a_failed_commit_answers_every_request_of_it_with_500():
    server = Recorder(commit=failing)
    answers = run(server, "/1", "/2", "/3")
    assert [answer.status for answer in answers] == [500, 500, 500]
    assert all(b"<Code>ServiceFailure</Code>" in answer.body for answer in answers)
    assert not any(b"disk" in answer.body for answer in answers)


def test_a_failed_commit_does_not_disturb_the_next():
    commits = iter([failing, lambda: None])
    answers = run(Recorder(commit=lambda: next(commits)()), "/1", "/2")
    assert [answer.status for answer in answers] == [500, 200]


def test_what_waits_for_a_commit_makes_up_the_next_one():
    server = Recorder()
    answers = run(server, "/1", "/2", "/3", "/4")
    assert server.happened == ["begin", "/1", "commit", "begin", "/2", "/3", "/4", "commit"]
    assert [answer.body for answer in answers] == [b"/1", b"/2", b"/3", b"/4"]


def test_all_writes_are_in_one_thread_apart():
    server = Recorder()
    run(server, "/1", "/2", "/3")
    assert len(server.threads) == 1
    assert threading.main_thread() not in server.threads


def test_a_request_is_answered_after_the_commit_only():
    answered = []
    server = Recorder(commit=lambda: answered.append("durable"))

    async def one():
        lane = GroupCommit(server)
        server.open.set()
        await lane.dispatch(HttpRequest(method="POST", path="/1"))
        answered.append("answered")
        lane.close()

    asyncio.run(one())
    assert answered == ["durable", "answered"]


def test_other_work_is_never_beside_a_commit():
    server = Recorder()

    async def both():
        lane = GroupCommit(server)
        write = asyncio.create_task(lane.dispatch(HttpRequest(method="POST", path="/1")))
        await asyncio.sleep(0.01)
        work = asyncio.create_task(lane.call(lambda: server.happened.append("drain")))
        await asyncio.sleep(0.01)
        server.open.set()
        await asyncio.gather(write, work)
        lane.close()

    asyncio.run(both())
    assert server.happened == ["begin", "/1", "commit", "drain"]


def test_a_cancelled_request_does_not_disturb_the_others_of_its_commit():
    server = Recorder()

    async def two():
        lane = GroupCommit(server)
        requests = [HttpRequest(method="POST", path=path) for path in ("/1", "/2")]
        gone, other = (asyncio.create_task(lane.dispatch(request)) for request in requests)
        await asyncio.sleep(0.01)
        gone.cancel()
        server.open.set()
        answer = await other
        lane.close()
        return answer

    assert asyncio.run(two()).body == b"/2"


def test_a_store_of_one_thread_gets_the_lane_without_one():
    assert isinstance(lane_for(Recorder(concurrent=False)), Inline)
    server = Recorder(concurrent=False)
    server.open.set()
    asyncio.run(lane_for(server).dispatch(HttpRequest(method="POST", path="/1")))
    assert server.threads == {threading.main_thread()}
