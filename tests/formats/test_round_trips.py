"""What is written is read back exactly, by every format: real examples first, then whatever can be thought of."""

import json
import random
from fractions import Fraction
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.formats.apart import Electors
from app.formats.ballots import LONGEST_NAME, Ballots, distinct, fitted, id_of
from app.formats.files import Format, written
from app.formats.malformed import Unfit
from app.rules.electorate import Voter
from app.rules.papers import OPTION
from tests.formats.world import CITIES, P01, P08, again, ballots, empty_as_blank, read_text, told_apart

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

    @given(ballots(forbidden="[]", plain=True))
    def test_abif_keeps_all_but_abstentions(self, cast: Ballots) -> None:
        read = fitted(again(cast, "abif"), cast.kind)
        assert (read.options, read.seats, read.title) == (cast.options, cast.seats, cast.title)
        assert read.rows == empty_as_blank(cast)

    @given(ballots(kinds=("one", "ranking"), forbidden='"', plain=True))
    def test_blt_keeps_all_but_abstentions(self, cast: Ballots) -> None:
        read = again(cast, "blt")
        assert (read.options, read.seats, read.title) == (cast.options, cast.seats or 1, cast.title)
        assert (read.rows, read.kind) == (empty_as_blank(cast), "ranking")


class TestVotersToldApart:
    @given(told_apart())
    def test_json_keeps_everything(self, cast: Ballots) -> None:
        assert again(cast, "json") == cast

    @given(told_apart())
    def test_csv_keeps_who_cast_what(self, cast: Ballots) -> None:
        kept = again(cast, "csv")
        there = {college for _, college, _ in cast.apart or ()}
        assert fitted(kept, cast.kind) == Ballots(
            cast.options,
            cast.rows,
            cast.kind,
            apart=cast.apart,
            colleges={one: name for one, name in cast.colleges.items() if one in there},
        )

    @pytest.mark.parametrize("through", ["blt", "abif"])
    def test_others_have_no_place_for_it(self, through: Format) -> None:
        cells = {("a", "workers", ""): {"heads": Fraction(2)}}
        with pytest.raises(Unfit, match="told_apart"):
            list(written(Ballots({"a": "A"}, {"a": Fraction(2)}, "ranking", apart=cells), through))

    def test_rows_in_json(self) -> None:
        like = Voter("", "workers", measures={"votes": Fraction(3)})
        cast = Ballots(
            {"a": "A"},
            {"a": Fraction(3)},
            "one",
            apart={
                ("a", "workers", "lyon"): {"heads": Fraction(2), "votes": Fraction(7, 2)},
                ("a", "", ""): {"heads": Fraction(1), "votes": Fraction(0)},
            },
            colleges={"workers": "Salariés"},
            electors=(Electors(like, 4, 1), Electors(Voter(""), 2)),
        )
        assert "".join(written(cast, "json")) == (
            '{"ballots":[\n'
            '["a",1,{"weights":{"votes":0}}],\n'
            '["a",2,{"college":"workers","unit":"lyon","weights":{"votes":"7/2"}}]\n'
            "],\n"
            '"colleges":{"workers":"Salariés"},\n'
            '"electors":[\n'
            '{"number":2},\n'
            '{"college":"workers","left":1,"number":4,"weights":{"votes":3}}\n'
            "],\n"
            '"format":"cercle-ballots",\n"kind":"one",\n"options":{"a":"A"},\n"version":1}\n'
        )


class TestNames:
    @given(st.lists(st.text(" ab[(2)]", min_size=1).filter(str.strip), max_size=6))
    def test_no_two_are_alike(self, names: list[str]) -> None:
        given = distinct({f"o{number}": name for number, name in enumerate(names)})
        assert len(set(given.values())) == len(names)
        assert all(" ".join(name.split()) == name and len(name) <= LONGEST_NAME for name in given.values())

    def test_the_first_keeps_its_name(self) -> None:
        long = "x" * LONGEST_NAME
        assert distinct({"o1": "a  b", "o2": "a b", "o3": long, "o4": long, "o5": "a\nb"}) == {
            "o1": "a b",
            "o2": "a b (2)",
            "o3": long,
            "o4": f"{long[:-4]} (2)",
            "o5": "a b (3)",
        }

    def test_what_a_format_writes_otherwise_stays_apart(self) -> None:
        alike = Ballots({"a": "[A]", "b": "(A)", "c": '"A"', "d": "'A'"}, {"a>b>c>d": Fraction(1)}, "ranking")
        assert list(again(alike, "abif").options.values()) == ["(A)", "(A) (2)", '"A"', "'A'"]
        assert list(again(alike, "blt").options.values()) == ["[A]", "(A)", "'A'", "'A' (2)"]


class TestWhatHasNoPlace:
    def test_points_and_approvals_are_no_rankings(self) -> None:
        with pytest.raises(Unfit, match="other_kind"):
            list(written(Ballots({"a": "A"}, {"a:5": Fraction(1)}, "rating"), "blt"))
        with pytest.raises(Unfit, match="other_kind"):
            list(written(Ballots({"a": "A", "b": "B"}, {"a,b": Fraction(1)}, "approval"), "blt"))

    @pytest.mark.parametrize("through", ["blt", "abif"])
    def test_none_of_these_is_no_blank_ballot(self, through: Format) -> None:
        with pytest.raises(Unfit, match="none_of_these"):
            list(written(Ballots({"a": "A"}, {"none": Fraction(1)}, "one"), through))
        option = Ballots({"none": "None"}, {"none": Fraction(1)}, "one")
        assert list(again(option, through).options.values()) == ["None"]

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
            ("none", "option_none"),
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
