"""What is written is read back exactly, by every format: real examples first, then whatever can be thought of."""

import json
import random
from fractions import Fraction
from typing import get_args

import pytest
from hypothesis import given

from app.formats.ballots import Ballots, fitted, id_of
from app.formats.files import Format, written
from app.formats.malformed import Unfit
from app.rules.papers import OPTION
from tests.formats.world import CITIES, P01, P08, again, ballots, empty_as_blank, read_text

FORMATS: tuple[Format, ...] = get_args(Format)
FOUR_CITIES = Ballots(CITIES, {ballot: Fraction(number) for ballot, number in P01.items()}, "ranking", 1, "P01")


class TestExamples:
    def test_p01_in_abif(self) -> None:
        votes = "".join(f"{number}:{ballot}\n" for ballot, number in P01.items())
        names = "".join(f"={one}:[{name}]\n" for one, name in CITIES.items())
        for text in (
            f'{{"title": "P01"}}\n{{"seats": 1}}\n{names}{votes}',
            f'{votes}{names}{{title: "P01"}}\n{{seats:1}}',
        ):
            assert read_text(text, "abif") == FOUR_CITIES

    @pytest.mark.parametrize("through", FORMATS)
    def test_p01_through_every_format(self, through: Format) -> None:
        named = Ballots({name.lower(): name.lower() for name in CITIES.values()}, {}, "ranking")
        rows = {">".join(CITIES[one].lower() for one in ballot.split(">")): n for ballot, n in FOUR_CITIES.rows.items()}
        four = Ballots(named.options, rows, "ranking")
        assert again(four, through).rows == rows
        assert again(four, through).options == named.options

    def test_p08_in_blt(self) -> None:
        read = read_text(P08, "blt")
        assert (read.seats, read.title, read.kind, int(read.total)) == (2, "P08", "ranking", 100)
        assert read.options == {one.lower(): one for one in "ABCDE"}
        assert read.rows == {"a>b>c": 41, "a>c": 16, "b>a>d": 12, "c>d": 13, "d>e>c": 11, "e>d": 7}
        for through in FORMATS:
            assert again(read, through).rows == read.rows

    def test_the_reference_is_the_same_bytes_whatever_the_order(self) -> None:
        rows = list(FOUR_CITIES.rows.items())
        random.Random(5).shuffle(rows)
        other = Ballots(dict(reversed(CITIES.items())), dict(rows), "ranking", 1, "P01")
        assert "".join(written(other, "json")) == "".join(written(FOUR_CITIES, "json"))
        assert json.loads("".join(written(FOUR_CITIES, "json")))["ballots"] == [
            list(row) for row in sorted(P01.items())
        ]


class TestEveryFormat:
    @given(ballots())
    def test_json_keeps_everything(self, cast: Ballots) -> None:
        thirds = Ballots(cast.options, {one: n / 3 for one, n in cast.rows.items()}, cast.kind, cast.seats, cast.title)
        assert again(cast, "json") == cast
        assert again(thirds, "json") == thirds

    @given(ballots())
    def test_csv_keeps_the_ballots(self, cast: Ballots) -> None:
        read = again(cast, "csv")
        assert fitted(read, cast.kind) == Ballots(cast.options, cast.rows, cast.kind)

    @given(ballots(forbidden="[]"))
    def test_abif_keeps_all_but_abstentions(self, cast: Ballots) -> None:
        read = fitted(again(cast, "abif"), cast.kind)
        assert (read.options, read.seats, read.title) == (cast.options, cast.seats, cast.title)
        assert read.rows == empty_as_blank(cast)

    @given(ballots(kinds=("one", "ranking"), forbidden='"'))
    def test_blt_keeps_all_but_abstentions(self, cast: Ballots) -> None:
        read = again(cast, "blt")
        assert (read.options, read.seats, read.title) == (cast.options, cast.seats or 1, cast.title)
        assert (read.rows, read.kind) == (empty_as_blank(cast), "ranking")


class TestWhatHasNoPlace:
    def test_points_and_approvals_are_no_rankings(self) -> None:
        with pytest.raises(Unfit, match="other_kind"):
            list(written(Ballots({"a": "A"}, {"a:5": Fraction(1)}, "rating"), "blt"))
        with pytest.raises(Unfit, match="other_kind"):
            list(written(Ballots({"a": "A", "b": "B"}, {"a,b": Fraction(1)}, "approval"), "blt"))

    @pytest.mark.parametrize("through", ["blt", "abif"])
    def test_a_third_is_no_decimal_number(self, through: Format) -> None:
        with pytest.raises(Unfit) as unfit:
            list(written(Ballots({"a": "A"}, {"a": Fraction(1, 3)}, "ranking"), through))
        assert "1/3" in unfit.value.said("en")
        assert "1/3" in unfit.value.said("fr")

    def test_quotes_and_brackets_in_names_are_written_as_something_like_them(self) -> None:
        named = Ballots({"ann": 'Ann "A"', "bob": "Bob [B]"}, {"ann": Fraction(1)}, "ranking")
        assert list(again(named, "blt").options.values()) == ["Ann 'A'", "Bob [B]"]
        assert list(again(named, "abif").options.values()) == ['Ann "A"', "Bob (B)"]


class TestIds:
    @pytest.mark.parametrize(
        ("name", "option"),
        [
            ("pear", "pear"),
            ("blue-green_2", "blue-green_2"),
            ("Doña García Márquez", "dona_garcia_marquez"),
            ("4 rue des Lilas", "option_4_rue_des_lilas"),
            ("蘇業", "option"),
            ("blank", "option_blank"),
            ("Abstain!", "option_abstain"),
            ("x" * 60, "x" * 34),
        ],
    )
    def test_an_id_is_made_from_the_name(self, name: str, option: str) -> None:
        assert id_of(name, ()) == option

    def test_ids_that_are_taken_get_a_number(self) -> None:
        taken: dict[str, str] = {}
        for name in ("Élan", "élan", "elan", "蘇", "業", "x" * 50, "x" * 51):
            taken[id_of(name, taken)] = name
        assert list(taken) == ["elan", "elan_2", "elan_3", "option", "option_2", "x" * 34, "x" * 34 + "_2"]
        assert all(OPTION.fullmatch(one) for one in taken)
