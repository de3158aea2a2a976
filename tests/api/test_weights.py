"""What members weigh: dated, exact, recorded by stewards, and frozen with the electorate of what opens later."""

from uuid import UUID

from app.proposals.deliberation.cases import load
from app.rules.canonical import to_json
from tests.api.world import World

PEOPLE = ["Ana", "Bilal", "Chloé"]


async def test_a_weight_is_recorded_and_frozen_at_admission(world: World) -> None:
    await world.circle("gestion", PEOPLE, rule="majority", options={})
    member = f"/v1/members/{world.members['Bilal'].id}/weight"
    made = await world.do("Salomé", "POST", member, {"unit": "lyon", "measures": {"votes": "2", "members": "120"}})
    assert made == {
        "unit": "lyon",
        "measures": {"members": "120", "votes": "2"},
        "valid_from": "2026-03-02",
        "valid_to": None,
    }
    path = await world.admitted("Ana", "gestion", "Bilal")
    await world.do("Salomé", "POST", member, {"measures": {"votes": "3"}, "valid_from": "2026-03-03"})
    await world.vote(["Bilal"], path, "for")
    async with world.database.read() as session:
        running = await load(session, world.steward.organisation_id, UUID(path.rpartition("/")[2]))
    bilal = next(v for v in running.case.electorate.voters if v.id == world.members["Bilal"].pseudonym)
    assert (bilal.unit, to_json(dict(bilal.measures))) == ("lyon", {"heads": "1", "members": "120", "votes": "2"})
    profile = running.case.held[0].profile
    assert profile is not None
    assert to_json(dict(profile.rows["for", "", "lyon"])) == {"heads": "1", "members": "120", "votes": "2"}


async def test_only_stewards_weigh_and_only_exactly(world: World) -> None:
    await world.circle("gestion", PEOPLE)
    member = f"/v1/members/{world.members['Bilal'].id}/weight"
    assert (await world.call("Ana", "POST", member, {"measures": {"votes": "2"}})).status_code == 403
    for measures in ({"votes": "1.5"}, {"votes": 2}, {"heads": "2"}, {"Votes": "2"}, {"votes": "-1"}):
        refused = await world.call("Salomé", "POST", member, {"measures": measures})
        assert refused.status_code == 422, measures
    past = {"measures": {"votes": "2"}, "valid_from": "2026-03-02"}
    await world.do("Salomé", "POST", member, past)
    earlier = await world.call("Salomé", "POST", member, {**past, "valid_from": "2026-03-01"})
    assert earlier.json()["errors"][0]["code"] == "dates_out_of_order"
