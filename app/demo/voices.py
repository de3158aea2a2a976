"""The people of the demonstration as callers of the HTTP API, each with a token of their own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from app.demo.script import MemberPart
from app.demo.stage import Stage
from app.demo.wording import Trouble
from app.foundation.language import Language


@dataclass(frozen=True, slots=True)
class Answer:
    """What the API answered to one request."""

    method: str
    path: str
    status: int
    body: Any
    headers: Mapping[str, str]


class Voices:
    """Speaks to the service over the loopback, on behalf of any member."""

    def __init__(self, stage: Stage, slug: str, everybody: Mapping[str, MemberPart], language: Language) -> None:
        self.requests = 0
        self._stage = stage
        self._slug = slug
        self._everybody = everybody
        self._tokens: dict[str, str] = {}
        self._client = httpx.AsyncClient(
            base_url=stage.address, headers={"Accept-Language": language}, trust_env=False, timeout=30
        )

    async def close(self) -> None:
        """Hang up."""
        await self._client.aclose()

    async def token(self, who: str) -> str:
        """The token of the member with that key."""
        if who not in self._tokens:
            self._tokens[who] = await self._stage.token(self._slug, self._everybody[who].email)
        return self._tokens[who]

    async def get(self, who: str, path: str) -> Any:
        """What this member reads at ``path``. Raises Trouble unless it succeeds."""
        return (await self.call(who, "GET", path)).body

    async def post(self, who: str, path: str, body: Any = None) -> Any:
        """What this member is answered. Raises Trouble unless it succeeds."""
        return (await self.call(who, "POST", path, body)).body

    async def all(self, who: str, path: str) -> list[Any]:
        """A list with all its pages."""
        found: list[Any] = []
        cursor: dict[str, str] = {}
        while True:
            page = (await self.call(who, "GET", path, params={"limit": "200", **cursor})).body
            found.extend(page["items"])
            if page["next"] is None:
                return found
            cursor = {"cursor": page["next"]}

    async def call(
        self, who: str, method: str, path: str, body: Any = None, *, params: Mapping[str, str] | None = None,
        **headers: str,
    ) -> Answer:  # fmt: skip
        """One request of this member. Raises Trouble with the API's own sentence unless it succeeds."""
        sent = {"Authorization": f"Bearer {await self.token(who)}"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        answer = await self._client.request(method, path, json=body, headers=sent, params=params)
        self.requests += 1
        if not answer.is_success:
            detail = _sentence(answer)
            name = self._everybody[who].name
            raise Trouble("request", who=name, method=method, path=path, status=answer.status_code, detail=detail)
        content = answer.json() if answer.headers.get("content-type", "").startswith("application/json") else None
        return Answer(method, path, answer.status_code, content, answer.headers)


def _sentence(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
    except ValueError:
        return answer.text[:200]
    faults = [f"{fault['pointer']} {fault['detail']}" for fault in problem.get("errors", [])]
    return " ".join([str(problem.get("detail", problem)), *faults])
