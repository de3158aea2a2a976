"""Group commit: order, isolation of failures, callers who go away, the size of a lot, and a clean stop."""

import asyncio
from collections.abc import Sequence

from sqlalchemy.exc import DBAPIError

from app.foundation.coalescing import Coalescer
from app.foundation.errors import Conflict


class Desk:
    """Writes down what is asked together; ``bad`` items fail their whole lot, ``refused`` ones only themselves."""

    def __init__(self) -> None:
        self.lots: list[list[str]] = []
        self.done: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.failures: list[Exception] = []

    async def together(self, asked: Sequence[str]) -> Sequence[str | Exception]:
        self.lots.append(list(asked))
        await self.gate.wait()
        if self.failures:
            raise self.failures.pop(0)
        if any(one.startswith("bad") for one in asked):
            raise RuntimeError("the transaction fails")
        self.done.extend(asked)
        return [Conflict() if one.startswith("refused") else f"{one}!" for one in asked]


class Lost(Exception):
    """What a driver raises when PostgreSQL chose this transaction to end a deadlock."""

    sqlstate = "40P01"


def deadlock() -> DBAPIError:
    return DBAPIError("UPDATE", {}, Lost())


async def asked_at_once(coalescer: Coalescer[str, str], *items: str, key: str = "ours") -> list[str | BaseException]:
    return await asyncio.gather(*(coalescer.ask(key, one) for one in items), return_exceptions=True)


async def test_what_waits_together_is_done_together_in_the_order_of_asking() -> None:
    desk = Desk()
    coalescer = Coalescer(desk.together)
    answers = await asked_at_once(coalescer, "a", "b", "c")
    assert answers == ["a!", "b!", "c!"]
    assert desk.done == ["a", "b", "c"]
    assert desk.lots == [["a", "b", "c"]]


async def test_what_comes_while_a_transaction_runs_waits_for_the_next() -> None:
    desk = Desk()
    desk.gate.clear()
    coalescer = Coalescer(desk.together)
    first = asyncio.create_task(coalescer.ask("ours", "a"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    later = [asyncio.create_task(coalescer.ask("ours", one)) for one in ("b", "c")]
    await asyncio.sleep(0)
    desk.gate.set()
    assert await asyncio.gather(first, *later) == ["a!", "b!", "c!"]
    assert desk.lots == [["a"], ["b", "c"]]


async def test_at_most_64_share_a_transaction() -> None:
    desk = Desk()
    items = [f"{n}" for n in range(150)]
    await asked_at_once(Coalescer(desk.together), *items)
    assert [len(lot) for lot in desk.lots] == [64, 64, 22]
    assert desk.done == items


async def test_organisations_never_share_a_transaction() -> None:
    desk = Desk()
    coalescer = Coalescer(desk.together)
    await asyncio.gather(coalescer.ask("ours", "a"), coalescer.ask("theirs", "b"))
    assert sorted(desk.lots) == [["a"], ["b"]]


async def test_a_lot_that_fails_is_tried_again_one_by_one() -> None:
    desk = Desk()
    answers = await asked_at_once(Coalescer(desk.together), "a", "bad", "c")
    assert answers[0] == "a!"
    assert isinstance(answers[1], RuntimeError)
    assert answers[2] == "c!"
    assert desk.done == ["a", "c"]


async def test_a_refusal_concerns_its_own_item_alone() -> None:
    desk = Desk()
    answers = await asked_at_once(Coalescer(desk.together), "a", "refused", "c")
    assert [type(one) for one in answers] == [str, Conflict, str]
    assert len(desk.lots) == 1


async def test_a_lot_that_lost_a_deadlock_is_run_again_whole() -> None:
    desk = Desk()
    desk.failures = [deadlock(), deadlock()]
    assert await asked_at_once(Coalescer(desk.together), "a", "b") == ["a!", "b!"]
    assert desk.lots == [["a", "b"]] * 3


async def test_one_who_is_alone_and_keeps_losing_gets_the_error_at_last() -> None:
    desk = Desk()
    desk.failures = [deadlock() for _ in range(4)]
    [answer] = await asked_at_once(Coalescer(desk.together), "a")
    assert isinstance(answer, DBAPIError)
    assert len(desk.lots) == 4


async def test_a_caller_who_goes_away_loses_nobody_elses_write_nor_their_own() -> None:
    desk = Desk()
    desk.gate.clear()
    coalescer = Coalescer(desk.together)
    callers = [asyncio.create_task(coalescer.ask("ours", one)) for one in ("a", "b", "c")]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    callers[1].cancel()
    desk.gate.set()
    answers = await asyncio.wait_for(asyncio.gather(*callers, return_exceptions=True), 5)
    assert [answers[0], answers[2]] == ["a!", "c!"]
    assert isinstance(answers[1], asyncio.CancelledError)
    assert desk.done == ["a", "b", "c"]


async def test_the_first_caller_going_away_does_not_stop_the_others() -> None:
    desk = Desk()
    desk.gate.clear()
    coalescer = Coalescer(desk.together)
    callers = [asyncio.create_task(coalescer.ask("ours", one)) for one in ("a", "b")]
    await asyncio.sleep(0)
    callers[0].cancel()
    desk.gate.set()
    answers = await asyncio.wait_for(asyncio.gather(*callers, return_exceptions=True), 5)
    assert answers[1] == "b!"


async def test_settling_waits_for_everything_asked() -> None:
    desk = Desk()
    coalescer = Coalescer(desk.together, most=2)
    callers = [asyncio.create_task(coalescer.ask("ours", f"{n}")) for n in range(5)]
    await asyncio.sleep(0)
    await asyncio.wait_for(coalescer.settle(), 5)
    assert desk.done == [f"{n}" for n in range(5)]
    assert await asyncio.gather(*callers) == [f"{n}!" for n in range(5)]


async def test_after_a_failure_the_next_is_served() -> None:
    desk = Desk()
    coalescer = Coalescer(desk.together)
    await asked_at_once(coalescer, "bad")
    assert await coalescer.ask("ours", "a") == "a!"


async def test_a_lot_that_answers_too_little_leaves_nobody_waiting() -> None:
    async def forgetful(asked: Sequence[str]) -> Sequence[str | Exception]:
        return [f"{asked[0]}!"]

    answers = await asyncio.wait_for(asked_at_once(Coalescer(forgetful), "a", "b"), 5)
    assert answers[0] == "a!"
    assert isinstance(answers[1], RuntimeError)


async def test_a_loop_that_closes_leaves_nobody_waiting() -> None:
    desk = Desk()
    desk.gate.clear()
    coalescer = Coalescer(desk.together, most=1)
    callers = [asyncio.create_task(coalescer.ask("ours", one)) for one in ("a", "b")]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    for queue in coalescer._queues.values():
        assert queue.task is not None
        queue.task.cancel()
    answers = await asyncio.wait_for(asyncio.gather(*callers, return_exceptions=True), 5)
    assert [type(one) for one in answers] == [asyncio.CancelledError] * 2
    assert not coalescer._queues


class SlowDesk:
    """Takes a tenth of a second for a lot, however many are in it, and notes the lots."""

    def __init__(self) -> None:
        self.seconds = 0.1
        self.lots: list[list[str]] = []

    async def together(self, asked: Sequence[str]) -> Sequence[str | Exception]:
        self.lots.append(list(asked))
        await asyncio.sleep(self.seconds)
        return [one.upper() for one in asked]


async def test_those_who_were_answered_together_are_waited_for_when_they_come_back_one_by_one() -> None:
    desk = SlowDesk()
    coalescer = Coalescer(desk.together)
    await asked_at_once(coalescer, "a", "b")
    first = asyncio.create_task(coalescer.ask("ours", "c"))
    await asyncio.sleep(0.01)
    assert await coalescer.ask("ours", "d") == "D"
    await first
    assert desk.lots == [["a", "b"], ["c", "d"]]


async def test_nobody_waits_long_for_those_who_do_not_come_back() -> None:
    desk = SlowDesk()
    coalescer = Coalescer(desk.together)
    await asked_at_once(coalescer, "a", "b")
    assert await asyncio.wait_for(coalescer.ask("ours", "c"), 5) == "C"
    await coalescer.settle()
    assert desk.lots == [["a", "b"], ["c"]]


async def test_a_slow_lot_does_not_make_the_next_caller_wait() -> None:
    desk = SlowDesk()
    coalescer = Coalescer(desk.together)
    desk.seconds = 1.0
    await asked_at_once(coalescer, "a", "b")
    desk.seconds = 0.0
    began = asyncio.get_running_loop().time()
    assert await coalescer.ask("ours", "c") == "C"
    assert asyncio.get_running_loop().time() - began < 0.3


async def test_when_the_database_is_away_everybody_is_told_at_once() -> None:
    lots: list[int] = []

    async def away(asked: Sequence[str]) -> Sequence[str | Exception]:
        lots.append(len(asked))
        raise ConnectionRefusedError

    answers = await asyncio.wait_for(asked_at_once(Coalescer(away), "a", "b", "c"), 5)
    assert [type(one) for one in answers] == [ConnectionRefusedError] * 3
    assert lots == [3]


async def test_whoever_comes_alone_is_taken_at_once() -> None:
    desk = SlowDesk()
    coalescer = Coalescer(desk.together)
    for one in ("a", "b"):
        asking = asyncio.create_task(coalescer.ask("ours", one))
        await asyncio.sleep(0)  # it asks
        await asyncio.sleep(0)  # the queue wakes
        await asyncio.sleep(0)
        assert desk.lots[-1] == [one]
        await asking
