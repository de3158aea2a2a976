"""How often one credential, one address or one e-mail may call; counted in this process's memory."""

from typing import Final
from uuid import UUID

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter

from app.foundation.errors import TooMany


class TooOften(TooMany):
    """The allowance of this credential is used up until the window ends."""

    code = "too_often"


class TooManySignIns(TooMany):
    """Too many sign-in attempts or links for one address or one e-mail."""

    code = "too_many_sign_ins"


class Limiter:
    """Fixed windows; ``count/period`` as in ``600/minute``, empty for no limit."""

    def __init__(self, rate: str, sign_in_rate: str) -> None:
        self._windows: Final = FixedWindowRateLimiter(MemoryStorage())
        self._rate = parse(rate) if rate else None
        self._sign_in_rate = parse(sign_in_rate) if sign_in_rate else None

    async def spend(self, credential_id: UUID) -> None:
        """Count one request of a credential. Raises TooOften (429)."""
        if self._rate is not None and not await self._windows.hit(self._rate, credential_id.hex):
            raise TooOften(headers=await self._headers(self._rate, credential_id.hex), limit=self._rate.amount)

    async def spend_sign_in(self, *whos: str) -> None:
        """Count one attempt against each address or e-mail in ``whos``. Raises TooManySignIns (429)."""
        rate = self._sign_in_rate
        if rate is None:
            return
        for who in whos:
            if not await self._windows.hit(rate, "sign-in", who):
                raise TooManySignIns(headers=await self._headers(rate, "sign-in", who), limit=rate.amount)

    async def _headers(self, rate: RateLimitItem, *who: str) -> dict[str, str]:
        window = await self._windows.get_window_stats(rate, *who)
        length = rate.get_expiry()
        return {
            "Retry-After": str(length),  # at the latest then; a window may well end before
            "RateLimit-Policy": f'"default";q={rate.amount};w={length}',
            "RateLimit": f'"default";r={window.remaining};t={length}',
        }
