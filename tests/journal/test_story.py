"""The log of a whole story, recomputed with nothing but hashlib and json: hashes, links, order, no personal data."""

import base64
import hashlib
import json
from collections import defaultdict
from typing import Any

from sqlalchemy import select
from sqlmodel import SQLModel

from app.audit.verification import verify_streams
from tests.api.exports import exported
from tests.api.world import World

PEOPLE = ["Anastasia", "Bertrand", "Clothilde", "Dieudonné", "Emmanuelle", "Ferdinand"]
TEXTS = {
    "objection": "Sans justificatif, la comptable refuse la dépense.",
    "question": "Est-ce que les commandes urgentes sont comprises ?",
    "answer": "Oui, toutes les commandes de moins de cinquante euros.",
    "judgment": "Cette objection nomme la loi qu'elle protège.",
    "amendment": "Une dépense est remboursée contre son justificatif.",
    "concern": "Les justificatifs en papier se perdent souvent.",
    "departure": "Fin de ses études à Rennes.",
}


async def tell_the_story(world: World) -> None:
    """A consent process with an objection, a vote, and somebody who leaves."""
    await world.circle("gestion", PEOPLE, options={"judge": "facilitator_logic", "skip_confirm": True})
    path = await world.admitted("Anastasia", "gestion", "Bertrand", title="Remboursement des frais")
    body = {"revision": 1, "text": TEXTS["question"]}
    asked = await world.do("Clothilde", "POST", f"{path}/questions", body)
    body = {"revision": 1, "about": asked["ref"], "text": TEXTS["answer"]}
    await world.do("Anastasia", "POST", f"{path}/answers", body)
    await world.pass_time(days=10)
    objection = {"value": "objection", "revision": 1, "harms": "aim", "text": TEXTS["objection"]}
    await world.do("Dieudonné", "POST", f"{path}/positions", objection)
    await world.answer(["Bertrand", "Clothilde", "Emmanuelle", "Ferdinand"], path)
    body = {"value": "valid", "revision": 1, "text": TEXTS["judgment"]}
    await world.do("Bertrand", "POST", f"{path}/judgments", body)
    body = {"value": "substantive", "revision": 1, "body": TEXTS["amendment"]}
    await world.do("Anastasia", "POST", f"{path}/amendments", body)
    for name in ("Anastasia", "Dieudonné"):
        await world.do(name, "POST", f"{path}/settlements", {"revision": 2})
    body = {"value": "consent_with_concern", "revision": 2, "text": TEXTS["concern"]}
    await world.do("Emmanuelle", "POST", f"{path}/positions", body)
    await world.answer(["Bertrand", "Clothilde", "Dieudonné", "Ferdinand"], path, revision=2)
    assert (await world.do("Anastasia", "GET", path))["state"] == "adopted"
    await world.circle("accueil", PEOPLE, rule="majority", options={})
    path = await world.admitted("Bertrand", "accueil", "Clothilde", title="Horaires de l'accueil")
    for name in PEOPLE[:4]:
        await world.do(name, "POST", f"{path}/ballots", {"value": "for", "revision": 1})
    member = world.members["Ferdinand"].id
    await world.do("Salomé", "POST", f"/v1/members/{member}/departure", {"reason": TEXTS["departure"]})
    await world.do("Emmanuelle", "POST", f"{path}/ballots", {"value": "against", "revision": 1})


def hashed(leaf: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(b"\x00" + leaf).digest()).decode().rstrip("=")


async def test_every_leaf_hashes_links_and_commits_to_its_disclosures(world: World) -> None:
    await tell_the_story(world)
    streams: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in await exported(world):
        assert hashed(line["leaf"].encode()) == line["leaf_hash"]
        envelope = json.loads(line["leaf"])
        assert envelope == line["envelope"]
        again = json.dumps(envelope, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert again == line["leaf"], "the leaf is in canonical form"
        digests = [
            base64.urlsafe_b64encode(hashlib.sha256(one["disclosure"].encode()).digest()).decode().rstrip("=")
            for one in line["disclosures"]
        ]
        assert line["erased"] == 0
        assert set(digests) <= set(envelope["sd"])
        assert len(digests) + line["withheld"] == len(envelope["sd"])
        assert envelope["sd"] == sorted(envelope["sd"])
        streams[envelope["stream"]].append(line)
    assert len(streams) > 15
    for lines in streams.values():
        assert [line["envelope"]["seq"] for line in lines] == list(range(len(lines)))
        assert [line["envelope"]["prev"] for line in lines] == [None, *(line["leaf_hash"] for line in lines[:-1])]
    async with world.database.read() as session:
        report = await verify_streams(session, world.steward.organisation_id)
    assert report.is_whole
    assert report.pending == 0


async def test_no_personal_data_stands_in_any_leaf(world: World) -> None:
    await tell_the_story(world)
    lines = await exported(world)
    leaves = "\n".join(line["leaf"] for line in lines)
    written = {*TEXTS.values(), *PEOPLE, "Salomé", "Remboursement des frais", "Horaires de l'accueil", "@"}
    assert not [one for one in written if one.lower() in leaves.lower()]
    assert not [str(member.id) for member in world.members.values() if str(member.id) in leaves]
    told = "\n".join(str(one["value"]) for line in lines for one in line["disclosures"])
    for one in [*TEXTS.values(), *PEOPLE, "Remboursement des frais"]:
        assert one in told, "the search itself must be able to find what is there"
    assert not await _free_texts_in(world, leaves)
    assert _shapes_of_positions(lines) == 1
    for line in lines:
        if line["envelope"]["type"] in ("word.said", "ballot.cast"):
            assert not {"consent", "objection", "for", "against"} & set(map(str, line["envelope"]["data"].values()))


async def _free_texts_in(world: World, leaves: str) -> list[tuple[str, str]]:
    """Whatever any table holds as free text, if it stands in a leaf; words shorter than a name are codes."""
    free = {
        "name",
        "title",
        "body",
        "text",
        "driver",
        "example",
        "requirement",
        "aim",
        "purpose",
        "description",
        "email",
    }
    found = []
    async with world.database.read() as session:
        for table in SQLModel.metadata.sorted_tables:
            columns = [column for column in table.c if column.name in free]
            if table.name.startswith("journal_") or not columns:
                continue
            for row in await session.execute(select(*columns)):
                values = (str(value) for value in row if value not in (None, "facilitator", "secretary"))
                found += [(table.name, value) for value in values if len(value) >= 8 and value in leaves]
    return found


def _shapes_of_positions(lines: list[dict[str, Any]]) -> int:
    """How many kinds of leaf a position makes: one, whatever is said, or the shape would tell."""
    positions = [
        line["envelope"]
        for line in lines
        if line["envelope"]["type"] == "word.said" and line["envelope"]["data"]["form"] == "position"
    ]
    assert len(positions) > 5
    return len({(len(one["sd"]), tuple(one["data"]), len(json.dumps(one["data"]))) for one in positions})
