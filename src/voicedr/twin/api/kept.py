"""How the account's configuration stood before a request, for an answer that is given and not meant."""

from __future__ import annotations

from copy import deepcopy

from voicedr.twin.world.model import World

_GLOBAL = ("numbers", "routes")
_OF_A_REGION = ("keys", "numbers", "applications", "trunks", "sip_domains", "calls")


class Kept:
    """A copy of everything that a REST request can change, except calls that are already in the log."""

    def __init__(self, world: World) -> None:
        self._global = {name: deepcopy(getattr(world, name)) for name in _GLOBAL}
        self._regions = {
            region: {
                # A live call goes on meanwhile, so what is in the log stays the same thing.
                name: dict(store.calls) if name == "calls" else deepcopy(getattr(store, name))
                for name in _OF_A_REGION
            }
            for region, store in world.regions.items()
        }

    def put_back(self, world: World) -> None:
        """Let it be as it was."""
        for name, value in self._global.items():
            setattr(world, name, value)
        for region, fields in self._regions.items():
            for name, value in fields.items():
                setattr(world.regions[region], name, value)
