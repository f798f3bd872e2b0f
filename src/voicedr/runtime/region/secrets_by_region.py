"""The secrets of every Region, had before they are needed, and looked at again every few seconds.

The standby's secret that is missing is told on an ordinary day, and not first when the standby is active. A secret that
goes missing later leaves the last good one in force.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from voicedr.runtime.references import SecretMissing, secret_of
from voicedr.runtime.region.current import Credentials, RegionSettings

LOOK_EVERY_S = 5.0


class SecretsByRegion:
    """Credentials by Region, and what is wrong with them, as of the last look."""

    def __init__(self, regions: Mapping[str, RegionSettings], secret: Callable[[str], str] = secret_of) -> None:
        self._regions = regions
        self._secret = secret
        self._looked_s: float | None = None
        self.credentials: dict[str, Credentials] = {}
        self.problems: tuple[str, ...] = ()

    def look(self, now_s: float) -> None:
        """Look again, if the last look was long enough ago."""
        if self._looked_s is not None and now_s - self._looked_s < LOOK_EVERY_S:
            return
        self._looked_s = now_s
        good, problems = dict(self.credentials), []
        for region, of in self._regions.items():
            if of.api_key is None or of.api_secret is None:
                continue
            try:
                good[region] = Credentials(of.api_key, self._secret(of.api_secret))
            except SecretMissing as exc:
                problems.append(f"{region}: {exc}")
        self.credentials, self.problems = good, tuple(problems)
