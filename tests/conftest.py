"""What all tests share."""

import os

from hypothesis import settings

from app.rules.conformance import SHORT

# A slow machine is no fault of an example: no example has a deadline. Where CI is set, examples do not vary by chance.
# A search is short where people wait for it, and long where nobody does.
settings.register_profile("short", settings.default, deadline=None, max_examples=SHORT)
settings.register_profile("long", settings.default, deadline=None, max_examples=10 * SHORT)
settings.load_profile("long" if os.environ.get("CERCLE_LONG_SEARCHES") else "short")
