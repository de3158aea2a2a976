"""Lots that nobody can bend: one seed per process, committed to at admission and opened when it ends."""

import hashlib
import hmac
from uuid import UUID


def commitment(seed: str) -> str:
    """What is published at admission: SHA-256 of the seed (hexadecimal, 32 bytes), in lowercase hexadecimal."""
    return hashlib.sha256(bytes.fromhex(seed)).hexdigest()


def seed_of_draw(seed: str, process_id: UUID, phase: int) -> str:
    """The seed of one draw: HMAC-SHA-256 of ``process/phase`` under the process's seed (RFC 2104).

    Nobody can know it before the phase opens, and everybody can check it once the process's seed is opened.
    """
    return hmac.new(bytes.fromhex(seed), f"{process_id}/{phase}".encode(), hashlib.sha256).hexdigest()
