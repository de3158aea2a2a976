"""What people fill in during a consent decision, from the first question to the end of an objection."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from app.rules.contract import Form, Ref, Text, shown_by
from app.rules.lots import Seed

Part = Annotated[str, Field(pattern=r"^[A-Za-z0-9_./-]{1,64}$", examples=["title", "body"])]
"""A code or an id, never prose: it stays when the texts of a person are erased."""

Criterion = Literal["reduces_capacity", "limits_role", "new", "certain", "higher_rule"]


class Spoken(Form):
    """A word that may carry a text, and must for some of its values."""

    needs_text: ClassVar[frozenset[str]] = frozenset()

    text: Annotated[Text | None, Field(validate_default=True, description="The same in words.")] = None

    @field_validator("text")
    @classmethod
    def _says_why(cls, text: str | None, given: ValidationInfo) -> str | None:
        if text is None and given.data.get("value") in cls.needs_text:
            raise PydanticCustomError("text_required", "this value needs a text that says why")
        return text


class Question(Spoken):
    """Ask what the proposal means, about what and how, not yet about why; or say that one has nothing to ask."""

    plural = "questions"
    model_config = shown_by(text="Does the list also cover rush orders?")
    needs_text = frozenset({"question"})

    value: Literal["question", "pass"] = "question"


class Answer(Spoken):
    """Answer a clarifying question, or decline to."""

    plural = "answers"
    model_config = shown_by(value="answered", about="w00004", text="Yes: rush orders are the last table.")
    needs_text = frozenset({"answered"})

    value: Literal["answered", "declined"] = "answered"
    about: Annotated[Ref, Field(description="The question.")]


class Reaction(Spoken):
    """Say once how the proposal lands, or pass; nobody replies."""

    plural = "reactions"
    model_config = shown_by(value="reaction", text="Relieved to see prices in writing at last.")
    needs_text = frozenset({"reaction"})

    value: Literal["reaction", "pass"] = "reaction"


class Amendment(Form):
    """Change the text. A change of substance makes a new revision, on which everybody is asked again; an editorial
    one keeps what was said, and can be contested."""

    plural = "amendments"
    model_config = shown_by(value="substantive", body="Expenses are refunded against a receipt.", note="Receipt added.")

    value: Literal["substantive", "editorial"]
    title: Annotated[Text | None, Field(description="The new title, if it changes.")] = None
    body: Annotated[Text | None, Field(description="The new text, if it changes.")] = None
    note: Annotated[Text | None, Field(description="What changed, and why.")] = None
    touches: Annotated[
        tuple[Part, ...],
        Field(
            max_length=50,
            description="The parts of the text that change: title and body are found out; name other changes here.",
        ),
    ] = ()

    def facts(self) -> dict[str, tuple[str, ...]]:
        """The parts of the text that this changes, which decides what an earlier verdict is still worth."""
        parts = {name for name in ("title", "body") if getattr(self, name) is not None} | set(self.touches)
        return {"touches": tuple(sorted(parts))} if parts else {}


class Keep(Form):
    """Keep the text as it is."""

    plural = "keeps"
    model_config = shown_by(value="keep")

    value: Literal["keep"] = "keep"


class Position(Spoken):
    """Consent, consent with a concern, or object; stand aside where the circle's rule offers it."""

    plural = "positions"
    model_config = shown_by(
        value="objection",
        text="Refunds without a receipt break our accounting duty.",
        harms="aim",
        criteria=["higher_rule"],
        answers={"higher_rule": "The law asks for a receipt for every expense."},
    )
    needs_text = frozenset({"consent_with_concern", "objection"})

    value: Literal["consent", "consent_with_concern", "objection", "stand_aside"]
    harms: Annotated[
        Part | None,
        Field(
            validate_default=True,
            description='What an objection says would be harmed: the id of a role, or "aim". Required to object.',
        ),
    ] = None
    criteria: Annotated[
        tuple[Criterion, ...],
        Field(
            max_length=5,
            description="The tests an objection answers: it reduces what the circle can do for its aim, limits a role "
            "that the objector represents, is new with the proposal, is certain or would come too late to adapt, or "
            "breaks a higher rule; the last alone is enough.",
        ),
    ] = ()
    answers: Annotated[
        dict[Criterion, Text],
        Field(
            description="Why each of these criteria is met, in words: what is looked for where the facilitator tests "
            "objections on their logic alone.",
        ),
    ] = {}  # noqa: RUF012 - copied for each form
    targets: Annotated[
        tuple[Part, ...],
        Field(max_length=50, description="The parts of the text that an objection aims at; empty: all of it."),
    ] = ()
    continues: Annotated[
        Ref | None,
        Field(
            pattern=r"^w[0-9]+$",
            description="The objector's earlier objection that this one continues: its verdict still holds unless "
            "the text it aims at changed.",
        ),
    ] = None

    @field_validator("answers")
    @classmethod
    def _answers_what_is_named(cls, answers: dict[Criterion, str], given: ValidationInfo) -> dict[Criterion, str]:
        if not answers.keys() <= set(given.data.get("criteria", answers)):
            raise PydanticCustomError("answer_without_criterion", "an answer belongs to one of the criteria named")
        return answers

    @field_validator("harms")
    @classmethod
    def _says_what_is_harmed(cls, harms: str | None, given: ValidationInfo) -> str | None:
        if harms is None and given.data.get("value") == "objection":
            raise PydanticCustomError("harms_required", 'an objection names the role it protects, or "aim"')
        return harms


class Judgment(Spoken):
    """Say whether an objection stands up to its test, or dispute it with a reason."""

    plural = "judgments"
    model_config = shown_by(value="dispute", text="The proposal does not touch what is feared.")
    needs_text = frozenset({"dispute"})

    value: Literal["valid", "dispute"]


class Settlement(Spoken):
    """Confirm that an objection is resolved by the text as it now stands: the objector that it no longer harms, the
    proposer that the tension is still answered."""

    plural = "settlements"
    model_config = shown_by(value="amend", text="With the receipt it is safe.")

    value: Literal[
        "amend",
        "shorten_term",
        "measure",
        "defer_part",
        "delegate_research",
        "alternative_proposal",
        "monitor_unchanged",
    ] = "amend"


class ObjectionWithdrawal(Spoken):
    """Withdraw one's own objection."""

    plural = "objection-withdrawals"
    model_config = shown_by(value="withdrawn", text="The answer convinced me.")

    value: Literal["withdrawn"] = "withdrawn"


class Abandonment(Spoken):
    """Set an objection aside because its holder no longer takes part in resolving it."""

    plural = "abandonments"
    model_config = shown_by(value="abandoned", text="No answer for three days, after two reminders.")
    needs_text = frozenset({"abandoned"})

    value: Literal["abandoned"] = "abandoned"


class AbandonmentAppeal(Spoken):
    """Say that one does take part in resolving one's objection: it was set aside wrongly and stands again."""

    plural = "abandonment-appeals"
    model_config = shown_by(value="appealed", text="I was ill, and I am ready to work on the text.")
    needs_text = frozenset({"appealed"})

    value: Literal["appealed"] = "appealed"


class Adoption(Spoken):
    """Take over the objection of somebody who left."""

    plural = "adoptions"
    model_config = shown_by(value="adopted", text="I share this objection.")

    value: Literal["adopted"] = "adopted"


class Contest(Spoken):
    """Say that a change called editorial changes the substance: everybody is asked again."""

    plural = "contests"
    model_config = shown_by(value="substantive", text="The new wording also covers trainees.")
    needs_text = frozenset({"substantive"})

    value: Literal["substantive"] = "substantive"


class Resume(Form):
    """Take up a deferred proposal before its date."""

    plural = "resumptions"
    model_config = shown_by(value="resume")

    value: Literal["resume"] = "resume"


class Ruling(Spoken):
    """What the broader circle decided about a proposal that was escalated to it; ``absent``: there is none."""

    plural = "rulings"
    model_config = shown_by(value="sent_back", text="Try once more with the treasurer.")

    value: Literal["adopted", "not_adopted", "sent_back", "absent"]


FORMS: Final[Mapping[str, type[Form]]] = {
    "question": Question,
    "answer": Answer,
    "reaction": Reaction,
    "amendment": Amendment,
    "keep": Keep,
    "position": Position,
    "judgment": Judgment,
    "settlement": Settlement,
    "objection_withdrawal": ObjectionWithdrawal,
    "abandonment": Abandonment,
    "abandonment_appeal": AbandonmentAppeal,
    "adoption": Adoption,
    "contest": Contest,
    "resume": Resume,
    "ruling": Ruling,
    "seed": Seed,
}
