"""A file that breaks its format is refused with line, column and a sentence, and nothing of it is kept."""

import io
import re
import tomllib
from importlib.resources import files
from typing import Final

import pytest

from app.formats.files import Format, read
from app.formats.malformed import Malformed
from app.formats.source import MOST_LINE
from app.foundation.language import LANGUAGES
from app.rules import papers

WHOLE: Final = b'"format":"cercle-ballots","kind":"ranking","options":{"a":"A","b":"B"},"version":1}'
PAIRS: Final = b'"format":"cercle-pairwise","options":{"a":"A","b":"B"},"version":1}'
ENDED: Final = b"2 1\n1 1 2 0\n0\n"

REFUSED: Final[tuple[tuple[Format, bytes, int, int, str], ...]] = (
    ("csv", b"", 1, 1, "csv_no_ballots"),
    ("csv", b"count\n3\n", 1, 1, "csv_no_ballots"),
    ("csv", b"count,ballot\n1,a\n\xff", 3, 1, "not_utf8"),
    ("csv", "count,ballot\n1,é".encode() + b"\xe9", 2, 4, "not_utf8"),
    ("csv", "ballot\na".encode("utf-16"), 1, 1, "not_utf8"),
    ("csv", b"ballot\n" + b"a" * (MOST_LINE + 1), 2, MOST_LINE, "line_too_long"),
    ("csv", b"ballot,color\n", 1, 2, "csv_column_unknown"),
    ("csv", b"ballot,count,Count\n", 1, 3, "csv_column_twice"),
    ("csv", b"rank:A,points:B\n", 1, 2, "csv_columns_mixed"),
    ("csv", b"ballot,count\na\n", 2, 2, "csv_cells"),
    ("csv", b"ballot,count\na,1,2\n", 2, 3, "csv_cells"),
    ("csv", b"ballot,count\na,-1\n", 2, 2, "weight_unreadable"),
    ("csv", b"ballot,count\na,1e3\n", 2, 2, "weight_unreadable"),
    ("csv", b"ballot,count\na,1\nb,\n", 3, 2, "weight_unreadable"),
    ("csv", b'ballot,count\na,1\n\n\n"b\nc",x\n', 5, 2, "weight_unreadable"),
    ("csv", b'ballot,count\n"a,1\nb,2\n', 2, 1, "csv_quotes"),
    ("csv", b'ballot,count\n"a"b,1\n', 2, 1, "csv_quotes"),
    ("csv", b"rank:A,rank:B\n1,2\n1,zero\n", 3, 2, "csv_rank"),
    ("csv", b"rank:A,rank:B\n1,0\n", 2, 2, "csv_rank"),
    ("csv", b"points:A,points:B\n1,2\n1,0.5\n", 3, 2, "points_unreadable"),
    ("csv", b"mark:A,mark:B\nx,\n,yes\n", 3, 2, "csv_mark"),
    ("csv", b"ballot,rank:A,rank:B\nA,1,2\n", 2, 1, "csv_said_twice"),
    ("csv", b"ballot\na>b>a\n", 2, 1, "ballot_option_twice"),
    ("csv", b'ballot\n"a:5,a:4"\n', 2, 1, "ballot_option_twice"),
    ("csv", b'ballot\n"a:5,b:x"\n', 2, 1, "points_unreadable"),
    ("csv", b"ballot\na>\n", 2, 1, "name_empty"),
    ("csv", b"ballot\na>b\na:5\n", 3, 1, "kinds_mixed"),
    ("csv", b'ballot\na>b\n"a,b"\n', 3, 1, "kinds_mixed"),
    ("csv", b"rank:A,rank:A\n1,2\n", 1, 2, "option_twice"),
    ("csv", "rank:A,rank:\u202eB\n".encode(), 1, 2, "name_unprintable"),
    ("csv", b"rank:A,rank:" + b"b" * 201, 1, 2, "name_too_long"),
    ("csv", ",".join(f"rank:o{number}" for number in range(201)).encode(), 1, 201, "too_many_options"),
    ("csv", b"ballot,college\na,Ouvri\xc3\xa8res\n", 2, 2, "college_unreadable"),
    ("csv", b"ballot,college\na,12\n", 2, 2, "college_unreadable"),
    ("csv", b"ballot,unit\na,x\na,Lyon\n", 3, 2, "unit_unreadable"),
    ("csv", b"ballot,unit,Unit\n", 1, 3, "csv_column_twice"),
    ("csv", b"ballot,weight:votes,weight: votes\n", 1, 3, "csv_column_twice"),
    ("csv", b"ballot,weight:heads\n", 1, 2, "measure_unreadable"),
    ("csv", b"ballot,weight:\n", 1, 2, "measure_unreadable"),
    ("csv", b"ballot,weight:votes\na,1/3\na,\n", 3, 2, "figure_unreadable"),
    ("csv", b"ballot,weight:votes\na,-1\n", 2, 2, "figure_unreadable"),
    ("csv", b"ballot,weight:votes\na," + b"9" * 4_001 + b"\n", 2, 2, "figure_unreadable"),
    ("csv", b"count,ballot,weight:votes\n1,a,2\n1/2,a,2\n", 3, 1, "count_not_whole"),
    ("csv", b"ballot,college,college_name\na,w,Workers\na,w,Users\n", 3, 3, "college_misnamed"),
    ("csv", b"ballot,college,college_name\na,,Workers\n", 2, 3, "college_misnamed"),
    ("csv", b"college,count\nw,1\n", 1, 1, "csv_no_ballots"),
    ("csv", b"pairwise,A,B\nA,,1\n", 2, 1, "pairs_missing"),
    ("csv", b"pairwise,A,B\nA,,1\nB,2,\n\nA,,1\n", 5, 1, "pairs_twice"),
    ("csv", b"pairwise,A,B\nA,,1\nC,2,\n", 3, 1, "pairs_unknown"),
    ("csv", b"pairwise,A,B\nA,3,1\n", 2, 2, "pairs_diagonal"),
    ("csv", b"pairwise,A,B\nA,,x\n", 2, 3, "weight_unreadable"),
    ("csv", b"pairwise,A,B\nA,,\n", 2, 3, "weight_unreadable"),
    ("csv", b"pairwise,A,B\nA,1\n", 2, 3, "csv_cells"),
    ("csv", b"pairwise,A,A\n", 1, 3, "option_twice"),
    ("csv", b"pairwise,A,\n", 1, 3, "name_empty"),
    ("csv", b"pairwise,A,B\n", 1, 1, "pairs_missing"),
    ("blt", b"", 1, 1, "blt_ends_early"),
    ("blt", b"2 1\n1 1 2 0\n", 3, 1, "blt_ends_early"),
    ("blt", b"3\n", 1, 1, "blt_head"),
    ("blt", b"201 1\n", 1, 1, "number_unreadable"),
    ("blt", b"2 x\n", 1, 3, "number_unreadable"),
    ("blt", b"2 1\n# two\n1 1 2\n0\n", 3, 6, "blt_unended"),
    ("blt", b"2 1\n1\n0\n", 2, 2, "blt_unended"),
    ("blt", b"2 1\n1 1 0 2 0\n0\n", 2, 5, "blt_after_end"),
    ("blt", b"2 1\n1  1  3 0\n0\n", 2, 7, "blt_no_candidate"),
    ("blt", b"2 1\n1 1=3 0\n0\n", 2, 3, "blt_no_candidate"),
    ("blt", b"2 1\n-3\n1 1 2 0\n0\n", 2, 1, "blt_no_candidate"),
    ("blt", b"2 1\n1 1 x 0\n0\n", 2, 5, "blt_word"),
    ("blt", b"2 1\n1 1 -2 0\n0\n", 2, 5, "blt_word"),
    ("blt", b"2 1\n1 1 2 1 0\n0\n", 2, 7, "candidate_twice"),
    ("blt", b"2 1\n-1\n1 1 2 1 0\n0\n", 3, 7, "candidate_twice"),
    ("blt", b"2 1\nx 1 2 0\n0\n", 2, 1, "weight_unreadable"),
    ("blt", b"2 1\n1 1 2 0\n-2\n0\n", 3, 1, "weight_unreadable"),
    ("blt", b"2 1\n0 1 2 0\n0\n", 2, 1, "blt_no_weight"),
    ("blt", ENDED + b'"A"\n', 4, 1, "blt_names_missing"),
    ("blt", ENDED + b'"A"\n"A"\n', 5, 2, "option_twice"),
    ("blt", ENDED + b'"A"\n"B\n', 5, 1, "blt_quotes"),
    ("blt", ENDED + b'"A" x\n"B"\n', 4, 5, "blt_quotes"),
    ("blt", ENDED + b'"A"\n""\n', 5, 2, "name_empty"),
    ("blt", ENDED + b'"A"\n"B"\n"T"\n"1"\n"2"\n"3"\n', 9, 2, "blt_too_much"),
    ("abif", b"hello\n", 1, 1, "abif_line"),
    ("abif", b"x:a>b\n", 1, 1, "weight_unreadable"),
    ("abif", b"3:a>b\n2:a b\n", 2, 5, "abif_mark"),
    ("abif", b"3:[a>b\n", 1, 3, "abif_mark"),
    ("abif", b"3:a/1234567\n", 1, 4, "abif_mark"),
    ("abif", b"3:a/1.5\n", 1, 4, "abif_mark"),
    ("abif", b"3:a>\n", 1, 5, "abif_sign_last"),
    ("abif", b"3:a>b,c\n", 1, 3, "abif_signs_mixed"),
    ("abif", b"3:a/5,b\n", 1, 7, "abif_points_missing"),
    ("abif", b"3:a/1>b/2\n", 1, 7, "abif_points_against_ranks"),
    ("abif", b"3:a/1=b/2\n", 1, 7, "abif_points_against_ranks"),
    ("abif", b"3:a>b>a\n", 1, 7, "ballot_option_twice"),
    ("abif", b"=a:Apple\n", 1, 1, "abif_call"),
    ("abif", b"=a:[A]\n=b:[A]\n", 2, 5, "option_twice"),
    ("abif", b"{title}\n", 1, 1, "abif_about"),
    ("abif", b'{"seats": 0}\n', 1, 1, "number_unreadable"),
    ("abif", b"3:a>b\n2:a/3\n", 2, 3, "kinds_mixed"),
    ("abif", b"3:[ ]>b\n", 1, 4, "name_empty"),
    ("json", b"", 1, 1, "json_unreadable"),
    ("json", b"[]", 1, 1, "json_unreadable"),
    ("json", b"\xff", 1, 1, "not_utf8"),
    ("json", b'{\n"title":"\xff', 2, 10, "not_utf8"),
    ("json", b'{"ballots":[["a",1]', 1, 20, "json_unreadable"),
    ("json", b'{"ballots":' + b"[" * 100_000, 1, 13, "json_unreadable"),
    ("json", b'{"seats":' + b"1" * 5_000, 1, 10, "json_unreadable"),
    ("json", b'{"ballots":[],' + WHOLE + b" x", 1, 99, "json_unreadable"),
    ("json", b"{1:2}", 1, 2, "json_unreadable"),
    ("json", b'{"seats":1,}', 1, 12, "json_unreadable"),
    ("json", b'{"x":1}', 1, 2, "json_name_unknown"),
    ("json", b'{"seats":1,\n"seats":1}', 2, 1, "json_name_twice"),
    ("json", b"{}", 1, 3, "json_name_missing"),
    ("json", b'{"version":2}', 1, 12, "json_format"),
    ("json", b'{"version":true}', 1, 12, "json_format"),
    ("json", b'{"format":"x"}', 1, 11, "json_format"),
    ("json", b'{"kind":"best"}', 1, 9, "json_kind"),
    ("json", b'{"ballots":[\n["a",1],\n["a"]]}', 3, 1, "json_row"),
    ("json", b'{"ballots":[["a",0.5]]}', 1, 13, "weight_unreadable"),
    ("json", b'{"ballots":[["a",true]]}', 1, 13, "weight_unreadable"),
    ("json", b'{"ballots":[["a",0]]}', 1, 13, "weight_unreadable"),
    ("json", b'{"ballots":[["a","2/4"]]}', 1, 13, "weight_unreadable"),
    ("json", b'{"options":[]}', 1, 12, "json_options"),
    ("json", b'{"options":{"A":"x"}}', 1, 12, "json_option"),
    ("json", b'{"options":{"blank":"x"}}', 1, 12, "json_option"),
    ("json", b'{"options":{"a":"x","b":"x"}}', 1, 12, "json_names_twice"),
    ("json", b'{"options":{"a":"\\ud800"}}', 1, 12, "name_unprintable"),
    ("json", b'{"title":" x"}', 1, 10, "json_title"),
    ("json", b'{"seats":true}', 1, 10, "number_unreadable"),
    ("json", b'{"ballots":[\n["a",1],\n["a",2]],' + WHOLE, 3, 1, "json_ballot_twice"),
    ("json", b'{"ballots":[\n["b=a",1]],' + WHOLE, 2, 1, "json_not_canonical"),
    ("json", b'{"ballots":[\n["c",1]],' + WHOLE, 2, 1, "ballot_unknown_option"),
    ("json", b'{"ballots":[\n["a:1",1]],' + WHOLE, 2, 1, "ballot_unreadable"),
    ("json", b'{"ballots":[\n["a>a",1]],' + WHOLE, 2, 1, "ballot_option_twice"),
    ("json", b'{"options":{"a":"A",\n"a":"B"}}', 1, 12, "json_name_twice"),
    ("json", b'{"ballots":[["a",1,{}]]}', 1, 13, "json_people"),
    ("json", b'{"ballots":[["a",1,[]]]}', 1, 13, "json_people"),
    ("json", b'{"ballots":[["a",1,{"college":""}]]}', 1, 13, "json_people"),
    ("json", b'{"ballots":[["a",1,{"unit":1}]]}', 1, 13, "json_people"),
    ("json", b'{"ballots":[["a",1,{"weights":{}}]]}', 1, 13, "json_people"),
    ("json", b'{"ballots":[["a",1,{"weights":[1]}]]}', 1, 13, "json_people"),
    ("json", b'{"ballots":[["a",1,{"color":"red"}]]}', 1, 13, "json_name_unknown"),
    ("json", b'{"ballots":[["a",1,{"unit":"b","unit":"c"}]]}', 1, 13, "json_name_twice"),
    ("json", b'{"ballots":[\n["a",1],\n["a",1,{"college":"7"}]]}', 3, 1, "college_unreadable"),
    ("json", b'{"ballots":[["a",1,{"unit":"L"}]]}', 1, 13, "unit_unreadable"),
    ("json", b'{"ballots":[["a",1,{"weights":{"V":1}}]]}', 1, 13, "measure_unreadable"),
    ("json", b'{"ballots":[["a",1,{"weights":{"v":0.5}}]]}', 1, 13, "figure_unreadable"),
    ("json", b'{"ballots":[["a",1,{"weights":{"v":true}}]]}', 1, 13, "figure_unreadable"),
    ("json", b'{"ballots":[["a",1,{"weights":{"v":"4/2"}}]]}', 1, 13, "figure_unreadable"),
    ("json", b'{"ballots":[["a",1,{"weights":{"v":-1}}]]}', 1, 13, "figure_unreadable"),
    ("json", b'{"ballots":[["a","1/2",{"weights":{"v":1}}]]}', 1, 13, "count_not_whole"),
    ("json", b'{"ballots":[["a",1,{"unit":"l"},1]]}', 1, 13, "json_row"),
    ("json", b'{"ballots":[["a",1000000000000000]]}', 1, 13, "weight_unreadable"),
    ("json", b'{"ballots":[["a","1/1000000000"]]}', 1, 13, "weight_unreadable"),
    ("json", b'{"ballots":[\n["a",1,{"unit":"l"}],\n["a",1,{"unit":"l"}]],' + WHOLE, 3, 1, "json_ballot_twice"),
    ("json", b'{"electors":[{}]}', 1, 14, "json_people"),
    ("json", b'{"electors":[{"number":0}]}', 1, 14, "json_people"),
    ("json", b'{"electors":[{"number":true}]}', 1, 14, "json_people"),
    ("json", b'{"electors":[{"number":100000001}]}', 1, 14, "json_people"),
    ("json", b'{"electors":[{"number":2,"left":3}]}', 1, 14, "json_people"),
    ("json", b'{"electors":[{"number":2,"left":0}]}', 1, 14, "json_people"),
    ("json", b'{"electors":[{"number":2,"recused":"yes"}]}', 1, 14, "json_people"),
    ("json", b'{"electors":[{"number":2,"name":"Ana"}]}', 1, 14, "json_name_unknown"),
    ("json", b'{"ballots":[],"electors":[\n{"number":2},\n{"number":3}],' + WHOLE, 3, 1, "json_electors_twice"),
    ("json", b'{"colleges":{}}', 1, 13, "json_colleges"),
    ("json", b'{"colleges":{"w":" x"}}', 1, 13, "json_colleges"),
    ("json", b'{"colleges":{"":"x"}}', 1, 13, "json_colleges"),
    ("json", b'{"colleges":{"1":"x"}}', 1, 13, "college_unreadable"),
    ("json", b'{"colleges":{"w":""}}', 1, 13, "name_empty"),
    ("json", b'{"author":"Ana"}', 1, 11, "json_author"),
    ("json", b'{"pairs":[["a","b"]]}', 1, 11, "json_pair"),
    ("json", b'{"pairs":[["a","b",-1]]}', 1, 11, "figure_unreadable"),
    ("json", b'{"pairs":[["a","b","2/2"]]}', 1, 11, "figure_unreadable"),
    ("json", b'{"pairs":[\n["a","b",1],\n["a","c",1]],' + PAIRS, 3, 1, "ballot_unknown_option"),
    ("json", b'{"pairs":[\n["a","b",1],\n["a","b",1]],' + PAIRS, 3, 1, "pairs_twice"),
    ("json", b'{"pairs":[\n["a","a",1]],' + PAIRS, 2, 1, "pairs_twice"),
    ("json", b'{"pairs":[["a","b",1]],' + PAIRS, 1, 91, "pairs_missing"),
    ("json", b'{"pairs":[],' + WHOLE, 1, 13, "json_format"),
    ("json", b'{"ballots":[],"pairs":[],' + PAIRS, 1, 2, "json_name_unknown"),
    ("json", b'{"pairs":[],"seats":1,' + PAIRS, 1, 13, "json_name_unknown"),
    ("json", b'{"ballots":[],"kind":"one",' + PAIRS, 1, 28, "json_format"),
)


@pytest.mark.parametrize(("written_in", "content", "line", "column", "code"), REFUSED)
def test_it_is_refused_where_it_breaks(written_in: Format, content: bytes, line: int, column: int, code: str) -> None:
    with pytest.raises(Malformed) as refused:
        read(io.BytesIO(content), written_in)
    error = refused.value
    assert (error.line, error.column, error.code) == (line, column, code)
    for language in LANGUAGES:
        assert not re.search(r"[{}]", error.said(language).replace('{"title": "..."}', ""))


def test_a_file_read_whole_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.formats.source.MOST_WHOLE", 10)
    with pytest.raises(Malformed) as refused:
        read(io.BytesIO(b"{}" + b" " * 9), "json")
    assert (refused.value.line, refused.value.code) == (1, "file_too_long")


def test_what_is_quoted_from_a_file_steers_no_terminal() -> None:
    with pytest.raises(Malformed) as refused:
        read(io.BytesIO(b"3:a \x1b[31m"), "abif")
    assert "\x1b" not in refused.value.said("en")
    assert "\ufffd[31m" in refused.value.said("en")


def test_every_code_has_a_sentence_and_every_sentence_a_code() -> None:
    sources = "".join(one.read_text("utf-8") for one in files("app.formats").iterdir() if one.name.endswith(".py"))
    sources += str(files(papers.__package__ or "").joinpath("papers.py").read_text("utf-8"))
    texts = tomllib.loads(files("app.formats").joinpath("texts.toml").read_text("utf-8"))
    raised = set(re.findall(r'(?:Fault|_Word|fault|BadBallot|_unreadable)\(\s*"(\w+)"', sources))
    told = set(texts["malformed"])
    never = {"ballot_equal_ranks", "ballot_over_budget"}  # the widest papers allow both
    assert raised - never <= told
    assert all(f'"{code}"' in sources for code in told)
    assert set(re.findall(r'Unfit\("(\w+)"', sources)) <= set(texts["unfit"])
    assert all(f'"{code}"' in sources for code in texts["unfit"])
    assert all(set(entry) == {"en", "fr"} for section in texts.values() for entry in section.values())
