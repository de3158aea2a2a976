"""Every change of governance is recorded: an action without an event would leave the journal silent."""

import ast
import re
from pathlib import Path

from tests.architecture.calls import functions, recording
from tests.architecture.exceptions import EVENTLESS_ACTIONS, MORE_ACTION_MODULES
from tests.architecture.sources import Source, sources

_ACTION_MODULE = re.compile(r"app\.\w+\.actions(\.\w+)?")


def test_every_action_records_an_event() -> None:
    actions = _actions(sources("app"))
    assert actions, "no action found: the rooms have moved, and this test with them"
    assert sorted(actions - recording(sources("app")) - set(EVENTLESS_ACTIONS)) == []


def test_no_exception_is_needless() -> None:
    silent = _actions(sources("app")) - recording(sources("app"))
    assert sorted(set(EVENTLESS_ACTIONS) - silent) == []
    assert sorted(set(MORE_ACTION_MODULES) - {one.module for one in sources("app")}) == []


def test_every_action_is_told_who_acts() -> None:
    known = functions(sources("app"))
    ambient = [
        name
        for name in sorted(_actions(sources("app")))
        if "actor" not in {argument.arg for argument in known[name][0].args.kwonlyargs}
    ]
    assert ambient == []


def test_a_silent_action_would_be_found() -> None:
    rooms = (
        _source("app.journal.record", "def record(session, actor, event): ..."),
        _source(
            "app.circles.actions",
            "from app.journal.record import record\n"
            "from app.journal import record as journal\n"
            "async def open_circle(session, *, actor): record(session, actor, 1)\n"
            "async def close_circle(session, *, actor): journal.record(session, actor, 1)\n"
            "async def rename(session, *, actor): session.add(1)\n"
            "async def merge(session, *, actor): await _both(session, actor)\n"
            "async def _both(session, actor): record(session, actor, 2)\n",
        ),
        _source(
            "app.roles.actions",
            "from app.circles import actions as circles\n"
            "from app.other import record\n"
            "async def elect(session, *, actor): await circles.merge(session, actor=actor)\n"
            "async def feign(session, *, actor): record(session)\n",
        ),
    )
    assert _actions(rooms) - recording(rooms) == {"app.circles.actions:rename", "app.roles.actions:feign"}


def _actions(searched: tuple[Source, ...]) -> set[str]:
    return {
        name
        for name, (node, _) in functions(searched).items()
        if _is_action_module(name.partition(":")[0])
        and isinstance(node, ast.AsyncFunctionDef)
        and not node.name.startswith("_")
    }


def _is_action_module(module: str) -> bool:
    return bool(_ACTION_MODULE.fullmatch(module)) or module in MORE_ACTION_MODULES


def _source(module: str, text: str) -> Source:
    return Source(Path(), module.replace(".", "/") + ".py", text.count("\n"), ast.parse(text))
