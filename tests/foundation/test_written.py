"""What people write can be read by everybody who gets it, and says something."""

from typing import Annotated, Any

import pytest
from pydantic import ValidationError

from app.foundation.language import has_text
from app.foundation.written import Line, Prose, Shape, Slug, address


class Note(Shape):
    """One of each."""

    name: Annotated[str, Line(20)] = "Ana"
    text: Annotated[str, Prose(20)] | None = None
    more: Annotated[str, Prose(20, least=0)] = ""
    slug: Slug = "ana"


def _fault(**given: Any) -> str:
    with pytest.raises(ValidationError) as refused:
        Note(**given)
    [fault] = refused.value.errors()
    return str(fault["type"])


@pytest.mark.parametrize("name", ["Zoë", "王芳", "O’Brien-Łuć", "أنا", "x\u200dy", "👩‍🌾"])
def test_names_of_any_script_are_kept_as_they_are(name: str) -> None:
    assert Note(name=f"  {name} ").name == name


@pytest.mark.parametrize("name", ["a\nb", "a\tb", "a\x07b", "a\x85b", "a\u2028b", "a\u202eb", "\u2066a"])
def test_a_line_holds_nothing_that_no_line_can_show(name: str) -> None:
    assert _fault(name=name) == "unprintable"


@pytest.mark.parametrize("text", ["a\x00b", "a\x1bb", "a\x7fb", "a\u202eb", "a\u2069b"])
def test_prose_neither(text: str) -> None:
    assert _fault(text=text) == "unprintable"
    assert _fault(more=text) == "unprintable"


def test_prose_has_lines_and_tabs_and_one_way_to_end_a_line() -> None:
    assert Note(text="\r\na\r\n\tb\rc\n").text == "a\n\tb\nc"


@pytest.mark.parametrize("nothing", ["\u200b", "\u2060 \ufeff", "\u3164", "\u00ad"])
def test_what_leaves_no_mark_says_nothing(nothing: str) -> None:
    assert {_fault(name=nothing), _fault(text=nothing), _fault(more=nothing)} == {"blank"}


@pytest.mark.parametrize("nothing", ["", " \n\t ", "\u00a0"])
def test_white_space_is_no_text(nothing: str) -> None:
    assert {_fault(name=nothing), _fault(text=nothing)} == {"string_too_short"}
    assert Note(more=nothing).more == ""


@pytest.mark.parametrize("wrong", ["", "A", "a b", "-a", "a--b", "a-", "é", "a\n"])
def test_a_short_name_can_stand_in_an_address(wrong: str) -> None:
    assert _fault(slug=wrong) == "slug"
    assert Note(slug="scic-42").slug == "scic-42"


@pytest.mark.parametrize("wrong", ["ana", "a@b@c", "a@b,c@d", "a b@c", "a@b\n", "<a@b>", "a\u202e@b"])
def test_an_address_is_one_address(wrong: str) -> None:
    with pytest.raises(ValueError, match="one e-mail address"):
        address(wrong)
    assert address("Ana@Ardoise.example") == "ana@ardoise.example"
    assert address(None) is None


def test_a_text_has_a_most() -> None:
    assert {_fault(name="x" * 21), _fault(text="x" * 21), _fault(more="x" * 21)} == {"string_too_long"}
    assert Note(name=" " * 99 + "x" * 20).name == "x" * 20
    assert Note.model_json_schema()["properties"]["name"]["maxLength"] == 20


def test_an_unknown_name_is_refused() -> None:
    assert _fault(nmae="Ana") == "extra_forbidden"


@pytest.mark.parametrize("code", ["unprintable", "blank", "slug", "address", "time_zone", "string_pattern_mismatch"])
def test_each_fault_has_its_sentence(code: str) -> None:
    assert has_text(f"fault.{code}")
