"""The bytes that are hashed are the same whoever writes them: one JSON, in one order."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.journal.leaves import canonical, disclose, opened

TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**80), 2**80) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_it_is_the_json_that_others_write(value: Any) -> None:
    plain = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert canonical(value) == plain


@given(JSON)
def test_what_is_disclosed_is_read_back(value: Any) -> None:
    text, _ = disclose("told", value)
    assert opened(text) == ("told", value)


@pytest.mark.parametrize("value", [1.5, {"a": [0.1]}, b"x", {1, 2}])
def test_what_has_no_exact_form_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="a leaf cannot hold"):
        canonical(value)
