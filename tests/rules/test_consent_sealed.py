"""What carries a round on while it is sealed tells no more than how many have answered."""

from app.proposals.sight import closed_phases
from app.rules.contract import Phase
from app.rules.driver import Process
from tests.rules.stories import all_say, codes, consent, object_, people


def not_qualified(process: Process) -> str:
    """An objection of m05 that everybody else disputed, after which a last look is held."""
    all_say(process, ("m02", "m03", "m04"))
    first = object_(process, "m05")
    all_say(process, ("m02", "m03", "m04"), "dispute", "judgment")
    return first


def closes(process: Process) -> Phase:
    process.deadline()
    return process.now.phase


def test_more_time_for_the_silent_tells_the_turnout_alone() -> None:
    for answer in ("consent", "consent_with_concern"):
        process = consent(6, min_participation="1")
        process.say("m02", "position", answer)
        phase = closes(process)
        assert (codes(phase), phase.reveals) == (("extended", "silence_is_absent"), False)
        assert phase.reasons[0].facts == {"answered": 1, "needed": 5, "of": 5, "silent": 4}


def test_an_inherited_verdict_is_not_told_while_the_round_is_sealed() -> None:
    phases = []
    for again in (False, True):
        process = consent(6, min_participation="1")
        all_say(process, ("m02", "m03", "m04"))
        first = object_(process, "m05")
        process.deadline()
        all_say(process, ("m02", "m03", "m04", "m06"), "dispute", "judgment")
        if again:
            object_(process, "m05", continues=first)
        else:
            process.say("m05", "position", "consent")
        phases.append(closes(process))
    assert codes(phases[0]) == ("extended", "silence_is_absent")
    assert phases[0] == phases[1]
    assert not phases[0].reveals


def test_what_only_the_positions_can_have_led_to_reveals_them() -> None:
    nobody_consents = consent(3, stand_aside=True)
    all_say(nobody_consents, ("m02", "m03"), "stand_aside")
    assert (codes(nobody_consents.now.phase), nobody_consents.now.phase.reveals) == (("extended",), True)
    last_look = consent(5)
    not_qualified(last_look)
    assert (codes(last_look.now.phase)[0], last_look.now.phase.reveals) == ("confirm", True)


def test_a_verdict_inherited_at_the_close_opens_the_round_and_seals_the_last_look() -> None:
    process = consent(5, min_participation="1")
    first = not_qualified(process)
    process.say("m01", "amendment", "substantive", facts={"touches": ("title",)})
    all_say(process, people(5)[1:4])
    object_(process, "m05", continues=first, targets=("body",))
    assert codes(process.now.phase) == ("confirm", "verdict_inherited")
    assert _closed(process) == {len(process.case.held)}


def _closed(process: Process) -> frozenset[int]:
    rows = [_Row(number, held.phase, held.ended) for number, held in enumerate(process.case.held, start=1)]
    return closed_phases(rows)


class _Row:
    """A phase as it lies in the database."""

    def __init__(self, number: int, phase: Phase, ended: str | None) -> None:
        self.number = number
        self.plan = {"sight": phase.sight, "carries": phase.carries, "reveals": phase.reveals}
        self.ended = ended
