"""What a deliberation refuses, each with the rule that refuses and what would be right."""

from collections.abc import Mapping
from typing import Final

from app.foundation.errors import Conflict, Forbidden, Invalid, Stale


class NotInElectorate(Forbidden):
    """Only the electorate that was frozen when the proposal was admitted answers its rounds."""

    code = "not_in_electorate"


class FloorOfAnother(Forbidden):
    """The floor belongs to somebody else in this phase: the proposer, an office, the people named."""

    code = "floor_of_another"


class Recused(Forbidden):
    """Whoever has stepped out of a decision casts no ballot in it."""

    code = "recused"


class NoVoiceInCircle(Forbidden):
    """A proposal is brought by a full member of the circle that decides it: voice comes from membership."""

    code = "no_voice_in_circle"


class StepClosed(Conflict):
    """The step is not open now; ``reason`` says why. A late and a second ballot have types of their own."""

    code = "step_closed"

    def __new__(cls, *, step: str, reason: str) -> "StepClosed":
        """The type that fits the step: wherever a ballot is refused for the same reason, it is refused alike."""
        return super().__new__(_OF_BALLOTS.get(reason, cls) if step == "ballot" else cls)


class BallotClosed(StepClosed):
    """A vote takes ballots until it closes, and none that comes later."""

    code = "ballot_closed"


class AlreadyVoted(StepClosed):
    """Where the rule lets nobody vote twice, the first ballot stays."""

    code = "already_voted"


_OF_BALLOTS: Final[Mapping[str, type[StepClosed]]] = {
    "said_before": AlreadyVoted,
    "phase_over": BallotClosed,
    "state_adopted": BallotClosed,
    "state_not_adopted": BallotClosed,
}


class SaidEnough(Conflict):
    """One person has said one kind of thing as often as a round allows, so that nobody can drown the others."""

    code = "said_enough"


class RuleUnavailable(Conflict):
    """The pinned rule is not installed, or has changed: the process waits for the operator."""

    code = "rule_unavailable"


class StaleRevision(Stale):
    """The answer names a revision that is no longer in force: nobody consents to a text they have not read."""

    code = "stale_revision"


class ProposerWithoutVoice(Conflict):
    """Who brings a proposal is a full member of the circle that decides it when it is let in, not only when drafted."""

    code = "proposer_without_voice"


class NobodyElse(Conflict):
    """A circle in which nobody but the proposer has a voice cannot decide: an author alone adopts nothing."""

    code = "nobody_else"


class TooFewOptions(Conflict):
    """A rule that chooses between options needs two of them on the ballot."""

    code = "too_few_options"


class BallotUnreadable(Invalid):
    """A ballot is marked in the notation of its paper; ``at`` is what cannot be read."""

    code = "ballot_unreadable"


class BallotUnknownOption(Invalid):
    """Only what stands on the ballot can be marked."""

    code = "ballot_unknown_option"


class BallotOptionTwice(Invalid):
    """An option is marked once."""

    code = "ballot_option_twice"


class BallotWrongCount(Invalid):
    """The paper says how many options are marked, at least and at most."""

    code = "ballot_wrong_count"


class BallotEqualRanks(Invalid):
    """This paper takes one option in each rank."""

    code = "ballot_equal_ranks"


class BallotOffScale(Invalid):
    """Points lie on the scale of the paper."""

    code = "ballot_off_scale"


class BallotOverBudget(Invalid):
    """What points cost, their squares added up, stays within the credits that everybody has."""

    code = "ballot_over_budget"


BAD_BALLOTS: Final[Mapping[str, type[Invalid]]] = {
    one.code: one
    for one in (
        BallotUnreadable,
        BallotUnknownOption,
        BallotOptionTwice,
        BallotWrongCount,
        BallotEqualRanks,
        BallotOffScale,
        BallotOverBudget,
    )
}


class VotedInSecret(Conflict):
    """A secret ballot can be found again by its tracker alone, which only its voter was shown."""

    code = "voted_in_secret"


class TrackerUnknown(Invalid):
    """No ballot of this vote has that tracker."""

    code = "tracker_unknown"


class SecretUnkeyed(Invalid):
    """An answer that is kept under a key would keep who voted beside what they voted."""

    code = "secret_unkeyed"


class ProxiesNotAllowed(Conflict):
    """Nobody votes for another unless the circle's rule says so."""

    code = "proxies_not_allowed"


class NoProxy(Forbidden):
    """Who votes for another holds a proxy of that very member, which runs and covers this vote."""

    code = "no_proxy"


class GiverHasVoted(Conflict):
    """Who votes themselves needs nobody to vote for them: their own ballot stays."""

    code = "giver_has_voted"


class GiverIsPresent(Conflict):
    """Who votes for another is there, so nobody else votes for them in the same round of that vote."""

    code = "giver_is_present"


class TooManyProxies(Conflict):
    """In one vote a member casts no more ballots for others than law and statutes allowed when it was let in: ``cap``.

    Proxies count in the order of giving, and also those that have ended since the ballot opened.
    """

    code = "too_many_proxies"


class UnknownVote(Invalid):
    """A proxy for one vote names a proposal that the circle decides and that is not over."""

    code = "unknown_vote"


class TooFewForSecrecy(Conflict):
    """Where votes are told apart by college, unit or weight, each such group must be large enough to hide in."""

    code = "too_few_for_secrecy"


class TooFewToList(Conflict):
    """The ballots of a small secret vote are no list for everybody: totals alone are told of them."""

    code = "too_few_to_list"


class SecrecyUnavailable(Conflict):
    """The rule wants words in secret: what is said here is kept under the name of who said it."""

    code = "secrecy_unavailable"
