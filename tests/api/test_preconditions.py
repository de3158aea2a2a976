"""Nobody overwrites what they have not read: ETag, If-Match, and the revision that an answer names."""

from tests.api.observing import changed, contents
from tests.api.world import World

PEOPLE = ["Ana", "Bilal", "Chloé", "Driss"]


async def test_replacing_a_text_needs_the_version_that_was_read(world: World) -> None:
    await world.circle("gestion", PEOPLE)
    draft = await world.draft("Ana", "gestion")
    path = f"/v1/proposals/{draft['id']}"
    text = {name: draft[name] for name in ("title", "body", "changes", "review_on")} | {"title": "Other"}
    read = await world.call("Ana", "GET", path)
    etag = read.headers["etag"]
    assert etag == f'"{read.json()["version"]}"'
    before = await contents(world)
    absent = await world.call("Ana", "PUT", f"{path}/text", text)
    assert (absent.status_code, absent.json()["code"]) == (428, "if_match_required")
    for stale in ('"77"', 'W/"1"', "1", "garbage"):
        refused = await world.call("Ana", "PUT", f"{path}/text", text, If_Match=stale)
        assert (refused.status_code, refused.json()["code"]) == (412, "stale"), stale
    assert changed(before, await contents(world)) == []
    done = await world.call("Ana", "PUT", f"{path}/text", text, If_Match=etag)
    assert (done.status_code, done.json()["title"], done.json()["edition"]) == (200, "Other", 2)
    assert done.headers["etag"] != etag
    assert (await world.call("Ana", "PUT", f"{path}/text", text, If_Match=etag)).status_code == 412
    assert (await world.call("Ana", "PUT", f"{path}/text", text, If_Match=f'"0", {done.headers["etag"]}')).is_success
    assert [one["edition"] for one in (await world.do("Ana", "GET", f"{path}/revisions"))["items"]] == [1, 2, 3]


async def test_an_answer_to_a_text_that_is_no_longer_in_force_is_stale(world: World) -> None:
    path = await world.at_objecting(PEOPLE)
    await world.answer(["Bilal"], path)
    amendment = {"value": "substantive", "body": "Within two weeks.", "revision": 1}
    await world.do("Ana", "POST", f"{path}/amendments", amendment)
    before = await contents(world)
    for revision in (1, 3, 10**30):
        refused = await world.call("Chloé", "POST", f"{path}/positions", {"value": "consent", "revision": revision})
        assert (refused.status_code, refused.json()["code"]) == (412, "stale_revision")
        assert refused.json()["facts"] == {"answered": str(revision), "current": "2"}
    assert changed(before, await contents(world)) == []


async def test_a_ballot_names_its_revision_too(world: World) -> None:
    path = await world.at_ballot(PEOPLE)
    refused = await world.call("Chloé", "POST", f"{path}/ballots", {"value": "for", "revision": 2})
    assert (refused.status_code, refused.json()["code"]) == (412, "stale_revision")
