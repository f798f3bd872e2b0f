"""What every dispatcher promises. Subclass ``DispatcherPromises`` and say how to reach an SBC with two targets."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from functools import wraps
from typing import Any

import msgspec
import pytest

from voicedr.ports.dispatcher import Dispatcher, DispatcherRefused, DispatcherUnreachable, DispatcherUnsettled
from voicedr.program.execution.actions import SteerDispatcher, inverse
from voicedr.program.execution.plan_dispatchers import find
from voicedr.program.scope.sbc import TargetState

ASHBURN, DUBLIN = "sip:127.0.0.211:5060", "sip:127.0.0.212:5060"
"""Nobody is there; targets that are not pinged stand as they were put."""

ACTIVE, DISABLED = TargetState.ACTIVE, TargetState.DISABLED


@dataclass
class Reached:
    """An SBC whose set 1 has two targets in service, and ways to break it."""

    dispatcher: Dispatcher
    rpc: str
    lose_next_answer: Callable[[], None]
    """The next change takes effect and is not answered."""
    kill: Callable[[], None]

    def steer(self, target: str, was: TargetState, to: TargetState) -> SteerDispatcher:
        """An action on it."""
        return SteerDispatcher("sbc-1", self.rpc, 1, target, was, to)

    async def state(self, target: str) -> TargetState | None:
        """How a target stands."""
        found = find(await self.dispatcher.targets(self.rpc), 1, target)
        assert found is not None
        return found.state


def with_an_sbc(test: Callable[[Any, Reached], Coroutine[Any, Any, None]]) -> Callable[[Any], None]:
    """The test with an SBC of its own, in an event loop of its own, for half a minute at most."""

    @wraps(test)
    def run(self: Any) -> None:
        with self.reached() as sbc:
            asyncio.run(asyncio.wait_for(test(self, sbc), 30))

    del run.__wrapped__  # pytest would ask for a fixture
    return run


class DispatcherPromises(ABC):
    """The promises."""

    @abstractmethod
    def reached(self) -> AbstractContextManager[Reached]:
        """An SBC of its own."""

    @with_an_sbc
    async def test_what_is_there_is_read(self, sbc: Reached) -> None:
        """Both targets are active, in set 1, and get new calls."""
        seen = await sbc.dispatcher.targets(sbc.rpc)
        assert {(one.set_id, one.uri, one.state, one.in_service) for one in seen} == {
            (1, ASHBURN, ACTIVE, True),
            (1, DUBLIN, ACTIVE, True),
        }

    @with_an_sbc
    async def test_a_target_is_put_and_put_back(self, sbc: Reached) -> None:
        """What is answered is what is read back, and the inverse leaves everything as it was."""
        action = sbc.steer(ASHBURN, ACTIVE, DISABLED)
        assert await sbc.dispatcher.steer(action) is DISABLED
        assert (await sbc.state(ASHBURN), await sbc.state(DUBLIN)) == (DISABLED, ACTIVE)
        assert await sbc.dispatcher.steer(inverse(action)) is ACTIVE  # type: ignore[arg-type]
        assert (await sbc.state(ASHBURN), await sbc.state(DUBLIN)) == (ACTIVE, ACTIVE)

    @with_an_sbc
    async def test_what_stands_otherwise_is_left(self, sbc: Reached) -> None:
        """Somebody else steered it: nothing is done, whether they want the same or not."""
        action = sbc.steer(ASHBURN, ACTIVE, DISABLED)
        await sbc.dispatcher.steer(action)
        for other in (action, sbc.steer(ASHBURN, ACTIVE, TargetState.INACTIVE)):
            with pytest.raises(DispatcherRefused, match="is disabled, and was active"):
                await sbc.dispatcher.steer(other)
        assert await sbc.state(ASHBURN) is DISABLED

    @with_an_sbc
    async def test_an_inverse_with_nothing_to_undo_does_nothing(self, sbc: Reached) -> None:
        """What never took effect, or is undone already, is as it should be."""
        assert await sbc.dispatcher.steer(inverse(sbc.steer(ASHBURN, ACTIVE, DISABLED))) is ACTIVE  # type: ignore[arg-type]
        assert await sbc.state(ASHBURN) is ACTIVE

    @with_an_sbc
    async def test_the_last_one_in_service_stays(self, sbc: Reached) -> None:
        """New calls would fail."""
        await sbc.dispatcher.steer(sbc.steer(ASHBURN, ACTIVE, DISABLED))
        with pytest.raises(DispatcherRefused, match="last target of set 1"):
            await sbc.dispatcher.steer(sbc.steer(DUBLIN, ACTIVE, DISABLED))
        assert await sbc.state(DUBLIN) is ACTIVE

    @with_an_sbc
    async def test_a_target_that_is_not_there_is_refused(self, sbc: Reached) -> None:
        """A name that nobody wrote into the list."""
        with pytest.raises(DispatcherRefused, match="has no sip:gone"):
            await sbc.dispatcher.steer(sbc.steer("sip:gone.example", ACTIVE, DISABLED))

    @with_an_sbc
    async def test_a_lost_answer_is_never_taken_for_a_no(self, sbc: Reached) -> None:
        """It took effect. Who steers says so from the read-back, or does not know; and looking says how it stands."""
        sbc.lose_next_answer()
        with suppress(DispatcherUnsettled):
            assert await sbc.dispatcher.steer(sbc.steer(ASHBURN, ACTIVE, DISABLED)) is DISABLED
        assert await sbc.state(ASHBURN) is DISABLED

    @with_an_sbc
    async def test_a_dead_sbc_is_unreachable_and_nothing_changed(self, sbc: Reached) -> None:
        """To look at and to steer."""
        sbc.kill()
        with pytest.raises(DispatcherUnreachable, match="Nothing changed"):
            await sbc.dispatcher.targets(sbc.rpc)
        with pytest.raises(DispatcherUnreachable, match="Nothing changed"):
            await sbc.dispatcher.steer(sbc.steer(ASHBURN, ACTIVE, DISABLED))

    @with_an_sbc
    async def test_where_nothing_is_configured_nobody_can_be_asked(self, sbc: Reached) -> None:
        """An address without Kamailio."""
        action = msgspec.structs.replace(sbc.steer(ASHBURN, ACTIVE, DISABLED), rpc="http://127.0.0.1:9/RPC")
        with pytest.raises(DispatcherUnreachable):
            await sbc.dispatcher.steer(action)
