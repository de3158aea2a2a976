"""Electors in groups of those who are alike, and the ballots of people who are: the same values, told in less."""

from dataclasses import replace
from fractions import Fraction

import pytest

from app.rules.electorate import Electorate, Group, Voter
from app.rules.profile import Heads, Profile, heads

ANA, BILAL = Voter("ana", "s"), Voter("bilal", "s")
CHLOE = Voter("chloe", "p", measures={"shares": Fraction(3)}, recused="vote")


def test_the_order_of_naming_is_nothing() -> None:
    one, other = Electorate((ANA, BILAL, CHLOE)), Electorate((CHLOE, BILAL, ANA))
    assert one == other
    assert hash(one) == hash(other)
    assert one != Electorate((ANA, BILAL))
    assert one != "three members"
    assert one.voters == (ANA, BILAL, CHLOE)
    assert "bilal" in repr(one)


def test_groups_are_those_who_are_alike() -> None:
    everybody = Electorate((ANA, BILAL, CHLOE))
    assert everybody == Electorate.of(
        [Group(Voter("", "s"), ("ana", "bilal")), Group(replace(CHLOE, id=""), ("chloe",)), Group(ANA, ())]
    )
    assert [len(group.members) for group in everybody.groups] == [1, 2]
    assert len(everybody) == 3
    assert everybody.total() == everybody.total("shares") == 3
    assert everybody.voting.ids == {"ana", "bilal"}
    assert "chloe" in everybody
    assert "chloe" not in everybody.without(["chloe", "nobody"])
    assert everybody.without([]) is everybody


def test_heads_are_rows_like_any_others() -> None:
    rows = Heads({"for": 3, "against": 2}, "s", "u")
    assert dict(rows) == {("against", "s", "u"): {"heads": 2}, ("for", "s", "u"): {"heads": 3}}
    assert rows == {("against", "s", "u"): heads(2), ("for", "s", "u"): heads(3)}
    assert len(rows) == len(dict(rows))
    for cell in (("for", "", "u"), ("blank", "s", "u")):
        with pytest.raises(KeyError):
            rows[cell]
    profile = Profile(rows)
    assert (profile.heads, list(profile.total())) == (5, ["against", "for"])
    assert profile.total("shares") == {"against": 0, "for": 0}
