"""What-if: a rule tried on what a circle has decided, so that people see what it would change before they adopt it."""

import logging
from collections.abc import Sequence

from app.foundation.language import Language, text
from app.proposals.past import Decided, Past, decided
from app.proposals.reader import Pinned, Reader
from app.proposals.schemas import WinnerView
from app.proposals.simulated import (
    FurtherPhaseView,
    IncomparableView,
    ReplayedView,
    ReplaysView,
    TriedRuleView,
    VerdictView,
)
from app.rules.catalogue import Catalogue
from app.rules.contract import DecisionRule, Outcome, Phase
from app.rules.rehearsal import Incomparable, Rehearsal, retold

_log = logging.getLogger("cercle.simulation")


def replays(read: Past, rule: DecisionRule, rules: Catalogue, language: Language) -> ReplaysView:
    """Every decision that was read under the rule; nothing is recorded, and nobody is bound by it.

    Pure, and for many decisions slow: it belongs into a thread of its own.
    """
    views = [_replayed(one, rule, rules, language) for one in decided(read)]
    return ReplaysView(
        rule=tried(Reader(rules, language, pinned(rule))),
        differing=_number(views, differs=True),
        alike=_number(views, differs=False),
        needing_more=sum(view.needs_more is not None for view in views),
        not_comparable=sum(view.not_comparable is not None for view in views),
        more=read.more,
        decisions=views,
    )


def pinned(rule: DecisionRule) -> Pinned:
    """The rule with all its options, as a process would pin it."""
    return Pinned(rule.slug, rule.version, rule.options.model_dump(mode="json"))


def tried(reader: Reader) -> TriedRuleView:
    """The rule that was tried, in the language of who reads."""
    one = reader.pinned
    return TriedRuleView.model_validate(
        {"slug": one.slug, "version": one.version, "title": reader.texts["title"], "options": one.options}
    )


def further(phase: Phase, reader: Reader) -> FurtherPhaseView:
    """A phase that would come next, in the words of the rule."""
    words = reader.texts.get("phases", {}).get(phase.kind, {})
    return FurtherPhaseView(
        kind=phase.kind,
        title=words.get("title", phase.kind),
        help=words.get("help"),
        reasons=reader.reasons(phase.reasons),
    )


def _replayed(one: Decided, rule: DecisionRule, rules: Catalogue, language: Language) -> ReplayedView:
    mine = Reader(rules, language, pinned(rule), one.names)
    view = ReplayedView(
        proposal_id=one.id,
        title=one.title,
        decided_at=one.at,
        recorded=_verdict(one.outcome, Reader(rules, language, one.pinned, one.names)),
        differs=None,
    )
    try:
        found = _rehearsed(one, rule)
    except Incomparable as reason:
        view.not_comparable = _incomparable(reason, mine)
        return view
    if isinstance(found.step, Phase):
        view.needs_more = further(found.step, mine)
        return view
    view.replayed = _verdict(found.step, mine)
    view.differs = _ending(found.step) != _ending(one.outcome)
    return view


def _rehearsed(one: Decided, rule: DecisionRule) -> Rehearsal:
    """The decision under the rule. A rule that fails says nothing, as it would have adopted nothing.

    Raises Incomparable.
    """
    if one.withheld:
        raise Incomparable("too_few_to_tell")
    if one.told_apart is not None and not rule.reads() <= one.told_apart:
        raise Incomparable("not_told_apart")
    try:
        return retold(rule, one.case)
    except Incomparable:
        raise
    except Exception as error:
        _log.exception("rule %s failed on decision %s", rule.slug, one.id)
        raise Incomparable("rule_failed") from error


def _ending(outcome: Outcome) -> tuple[str, list[str]]:
    return outcome.verdict, sorted(outcome.winners)


def _verdict(outcome: Outcome, reader: Reader) -> VerdictView:
    return VerdictView(
        verdict=outcome.verdict,
        winners=[WinnerView(id=one, title=reader.names.get(one)) for one in outcome.winners],
        reasons=reader.reasons(outcome.reasons),
    )


def _incomparable(reason: Incomparable, reader: Reader) -> IncomparableView:
    sentence = text(f"not_comparable.{reason.code}", reader.language)
    return IncomparableView(code=reason.code, sentence=sentence, reasons=reader.reasons(reason.reasons))


def _number(views: Sequence[ReplayedView], *, differs: bool) -> int:
    return sum(view.differs is differs for view in views)
