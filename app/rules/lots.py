"""Drawing lots that anybody can draw again: the order of SHA-256 over the seed and the id."""

import hashlib
from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from app.rules.forms import Form, shown_by


class Seed(Form):
    """The seed from which lots are drawn, committed to beforehand; ``absent``: lots cannot be drawn."""

    plural = "seeds"
    model_config = shown_by(value="2026-10-01/0c3f9a")

    value: Annotated[str, Field(min_length=1, max_length=200, description="The seed.")]


def drawn(ids: Iterable[str], seed: str) -> tuple[str, ...]:
    """All ids in the order of ``sha256(seed + "/" + id)``, UTF-8, lowercase hexadecimal: the first ones are drawn.

    The seed must be fixed, or committed to, before anybody could know the ids; the engine sees to that.
    """
    return tuple(sorted(ids, key=lambda one: (hashlib.sha256(f"{seed}/{one}".encode()).hexdigest(), one)))
