"""How many requests are under way, and how many came within this second: what 429 is decided by.

That the limit counts requests at once is documented (https://www.twilio.com/docs/api/errors/20429, read 2026-11-21);
its number, and whether Regions share it, is not. Here all Regions of the account share it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from voicedr.twin.world.model import Settings


@dataclass(slots=True)
class Traffic:
    """Kept by the shell, which knows when a request begins and ends. It is no part of the saved state."""

    at_once: int = 0
    second: int = 0
    in_second: int = 0
    routes_in_second: int = 0
    queued_s: Callable[[str], float] = lambda _region: 0.0
    """How long a call that is made now in a Region waits for its turn."""

    def over(self, settings: Settings, now: float, *, routes: bool = False) -> bool:
        """Count this request; True if it is one too many.

        Args:
            routes: Whether it is one to routing, which has a limit of its own over all Regions
                (https://www.twilio.com/docs/global-infrastructure/localized-uris/regional-migration-best-practices).
        """
        second = int(now)
        if second != self.second:
            self.second, self.in_second, self.routes_in_second = second, 0, 0
        if self.at_once > settings.requests_at_once:
            return True
        if settings.requests_per_second and self.in_second >= settings.requests_per_second:
            return True
        if routes:
            if settings.route_requests_per_second and self.routes_in_second >= settings.route_requests_per_second:
                return True
            self.routes_in_second += 1
        self.in_second += 1
        return False
