"""The SBCs in memory keep the promises of a dispatcher."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ports.dispatcher_promises import ACTIVE, ASHBURN, DUBLIN, DispatcherPromises, Reached
from voicedr.testing.fake_dispatcher import FakeDispatcher

RPC = "http://10.0.0.5:8080/RPC"


class TestFakeDispatcher(DispatcherPromises):
    """Dictionaries."""

    @contextmanager
    def reached(self) -> Iterator[Reached]:
        """One SBC."""
        fake = FakeDispatcher({RPC: {1: {ASHBURN: ACTIVE, DUBLIN: ACTIVE}}})

        def lose() -> None:
            fake.lose_answer_after = 1

        yield Reached(fake, RPC, lose, lambda: fake.dead.add(RPC))
