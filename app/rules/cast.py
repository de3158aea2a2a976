"""The ballots of a choice between options as a count sees them: what they weigh, and how many people cast them."""

from collections.abc import Iterator, Mapping
from fractions import Fraction

from app.rules.weights import weight


class Cast(Mapping[str, Fraction]):
    """The ballots that express a choice: what each distinct one weighs, in the order of their canonical form.

    A share that options name is one of ``whole``, in what ballots weigh; a whole number that they name is one of
    ``people``, whatever the ballots weigh. Only ``by_heads``, where everybody weighs one, can people be told how many
    more of them would have changed the outcome. ``electors``: how many may vote.
    """

    def __init__(
        self,
        weights: Mapping[str, Fraction],
        *,
        people: Mapping[str, Fraction] | None = None,
        whole: Fraction | None = None,
        electors: int = 0,
    ) -> None:
        """``people``: how many cast each ballot, where they do not weigh one each; ``whole``: what 100 % is, where it
        is not what was expressed."""
        self.weights = weights
        self._people, self._whole = people, whole
        self.electors = electors

    def __getitem__(self, ballot: str) -> Fraction:
        return self.weights[ballot]

    def __iter__(self) -> Iterator[str]:
        return iter(self.weights)

    def __len__(self) -> int:
        return len(self.weights)

    @property
    def by_heads(self) -> bool:
        """Whether everybody weighs one."""
        return self._people is None

    @property
    def people(self) -> Mapping[str, Fraction]:
        """How many cast each ballot, also those whose ballots weigh nothing."""
        return self.weights if self._people is None else self._people

    @property
    def whole(self) -> Fraction:
        """What 100 % is."""
        return weight(self.weights) if self._whole is None else self._whole
