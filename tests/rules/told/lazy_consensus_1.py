"""Announcements that go ahead unless somebody objects."""

from collections.abc import Mapping
from typing import Any, Final

from app.rules.builtin.lazy_consensus_1 import LazyConsensus, LazyConsensusOptions
from app.rules.driver import Process
from tests.rules.stories import Story, electors, people


def announced(electorate: int, said: Mapping[str, str], **options: Any) -> Process:
    """An announcement of the first member, what the others answer, and the end of the window."""
    process = Process(LazyConsensus(LazyConsensusOptions.model_validate(options)), electors(people(electorate)), "m01")
    for name, stance in said.items():
        process.say(name, "stance", stance)
    process.run_out()
    return process


STORIES: Final[Mapping[str, Story]] = {
    "one supports it and nobody objects": lambda: announced(6, {"m02": "support", "m03": "seen"}),
    "silence alone carries nothing": lambda: announced(6, {}),
    "one objection ends it": lambda: announced(6, {"m02": "support", "m03": "objection"}),
    "too few have seen it": lambda: announced(9, {"m02": "support", "m03": "seen"}, min_reach="1/2"),
    "half have seen it": lambda: announced(
        9, {"m02": "support", "m03": "seen", "m04": "seen", "m05": "support"}, min_reach="1/2", min_positive=2
    ),
}
