"""Identifiers made by the service: UUID version 7 (RFC 9562), sortable by time, no database sequence needed."""

import os
import threading
import time
from uuid import UUID

_lock = threading.Lock()
_last = 0


def uuid7() -> UUID:
    """A new UUIDv7; within one process each is greater than the one before.

    The identifier's clock is the machine's, not the injected one: it orders rows, it dates nothing.
    """
    global _last  # noqa: PLW0603 - the monotonic counter of RFC 9562 section 6.2, method 3
    with _lock:
        stamp = max(time.time_ns() * 4096 // 1_000_000, _last + 1)
        _last = stamp
    milliseconds, fraction = stamp >> 12, stamp & 0xFFF
    value = (milliseconds & ((1 << 48) - 1)) << 80 | 0x7 << 76 | fraction << 64
    value |= 0b10 << 62 | int.from_bytes(os.urandom(8), "big") >> 2
    return UUID(int=value)
