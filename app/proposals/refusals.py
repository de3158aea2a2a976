"""What a deliberation refuses, each with the rule that refuses and what would be right."""

from app.foundation.errors import Conflict, Forbidden, Stale


class NotInElectorate(Forbidden):
    """Only the electorate that was frozen when the proposal was admitted answers its rounds."""

    code = "not_in_electorate"


class FloorOfAnother(Forbidden):
    """The floor belongs to somebody else in this phase: the proposer, an office, the people named."""

    code = "floor_of_another"


class NoVoiceInCircle(Forbidden):
    """A proposal is brought by a full member of the circle that decides it: voice comes from membership."""

    code = "no_voice_in_circle"


class StepClosed(Conflict):
    """The step is not open now; ``reason`` says why."""

    code = "step_closed"


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


class SecrecyUnavailable(Conflict):
    """The rule asks for a secret vote: what is said here is kept under the name of who said it, so none is opened."""

    code = "secrecy_unavailable"
