"""A count holds at most so much for each distinct ballot, whatever the machine."""

import pytest

from tests.benchmarks.memory import MEASURED, MOST_BYTES, bytes_each


@pytest.mark.parametrize("name", MEASURED)
def test_a_distinct_ballot_takes_little_memory(name: str) -> None:
    assert bytes_each(MEASURED[name], 5_000) <= MOST_BYTES
