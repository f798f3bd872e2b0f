"""Whether the workbook's references stand for anything, and whether two Regions share a value. In memory only."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from voicedr.program.readiness.outside.application import Credentials
from voicedr.program.scope.workbook import Account, RegionAccess
from voicedr.program.vocabulary import Region

NAMES = ("api_key", "api_secret", "auth_token")


class HeldSecrets:
    """What the references stand for. It has no ``repr`` of its content and is dropped after the looking."""

    __slots__ = ("_missing", "_values")

    def __init__(self, account: Account, regions: tuple[Region, ...], secret: Callable[[str], str]) -> None:
        self._values: dict[Region, dict[str, str]] = {}
        self._missing: dict[Region, dict[str, str]] = {}
        for region in regions:
            values, missing = _had(account.regions[region], secret)
            self._values[region], self._missing[region] = values, missing

    def __repr__(self) -> str:
        return f"HeldSecrets({', '.join(self._values)})"

    def keys(self) -> Mapping[Region, tuple[str, str]]:
        """The API key and secret of every Region that has both."""
        return {
            region: (values["api_key"], values["api_secret"])
            for region, values in self._values.items()
            if "api_key" in values and "api_secret" in values
        }

    def standing(self, region: Region) -> Credentials:
        """How a Region's references stand, without a value in it."""
        mine = self._values[region]
        same = {
            other: tuple(name for name in NAMES if name in mine and mine[name] == theirs.get(name))
            for other, theirs in self._values.items()
            if other != region
        }
        missing = self._missing[region]
        shared = {other: names for other, names in same.items() if names}
        return Credentials(tuple(mine), missing, shared, tuple(n for n in NAMES if n not in mine and n not in missing))


def _had(access: RegionAccess, secret: Callable[[str], str]) -> tuple[dict[str, str], dict[str, str]]:
    values: dict[str, str] = {}
    missing: dict[str, str] = {}
    for name in NAMES:
        reference: str | None = getattr(access, name)
        if reference is None:
            continue
        if name == "api_key" and reference.startswith("SK"):
            values[name] = reference
        else:
            try:
                values[name] = secret(reference)
            except Exception as exc:
                # The message of whatever keeps secrets may hold one. Only its kind is told.
                missing[name] = f"its reference stands for nothing that could be had ({type(exc).__name__})"
    return values, missing
