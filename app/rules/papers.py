"""Ballot papers: how what a voter marks is written down, and what a paper lets them mark.

One notation everywhere, from the form to the urn, the journal and the files that are exported:

- one of the options: ``pear``
- approval: ``apple,pear``
- a ranking, best first, ``=`` between equals: ``pear>apple=fig``; what is not named is unranked
- a rating or points for each: ``apple:5,pear:0,fig:-2``
- an answer that stands alone: ``abstain``, ``blank``; on some papers ``none``, which approves of nothing

The canonical form is unique: options in the order of their ids within a rank, in an approval and in a rating.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal, NoReturn

from pydantic import Field

from app.rules.forms import Form, shown_by

OPTION: Final = re.compile(r"[a-z](?:[a-z0-9_-]{0,38}[a-z0-9])?")
"""The id of an option: lowercase letters, digits, ``_`` and ``-``, a letter first and no sign last, at most 40."""
POINTS: Final = re.compile(r"0|-?[1-9][0-9]{0,5}")
_SIGNS: Final = re.compile("([>=,:])")
MOST_OPTIONS: Final = 200
LONGEST: Final = 16_000
"""Characters of the longest ballot: two hundred options of forty letters, each with its points."""
ALONE: Final = ("abstain", "blank")
NONE: Final = "none"
"""None of these: an answer that stands alone and, unlike :data:`ALONE`, expresses a choice."""
TRACKER: Final = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
"""A version 4 UUID (RFC 9562): random, without a time or a place in it."""
MEMBER: Final = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
"""The id of a member, as the API writes it."""

Kind = Literal["one", "approval", "ranking", "rating"]


class Ballot(Form):
    """A ballot, marked in the notation of its paper."""

    plural = "ballots"
    model_config = shown_by(value="for")

    value: Annotated[
        str,
        Field(
            min_length=1,
            max_length=LONGEST,
            description="One of the values allowed; or, as the step's `paper` says, `apple,pear` (approval), "
            "`pear>apple=fig` (ranking, best first), `apple:5,pear:0` (rating); `abstain` and `blank` stand alone, "
            "and so does `none`, which approves of none of the options.",
        ),
    ]
    tracker: Annotated[
        str | None,
        Field(
            pattern=f"^{TRACKER}$",
            description="In a secret vote, of the ballot that this one replaces: what its voter alone was shown.",
        ),
    ] = None
    on_behalf_of: Annotated[
        str | None,
        Field(
            pattern=f"^{MEMBER}$",
            description="The id of the member who has given you a proxy and for whom you vote, where the circle's rule "
            "allows it; without it, you vote for yourself.",
        ),
    ] = None

    @classmethod
    def values(cls) -> tuple[str, ...]:
        """None of its own: what may be marked stands on the floor."""
        return ()


@dataclass(frozen=True, slots=True)
class Paper:
    """How a ballot is marked. ``least`` and ``most``: how many options are marked, at least and at most (``None``:
    all). ``low`` and ``high``: the scale of a rating, ends included. ``budget``: the most that the squares of a
    rating's points may add up to. ``equal``: whether a rank may hold several. ``alone``: answers that mark nothing."""

    kind: Kind = "one"
    least: int = 1
    most: int | None = None
    low: int = 0
    high: int = 0
    budget: int | None = None
    equal: bool = True
    alone: tuple[str, ...] = ALONE


class BadBallot(ValueError):
    """A ballot that its paper does not allow: a stable code and exact facts, never prose."""

    def __init__(self, code: str, **facts: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.facts = dict(facts)


def canonical(paper: Paper, on_ballot: Sequence[str], marked: str) -> str:
    """What was marked, in the one canonical form.

    Raises :class:`BadBallot`: ``ballot_unreadable``, ``ballot_unknown_option``, ``ballot_option_twice``,
    ``ballot_wrong_count``, ``ballot_equal_ranks``, ``ballot_off_scale``, ``ballot_over_budget``.
    """
    plain = "".join(part.strip() for part in _SIGNS.split(marked))  # linear, whatever spaces there are
    if plain in paper.alone:
        return plain
    named, written = _READERS[paper.kind](paper, plain)
    _check_options(on_ballot, named)
    _check_count(paper, len(named), len(on_ballot))
    return written


def ranks(ballot: str) -> tuple[tuple[str, ...], ...]:
    """The ranks of a canonical ranking, best first."""
    return tuple(tuple(rank.split("=")) for rank in ballot.split(">"))


def approved(ballot: str) -> tuple[str, ...]:
    """The options of a canonical approval, by id."""
    return tuple(ballot.split(","))


def points(ballot: str) -> dict[str, int]:
    """The points of a canonical rating, by option."""
    return {option: int(given) for option, _, given in (one.partition(":") for one in ballot.split(","))}


def ranking(rows: Iterable[Iterable[str]]) -> str:
    """The canonical ranking of these ranks, best first."""
    return ">".join("=".join(sorted(rank)) for rank in rows)


def rating(given: Mapping[str, int]) -> str:
    """The canonical rating of these points."""
    return ",".join(f"{option}:{given[option]}" for option in sorted(given))


def renamed(paper: Paper, ballot: str, names: Mapping[str, str]) -> str:
    """The same canonical ballot with other ids for its options."""
    if ballot in paper.alone:
        return ballot
    match paper.kind:
        case "one":
            return names.get(ballot, ballot)
        case "approval":
            return ",".join(sorted(names.get(one, one) for one in approved(ballot)))
        case "ranking":
            return ranking([names.get(one, one) for one in rank] for rank in ranks(ballot))
        case _:
            return rating({names.get(one, one): given for one, given in points(ballot).items()})


def some(paper: Paper, on_ballot: Sequence[str], pick: Callable[[int], int]) -> str:
    """Some ballot that the paper allows, chosen by ``pick(n)`` from ``0 .. n - 1``: for tests and rehearsals."""
    if paper.alone and not pick(8):
        return paper.alone[pick(len(paper.alone))]
    left, most = list(on_ballot), min(paper.most or len(on_ballot), len(on_ballot))
    chosen = [left.pop(pick(len(left))) for _ in range(max(paper.least, 1 + pick(most)))]
    match paper.kind:
        case "one":
            return chosen[0]
        case "approval":
            return ",".join(sorted(chosen))
        case "ranking":
            return _some_ranks(paper, chosen, pick)
        case _:
            return _some_rating(paper, chosen, pick)


def _some_ranks(paper: Paper, chosen: Sequence[str], pick: Callable[[int], int]) -> str:
    rows: list[list[str]] = []
    for option in chosen:
        if rows and paper.equal and not pick(4):
            rows[-1].append(option)
        else:
            rows.append([option])
    return ranking(rows)


def _some_rating(paper: Paper, chosen: Sequence[str], pick: Callable[[int], int]) -> str:
    left, given = paper.budget, {}
    for option in chosen:
        mark = paper.low + pick(paper.high - paper.low + 1)
        while left is not None and mark * mark > left:
            mark += 1 if mark < 0 else -1
        left = None if left is None else left - mark * mark
        given[option] = mark
    return rating(given)


def _one(_paper: Paper, text: str) -> tuple[list[str], str]:
    return [_id(text)], text


def _approval(_paper: Paper, text: str) -> tuple[list[str], str]:
    named = [_id(one) for one in text.split(",")]
    return named, ",".join(sorted(named))


def _ranking(paper: Paper, text: str) -> tuple[list[str], str]:
    rows = [[_id(one) for one in rank.split("=")] for rank in text.split(">")]
    if not paper.equal and any(len(rank) > 1 for rank in rows):
        raise BadBallot("ballot_equal_ranks")
    return [one for rank in rows for one in rank], ranking(rows)


def _rating(paper: Paper, text: str) -> tuple[list[str], str]:
    given: list[tuple[str, int]] = []
    for one in text.split(","):
        option, colon, mark = one.partition(":")
        if not colon or not POINTS.fullmatch(mark):
            _unreadable(one)
        if not paper.low <= int(mark) <= paper.high:
            raise BadBallot("ballot_off_scale", option=_id(option), given=int(mark), low=paper.low, high=paper.high)
        given.append((_id(option), int(mark)))
    spent = sum(mark * mark for _, mark in given)
    if paper.budget is not None and spent > paper.budget:
        raise BadBallot("ballot_over_budget", spent=spent, budget=paper.budget)
    return [option for option, _ in given], rating(dict(given))


_READERS: Final = {"one": _one, "approval": _approval, "ranking": _ranking, "rating": _rating}


def _id(text: str) -> str:
    if not OPTION.fullmatch(text):
        _unreadable(text)
    return text


def _unreadable(text: str) -> NoReturn:
    raise BadBallot("ballot_unreadable", at=text[:60])


def _check_options(on_ballot: Sequence[str], named: Sequence[str]) -> None:
    known = frozenset(on_ballot)
    for place, option in enumerate(named):
        if option not in known:
            raise BadBallot("ballot_unknown_option", option=option)
        if option in named[:place]:
            raise BadBallot("ballot_option_twice", option=option)


def _check_count(paper: Paper, marked: int, there: int) -> None:
    most = 1 if paper.kind == "one" else min(paper.most or there, there)
    least = min(paper.least, there)
    if not least <= marked <= most:
        raise BadBallot("ballot_wrong_count", marked=marked, least=least, most=most)
