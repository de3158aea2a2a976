"""Tables that tell voters apart, and preferences that were counted elsewhere."""

from fractions import Fraction

import pytest

from app.formats.ballots import fitted
from app.formats.malformed import Malformed
from tests.formats.world import read_pairs, read_text


class TestVotersToldApart:
    TABLE = (
        "Unit;weight:votes;college;count;ballot;college_name\n"
        "lyon;7/2;workers;2;for;Those who work\n;1;users;1;for;\nlyon;0.5;workers;1;for;Those who work\n"
        ";0;;1;against;\nlyon;9;workers;0;for;\n;;;0;;\n"
    )

    def test_equal_ballots_of_one_place_are_added_up(self) -> None:
        with pytest.raises(Malformed, match="figure_unreadable"):
            read_text(self.TABLE, "csv")
        read = read_text(self.TABLE.removesuffix(";;;0;;\n"), "csv")
        assert read.rows == {"for": 4, "against": 1}
        assert read.apart == {
            ("for", "workers", "lyon"): {"heads": Fraction(3), "votes": Fraction(4)},
            ("for", "users", ""): {"heads": Fraction(1), "votes": Fraction(1)},
            ("against", "", ""): {"heads": Fraction(1), "votes": Fraction(0)},
        }
        assert read.colleges == {"workers": "Those who work"}

    def test_columns_in_which_nothing_stands_tell_nobody_apart(self) -> None:
        assert read_text("ballot,college,unit\nfor,,\nfor,,\n", "csv") == read_text("ballot\nfor\nfor\n", "csv")

    def test_a_number_of_ballots_that_is_not_whole_may_stand_in_a_college(self) -> None:
        read = read_text("ballot,count,college\nfor,0.5,workers\n", "csv")
        assert read.apart == {("for", "workers", ""): {"heads": Fraction(1, 2)}}

    def test_a_rank_of_several_is_an_approval_of_the_same_people(self) -> None:
        read = read_text("ballot,unit\na=c,lyon\nb,paris\nblank,paris\n", "csv")
        one = {"heads": Fraction(1)}
        assert fitted(read, "approval").apart == {
            ("a,c", "", "lyon"): one,
            ("b", "", "paris"): one,
            ("blank", "", "paris"): one,
        }


class TestPreferences:
    def test_a_table_with_rows_in_any_order(self) -> None:
        read = read_pairs("Pairwise;Élan;Oak tree\n Oak  tree;3.5;-\nÉlan;0;12\n", "csv")
        assert read.options == {"elan": "Élan", "oak_tree": "Oak tree"}
        assert read.pairs == {"oak_tree": {"elan": Fraction(7, 2)}, "elan": {"oak_tree": 12}}
        assert (read.voters, read.title) == (Fraction(31, 2), None)

    def test_json(self) -> None:
        rows = '["b","a",1],["a","b","1/2"]'
        text = f'{{"format":"cercle-pairwise","options":{{"a":"A","b":"B"}},"pairs":[{rows}],"title":"T","version":1}}'
        read = read_pairs(text, "json")
        assert (read.pairs, read.title) == ({"a": {"b": Fraction(1, 2)}, "b": {"a": 1}}, "T")

    def test_nothing_to_compare(self) -> None:
        assert read_pairs("pairwise\n", "csv").voters == 0
        assert read_pairs("pairwise,A\nA,\n", "csv").pairs == {"a": {}}
