"""The switchboard: it runs the scripts of calls with a clock and a way to send HTTP."""

from __future__ import annotations

from voicedr.twin.calls.caller import Caller
from voicedr.twin.calls.load import Load
from voicedr.twin.calls.orders import Change, Instructions
from voicedr.twin.clock import Clock
from voicedr.twin.world.model import NetworkCall, World
from voicedr.wire.http import Send


class Switchboard:
    """Every live call of a world."""

    def __init__(self, world: World, clock: Clock, send: Send, *, live_calls_max: int = 20_000) -> None:
        raise NotImplementedError

    def dial(self, from_: str, to: str, caller: Caller | None = None, *, synthetic: bool = False) -> NetworkCall:
        raise NotImplementedError

    def begin(self, region: str, call_sid: str, instructions: Instructions) -> None:
        raise NotImplementedError

    def modify(self, region: str, call_sid: str, change: Change) -> None:
        raise NotImplementedError

    async def ended(self, network_call_id: str) -> NetworkCall:
        raise NotImplementedError

    def start_load(self, load: Load) -> str:
        raise NotImplementedError

    def stop_load(self, load_id: str) -> None:
        raise NotImplementedError

    def loads(self) -> dict[str, dict[str, object]]:
        raise NotImplementedError

    async def close(self) -> None:
        raise NotImplementedError
