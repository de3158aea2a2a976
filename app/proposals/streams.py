"""The names of the streams in which the journal keeps a deliberation, and of the words in them."""

from uuid import UUID


def stream_of(proposal_id: UUID) -> str:
    """The stream that tells the order of everything that happens to a proposal."""
    return f"proposal/{proposal_id}"


def ref_at(place: int) -> str:
    """The reference of the word at ``place`` in its proposal's stream: references sort as words were said."""
    return f"w{place:08d}"
