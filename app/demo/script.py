"""What the demonstration plays, read from its two data files: who Scic Ardoise is, and what happens there."""

import tomllib
from datetime import date, time
from importlib import resources
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, model_validator

from app.circles.tables import CircleKind
from app.foundation.language import Language
from app.organisations.tables import Category, LegalForm
from app.roles.tables import RoleKind

Step = Literal["create_tension", "propose", "submit", "admit", "withdraw", "depart", "wait"]
Hour = Annotated[time, PlainValidator(time.fromisoformat)]
FileShape = TypeVar("FileShape", bound=BaseModel)


class Part(BaseModel):
    """A part of a data file: unknown names are refused, so that a slip of the pen is found."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(Part):
    """A text in English and in French."""

    en: str = Field(min_length=1)
    fr: str = Field(min_length=1)

    def said(self, language: Language) -> str:
        """The text in one of the two."""
        return (self.fr if language == "fr" else self.en).strip()


class Keyed(Part):
    """Something with a key by which the files speak of it, and a name that people read."""

    key: str
    name: Words


class CollegePart(Keyed):
    """A college; ``weight`` is its exact share of all votes."""

    weight: str


class Registered(Part):
    """What the register says of every member."""

    key: str
    category: Category
    college: str
    joined: date


class Person(Registered):
    """A member who is a person."""

    given: str
    family: str
    email: str

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}"

    @property
    def representative(self) -> str | None:
        return None

    @property
    def called(self) -> str:
        """How the story calls them."""
        return self.given


class Speaker(Part):
    """Who speaks for a legal entity."""

    given: str
    family: str
    email: str


class LegalEntity(Registered):
    """A member that is a legal entity, with one voice."""

    name: str
    speaker: Speaker = Field(alias="representative")

    @property
    def representative(self) -> str | None:
        return f"{self.speaker.given} {self.speaker.family}"

    @property
    def called(self) -> str:
        """How the story calls them."""
        return self.name

    @property
    def email(self) -> str:
        return self.speaker.email


MemberPart = Person | LegalEntity


class Members(Part):
    """The register: people first, legal entities after them."""

    persons: list[Person]
    legal_entities: list[LegalEntity]


class DomainPart(Keyed):
    """A domain of a circle."""

    description: Words


class RulePart(Part):
    """How a circle decides."""

    slug: str
    version: int
    options: dict[str, Any]


class Office(Part):
    """What an office is called and there for."""

    name: Words
    purpose: Words


class RolePart(Office):
    """An ordinary role of a circle and who fills it."""

    holder: str
    term_months: int


class CirclePart(Keyed):
    """A circle: ``facilitator``, ``secretary``, ``lead``, ``rep`` and ``members`` are keys of members."""

    kind: CircleKind
    parent: str | None = None
    aim: Words
    facilitator: str
    secretary: str
    lead: str | None = None
    rep: str | None = None
    members: list[str]
    domain: list[DomainPart]
    role: list[RolePart] = []
    rule: RulePart

    @property
    def offices(self) -> dict[RoleKind, str]:
        """Who holds which office; the anchor has no links."""
        held = {
            RoleKind.FACILITATOR: self.facilitator,
            RoleKind.SECRETARY: self.secretary,
            RoleKind.LEAD_LINK: self.lead,
            RoleKind.REP_LINK: self.rep,
        }
        return {kind: who for kind, who in held.items() if who is not None}


class OrganisationPart(Part):
    """What the cooperative says of itself; ``steward`` is the member who keeps the register."""

    slug: str
    name: Words
    legal_form: LegalForm
    time_zone: str
    founded: date
    steward: str
    purpose: Words


class Cooperative(Part):
    """``scic_ardoise.toml``."""

    organisation: OrganisationPart
    category: list[Keyed]
    college: list[CollegePart]
    members: Members
    office: dict[RoleKind, Office]
    circle: list[CirclePart]

    @property
    def everybody(self) -> dict[str, MemberPart]:
        """Every member by key."""
        register: list[MemberPart] = [*self.members.persons, *self.members.legal_entities]
        return {one.key: one for one in register}

    def circle_of(self, key: str) -> CirclePart:
        """The circle of that key."""
        return next(one for one in self.circle if one.key == key)

    def appointed(self, circle: CirclePart) -> list[str]:
        """Members of a circle who do not sit there as the link of a narrower one."""
        links = {who for one in self.circle if one.parent == circle.key for who in (one.lead, one.rep)}
        return [key for key in circle.members if key not in links]


class Beat(Part):
    """One thing that happens: an act of the envelope, a word that is said, or time that passes."""

    step: Step | None = None
    form: str | None = None
    id: str | None = None
    about: str | None = None
    value: str | None = None
    at: Hour | None = None
    days: int = 0
    who: list[str] = []
    then: str | None = None
    figures: dict[str, int] = {}
    sealed: bool = False
    tell: Words
    text: Words | None = None
    driver: Words | None = None
    example: Words | None = None
    requirement: Words | None = None
    domain: str | None = None
    review: str | None = None
    title: Words | None = None
    body: Words | None = None
    note: Words | None = None
    evaluation: Words | None = None
    harms: str | None = None
    criteria: list[str] = []

    @model_validator(mode="after")
    def _is_one_thing(self) -> "Beat":
        if (self.step is None) == (self.form is None):
            raise ValueError("a beat has a step or a form")
        if (self.step == "wait") != (self.at is None) or (self.step == "wait") == bool(self.who):
            raise ValueError("a beat has an hour and somebody who acts, unless it waits")
        return self


class Story(Part):
    """A decision from the tension to its outcome."""

    key: str
    circle: str
    title: Words
    intro: Words
    closing: Words
    beat: list[Beat]

    @property
    def proposer(self) -> str:
        """Who brings the proposal."""
        return next(beat.who[0] for beat in self.beat if beat.step == "propose")


class Turn(Story):
    """A story without an end, for whoever reads it to go on with; it begins that long before today."""

    starts_before: str


class Script(Part):
    """``story.toml``: when the stories begin, the stories, and what is left open after them."""

    starts_before: str
    opens: Hour
    story: list[Story]
    turn: list[Turn]


def cooperative() -> Cooperative:
    """The cooperative of the demonstration."""
    return _read("scic_ardoise.toml", Cooperative)


def script() -> Script:
    """Its stories."""
    return _read("story.toml", Script)


def _read(name: str, shape: type[FileShape]) -> FileShape:
    return shape.model_validate(tomllib.loads(resources.files("app.demo").joinpath(name).read_text("utf-8")))
