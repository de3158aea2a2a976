"""The phases of a decision by consent as plain data: who may say what, for how long, and whether it can be seen."""

from collections.abc import Iterator
from typing import Final

from app.rules.builtin.consent_1_objections import ObjectionView, of_this_round, was_reinstated, words
from app.rules.builtin.consent_1_options import ConsentOptions
from app.rules.builtin.consent_1_poll import Poll, electors_left
from app.rules.contract import REST, Case, Floor, Phase, Reason, Who, electors, forum, named, office, proposer
from app.rules.figures import less
from app.rules.lots import drawn

Reasons = tuple[Reason, ...]

_ANSWER: Final = Floor(proposer(), "answer", about="question", about_among=("question",), due=True)


def clarifying(case: Case, options: ConsentOptions) -> Phase:
    """Questions of electors and answers of the proposer; over early when all asked or passed and all is answered."""
    floors = (Floor(_asked(case), "question", due=True), _ANSWER)
    return Phase("clarifying", floors, options.durations.clarifying)


def answering(options: ConsentOptions, reasons: Reasons) -> Phase:
    """More time, once, to answer what was asked."""
    return Phase("clarifying", (_ANSWER,), options.durations.answering, carries=True, reasons=reasons)


def reacting(case: Case, options: ConsentOptions, reasons: Reasons) -> Phase:
    """One reaction of each elector but the proposer, without replies."""
    floors = (Floor(_asked(case), "reaction", due=True, once=True),)
    return Phase("reacting", floors, options.durations.reacting, reasons=reasons)


def amending(options: ConsentOptions, reasons: Reasons) -> Phase:
    """The proposer alone changes the text or keeps it; silence keeps it."""
    floors = (
        Floor(proposer(), "amendment", among=("editorial", "substantive"), wakes=True),
        Floor(proposer(), "keep", due=True),
    )
    return Phase("amending", floors, options.durations.amending, reasons=reasons)


def objecting(case: Case, options: ConsentOptions, reasons: Reasons) -> Phase:
    """A new round: positions are sealed until it closes, and it closes early when every elector answered."""
    floors = _objecting_floors(case, options, due=True, edited=False)
    return Phase("objecting", floors, options.durations.objecting, sight="sealed", reasons=reasons)


def contesting(case: Case, options: ConsentOptions, reasons: Reasons) -> Phase:
    """The same round after an editorial change: values stay, and there is time to contest it, so it may not close
    early. A second editorial change is not offered."""
    floors = _objecting_floors(case, options, due=False, edited=True)
    least = options.durations.contesting
    return Phase("objecting", floors, REST, carries=True, sight="sealed", reasons=reasons, at_least=least)


def extended(case: Case, options: ConsentOptions, now: Poll, silence: Reasons, said: Reasons) -> Phase:
    """The same round with more time, once; over early when the silent have answered, if there are any.

    While too few have answered, nothing but the turnout is told. When enough have, only what they said can have led
    here: the round so far is revealed, with what it changed for objections.
    """
    floors = _objecting_floors(case, options, due=now.silent > 0, edited=_was_edited(case))
    reasons = (Reason("extended", now.turnout()), *silence, *(said if now.is_answered else ()))
    lasts = options.durations.extension
    return Phase("objecting", floors, lasts, carries=True, sight="sealed", reasons=reasons, reveals=now.is_answered)


def confirming(case: Case, options: ConsentOptions, reasons: Reasons) -> Phase:
    """A last look when no objection qualified: whoever objected may think again, whoever consented too.

    It tells that there were objections, so it reveals the round, also when no test of one has done so before.
    """
    floors = _objecting_floors(case, options, due=False, edited=_was_edited(case))
    lasts = options.durations.confirming
    return Phase("objecting", floors, lasts, carries=True, sight="sealed", reasons=reasons, reveals=True)


def orphaned(case: Case, options: ConsentOptions, view: ObjectionView, reasons: Reasons) -> Phase:
    """Time for another elector, never the proposer, to take over the objection of somebody who left."""
    floors = (Floor(_asked(case), "adoption", wakes=True),)
    lasts = options.durations.adoption
    return Phase("orphaned", floors, lasts, carries=True, subject=view.ref, reasons=reasons)


def drawing(view: ObjectionView, reasons: Reasons) -> Phase:
    """The seed of the lots that name a panel."""
    floors = (Floor(forum("lots"), "seed", due=True),)
    return Phase("drawing", floors, carries=True, subject=view.ref, reasons=reasons)


def testing(case: Case, options: ConsentOptions, view: ObjectionView, reasons: Reasons) -> Phase:
    """The test of one objection by those whom the rule names as judges; any objector may withdraw."""
    floors = (
        Floor(_judges(case, options, view), "judgment", among=("valid", "dispute"), due=True),
        *_withdrawals(case, options),
    )
    lasts = options.durations.testing
    return Phase("testing", floors, lasts, carries=True, subject=view.ref, reasons=reasons)


def integrating(case: Case, options: ConsentOptions, view: ObjectionView, reasons: Reasons) -> Phase:
    """The proposer changes the text until the holder of the objection and the proposer both call it resolved.

    The holder has time to answer before anybody may set the objection aside: see :func:`insisting`.
    """
    durations = options.durations
    lasts = durations.response if _insists(case, options, view) else durations.integrating
    floors = _integrating_floors(case, options, view)
    return Phase("integrating", floors, lasts, carries=True, subject=view.ref, reasons=reasons)


def insisting(case: Case, options: ConsentOptions, view: ObjectionView, reasons: Reasons) -> Phase | None:
    """What remains of the time to resolve an objection: the facilitator may now set it aside, once. ``None`` when
    that time is over."""
    lasts = _insists(case, options, view)
    if lasts is None or any(floor.form == "abandonment" for floor in case.held[-1].phase.floors):
        return None
    facilitator = office("facilitator", view.holder, case.proposer)
    floors = (*_integrating_floors(case, options, view), Floor(facilitator, "abandonment", wakes=True))
    return Phase("integrating", floors, lasts, carries=True, subject=view.ref, reasons=reasons)


def appeal(options: ConsentOptions, view: ObjectionView) -> Phase:
    """Time for the holder of an objection that was set aside to make it stand again."""
    floors = (Floor(named(view.holder), "abandonment_appeal", wakes=True),)
    reasons = (Reason("objection_abandoned", about=view.ref),)
    return Phase("appeal", floors, options.durations.appeal, carries=True, subject=view.ref, reasons=reasons)


def escalated(reasons: Reasons) -> Phase:
    """The broader circle decides, or sends the proposal back."""
    floors = (
        Floor(forum("broader_circle"), "ruling", among=("adopted", "not_adopted", "sent_back", "absent"), due=True),
    )
    return Phase("escalated", floors, carries=True, reasons=reasons)


def deferred(case: Case, options: ConsentOptions, reasons: Reasons) -> Phase:
    """The proposal rests until a date; the proposer or the facilitator may take it up before."""
    floors = (
        Floor(proposer(), "resume", wakes=True),
        Floor(office("facilitator", case.proposer), "resume", wakes=True),
    )
    return Phase("deferred", floors, options.durations.deferral, carries=True, reasons=reasons)


def panel(case: Case, options: ConsentOptions, view: ObjectionView) -> tuple[tuple[str, ...], int]:
    """Who is drawn to test the objection, and among how many: electors who neither hold nor raised it, never the
    proposer. Nobody while the lots have given no seed."""
    pool = electors_left(case) - {view.by, view.holder}
    seeds = [word.value for word in words(case, "seed", view.ref) if word.value != "absent"]
    return (drawn(pool, seeds[-1])[: options.panel_size] if seeds else ()), len(pool)


def _integrating_floors(case: Case, options: ConsentOptions, view: ObjectionView) -> tuple[Floor, ...]:
    return (
        Floor(proposer(), "amendment", among=("substantive",)),
        Floor(named(view.holder), "settlement", due=True),
        Floor(proposer(), "settlement", due=True),
        *_withdrawals(case, options),
    )


def _insists(case: Case, options: ConsentOptions, view: ObjectionView) -> str | None:
    """How long the objection can be set aside once its holder had time to answer."""
    durations = options.durations
    return None if was_reinstated(case, view.ref) else less(durations.integrating, durations.response)


def _withdrawals(case: Case, options: ConsentOptions) -> Iterator[Floor]:
    """Everybody may withdraw the open objections that they hold, whichever has its turn."""
    views = [view for view in of_this_round(case, options.judge) if view.is_open]
    for holder in dict.fromkeys(view.holder for view in views):
        mine = tuple(view.ref for view in views if view.holder == holder)
        yield Floor(named(holder), "objection_withdrawal", subjects=mine, wakes=True)


def _objecting_floors(case: Case, options: ConsentOptions, *, due: bool, edited: bool) -> tuple[Floor, ...]:
    values = ("consent", "consent_with_concern", "objection", *(("stand_aside",) if options.stand_aside else ()))
    position = Floor(_asked(case), "position", among=values, due=due)
    if not edited:
        return position, Floor(proposer(), "amendment", among=("editorial", "substantive"), wakes=True)
    return (
        position,
        Floor(proposer(), "amendment", among=("substantive",), wakes=True),
        Floor(_asked(case), "contest", about="amendment", wakes=True),
    )


def _was_edited(case: Case) -> bool:
    return any(word.form == "amendment" for held in case.round() for word in held.words)


def _asked(case: Case, *barring: str) -> Who:
    """The electors besides the proposer, the recused and the barred."""
    electorate = case.held[-1].electorate if case.held else case.electorate
    return electors(case.proposer, *sorted(electorate.ids - electorate.voting.ids), *barring)


def _judges(case: Case, options: ConsentOptions, view: ObjectionView) -> Who:
    if options.judge == "facilitator_logic":
        return office("facilitator", view.holder, case.proposer)
    if options.judge == "group":
        return _asked(case, view.by, view.holder)
    return named(*panel(case, options, view)[0])
