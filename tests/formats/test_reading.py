"""What each format may say, and what it then means."""

import io
import re
import tracemalloc
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Final, get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.formats.apart import by_ballot
from app.formats.ballots import Ballots, fitted
from app.formats.cells import guarded, unguarded
from app.formats.files import Format, format_of, read, written
from app.formats.malformed import Malformed, Unfit
from app.formats.pairwise import Pairwise
from app.rules.papers import Kind
from tests.formats.world import P08, ballots, read_pairs, read_text

FORMATS: tuple[Format, ...] = get_args(Format)


def rows(text: str, written_in: Format, wanted: Kind | None = None) -> dict[str, Fraction]:
    return dict(read_text(text, written_in, wanted).rows)


class TestSpreadsheets:
    @pytest.mark.parametrize("sign", [",", ";", "\t"])
    @pytest.mark.parametrize("end", ["\n", "\r\n"])
    @pytest.mark.parametrize("mark", ["", "\ufeff"])
    def test_as_spreadsheets_save_them(self, sign: str, end: str, mark: str) -> None:
        table = [("count", "ballot"), ("2", "pear > apple = fig"), ("0.5", "apple"), ("1/3", "blank"), ("1", "")]
        text = mark + end.join(sign.join(row) for row in table)
        assert rows(text, "csv") == {"pear>apple=fig": 2, "apple": Fraction(1, 2), "blank": Fraction(4, 3)}

    def test_ranks(self) -> None:
        text = "rank:Pear,rank:Apple,rank:Fig,count\n1,2,2,3\n,7,,1\n10,9,2,1\n,,,\n1,2,2,4\n"
        read = read_text(text, "csv")
        assert read.rows == {"pear>apple=fig": 7, "apple": 1, "fig>apple>pear": 1}
        assert (read.kind, read.options) == ("ranking", {"pear": "Pear", "apple": "Apple", "fig": "Fig"})

    def test_points_and_the_rankings_that_they_make(self) -> None:
        text = "points:Pear,points:Apple,points:Fig\n5,+3,'-2\n0,,0\n"
        assert rows(text, "csv") == {"apple:3,fig:-2,pear:5": 1, "fig:0,pear:0": 1}
        assert rows(text, "csv", "ranking") == {"pear>apple>fig": 1, "fig=pear": 1}

    def test_marks(self) -> None:
        text = 'mark:Pear,mark:Apple,ballot\nx,1,\nX,0,\n,,abstain\n,,\n,," pear ,apple"\n'
        with pytest.raises(Malformed, match="kinds_mixed"):
            read_text(text.replace('" pear ,apple"', "Pear>Apple"), "csv")
        assert rows(text.replace(" pear ,apple", " Pear ,Apple"), "csv") == {
            "apple,pear": 2,
            "pear": 1,
            "abstain": 1,
            "blank": 1,
        }

    def test_answers_between_which_a_majority_decides(self) -> None:
        assert rows("ballot,count\nfor,18\nagainst,14\nAbstain,8\nfor,1", "csv") == {
            "for": 19,
            "against": 14,
            "abstain": 8,
        }

    def test_a_cell_may_hold_a_line_break_and_a_name_any_sign(self) -> None:
        read = read_text('"rank:Rue ""A"";\nVerte","rank:=1+1"\n1,2\n', "csv")
        assert list(read.options.values()) == ['Rue "A"; Verte', "=1+1"]

    @pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
    def test_no_cell_is_a_formula(self, sign: str) -> None:
        assert guarded(f"{sign}cmd|' /C calc'!A0") == f"'{sign}cmd|' /C calc'!A0"
        assert guarded(f"rank:x;{sign}1") == f"rank:x;'{sign}1"

    @given(st.text("'=+-@\t\r,;a"))
    def test_what_was_guarded_can_be_read_and_begins_no_formula(self, cell: str) -> None:
        assert unguarded(guarded(cell)) == cell
        assert not any(part.startswith(tuple("=+-@\t\r")) for part in guarded(cell).replace(";", ",").split(","))


class TestBlt:
    def test_everything_that_is_in_use(self) -> None:
        text = (
            "\ufeff4 2 # candidates, seats\r\n-2 -4\r\n\r\n3 1=3 2 0\r\n0.5 - 3 - 1 0\r\n1 2 0\n1 0\n"
            "  2\t1 3  0 # c\n0\n"
            '"Ann # 1"  "Bob" # names\nCarl von C. # as it stands\n"Dora"\n"Title"\n"source" "remark"\n\n'
        )
        read = read_text(text, "blt")
        assert read.options == {"ann_1": "Ann # 1", "carl_von_c": "Carl von C."}
        assert read.rows == {
            "ann_1=carl_von_c": 3,
            "carl_von_c>ann_1": Fraction(1, 2),
            "blank": 2,
            "ann_1>carl_von_c": 2,
        }
        assert (read.title, read.seats) == ("Title", 2)

    def test_equal_ballots_are_added_up_also_when_a_withdrawal_makes_them_equal(self) -> None:
        text = '3 1\n-2\n1 1 2 3 0\n1 1 3 0\n1 2 1 3 0\n0\n"A"\n"B"\n"C"\n'
        assert rows(text, "blt") == {"a>c": 3}

    def test_an_empty_title_is_none(self) -> None:
        assert read_text('1 1\n0\n"A"\n""\n', "blt").title is None


class TestAbif:
    def test_points_along_a_ranking(self) -> None:
        text = '27: [Doña García]/5 > b/5 = c/5\n1.5*b/2,c/9 # more\n4:\n3:b/1: {"precinct": 5}\n'
        assert rows(text, "abif") == {
            "b:5,c:5,dona_garcia:5": 27,
            "b:2,c:9": Fraction(3, 2),
            "blank": 4,
            "b:1": 3,
        }
        assert rows(text, "abif", "ranking") == {"dona_garcia>b=c": 27, "c>b": Fraction(3, 2), "blank": 4, "b": 3}

    def test_approvals_and_single_votes(self) -> None:
        assert rows("ABIF 0.1\n# x\n3:a,b\n 2 : b , a\n1:a\n", "abif") == {"a,b": 5, "a": 1}
        assert read_text("3:a\n2:b\n", "abif").kind == "one"

    def test_names_may_come_last_and_stand_in_brackets(self) -> None:
        read = read_text(
            '1:SY>[Sue: (蘇業) #2]\n=SY:[Sue Ye]\n{"description": "x", "title": "T"}\n{max_rating: 6}\n', "abif"
        )
        assert read.options == {"sy": "Sue Ye", "sue_2": "Sue: (蘇業) #2"}
        assert read.title == "T"

    def test_a_rank_of_several_is_an_approval_where_one_is_wanted(self) -> None:
        read = read_text("4:a=c=x\n2:b\n1:\n", "abif")
        assert fitted(read, "approval").rows == {"a,c,x": 4, "b": 2, "blank": 1}
        with pytest.raises(Unfit):
            fitted(read_text("4:a=c>x\n", "abif"), "approval")
        with pytest.raises(Unfit):
            fitted(read_text("4:a>x\n", "abif"), "one")


class _Endless(io.RawIOBase):
    """So many lines, none of which is kept."""

    def __init__(self, head: bytes, lines: int) -> None:
        self.lines: Iterator[bytes] = (head if n == 0 else b"1,%d,%d\n" % (n % 3 + 1, n % 2 + 1) for n in range(lines))

    def readline(self, size: int | None = -1, /) -> bytes:
        return next(self.lines, b"")


def test_memory_is_bounded_by_distinct_ballots() -> None:
    heard: list[int] = []
    tracemalloc.start()
    try:
        found = read(_Endless(b"count,rank:A,rank:B\n", 100_000), "csv", told=heard.append)  # type: ignore[arg-type]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert isinstance(found, Ballots)
    assert (found.total, len(found.rows)) == (Fraction(99_999), 3)
    assert peak < 2_000_000
    assert sum(heard) == len(b"count,rank:A,rank:B\n") + 99_999 * len(b"1,1,1\n")
    assert len(heard) > 10


@pytest.mark.parametrize(("name", "found"), [("a.CSV", "csv"), ("x.tsv", "csv"), ("v.blt", "blt"), ("v.txt", None)])
def test_the_format_is_known_by_the_name(name: str, found: Format | None) -> None:
    assert format_of(name) == found


VALID: Final = (
    "count,ballot\n2,a>b=c\n1,blank\n",
    "rank:A;rank:B;count\n1;2;3\n",
    "points:A,mark:B\n5,x\n",
    P08,
    '4 2\n-2\n3 1=3 2 0\n0\n"A" B\n"C"\n',
    '{"title": "T"}\n=a:[A]\n27:a/5>b/3\n3:a,b\n',
    "count,college,college_name,unit,weight:votes,ballot\n2,w,Workers,lyon,7/2,a>b\n1,,,,0,blank\n",
    "pairwise,A,B,C\nA,,3,4\nB,1/2,-,5\nC,6,7,0\n",
    '{"author":"alone","ballots":[["a",3,{"college":"w","unit":"l","weights":{"v":"7/2"}}]],"colleges":{"w":"Workers"},'
    '"electors":[{"number":4,"left":1,"recused":"vote"},{"number":2}],"format":"cercle-ballots","kind":"one",'
    '"options":{"a":"A"},"version":1}',
    '{"format":"cercle-pairwise","options":{"a":"A","b":"B"},"pairs":[["a","b",1],["b","a","1/2"]],"version":1}',
    '{"ballots":[["a>b",3],["b","1/2"]],"format":"cercle-ballots","kind":"ranking","options":{"a":"A","b":"B"},"version":1}',
)


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """A valid file with something cut out of it, put in or doubled."""
    text = draw(st.sampled_from(VALID))
    for _ in range(draw(st.integers(1, 4))):
        at, end = sorted((draw(st.integers(0, len(text))), draw(st.integers(0, len(text)))))
        put = draw(st.one_of(st.text("0123456789ab,;:=><[]{}#\"'/*-.\n\t \ud7ff", max_size=6), st.just(text[at:end])))
        text = text[:at] + put + text[draw(st.sampled_from([at, end])) :]
    return text.encode()


def _is_whole(found: Ballots | Pairwise) -> bool:
    """Whether what was read is all there: nothing empty, nothing that does not add up."""
    if isinstance(found, Pairwise):
        return all(row.keys() == found.options.keys() - {one} for one, row in found.pairs.items())
    sums = found.rows if found.apart is None else by_ballot(found.apart)
    return found.rows == sums and all(weight > 0 for weight in found.rows.values())


@pytest.mark.parametrize("written_in", FORMATS)
@pytest.mark.parametrize("wanted", [None, "ranking"])
class TestOnlyMalformedEscapes:
    @given(st.one_of(broken(), st.binary(max_size=80), st.text(max_size=80).map(lambda text: text.encode())))
    @example(b"2 1\n-1-2\n0\n")
    @example(b'{"kind":["one"]}')
    @example(b'{"ballots":[[[],1]]}')
    def test_whatever_a_file_holds(self, written_in: Format, wanted: Kind | None, content: bytes) -> None:
        try:
            found = read(io.BytesIO(content), written_in, wanted)
        except Malformed as error:
            told = error
        else:
            assert _is_whole(found)
            return
        assert min(told.line, told.column) >= 1
        assert told.said("en") != told.said("fr")


def test_the_examples_of_the_page_are_read() -> None:
    page = (Path(__file__).parents[2] / "docs" / "formats.md").read_text("utf-8")
    written_down = re.findall(r"```(\w+)\n(.*?)```", page, re.DOTALL)
    examples = {name: text for name, text in reversed(written_down) if name in FORMATS}
    assert set(examples) == set(FORMATS)
    found = {written_in: read_text(examples[written_in], written_in) for written_in in FORMATS}
    assert {one.kind for one in found.values()} == {"ranking"}
    assert "".join(written(found["json"], "json")) == examples["json"]
    assert found["blt"].rows == {"ann>chloe>dan": 3, "dan>ann=chloe": Fraction(1, 2), "chloe": 1, "blank": 2}
    table, record = (text for _, text in written_down if "pairwise" in text)
    assert read_pairs(table, "csv").pairs["nashville"] == {"memphis": 58, "knoxville": 83}
    assert read_pairs(record, "json").pairs == {"m": {"n": 42}, "n": {"m": 58}}
    row, electors = (text for name, text in written_down if name == "text" and "pairwise" not in text)
    whole = examples["json"].replace('["apple>pear",3]', row.strip().replace("for", "apple>pear"))
    told = read_text(whole.replace('"format"', electors.strip() + ',\n"format"'), "json")
    assert told.apart is not None
    assert told.apart["apple>pear", "workers", "lyon"] == {"heads": 3, "votes": Fraction(7, 2)}
    assert [one.number for one in told.electors or ()] == [9, 4, 1]
    assert "".join(written(told, "json")).count(electors.strip()) == 1


@given(ballots())
def test_a_kind_fits_itself(cast: Ballots) -> None:
    assert fitted(cast, cast.kind) is cast
