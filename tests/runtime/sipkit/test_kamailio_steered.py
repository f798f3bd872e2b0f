"""A Kamailio from Debian is steered while SIPp calls through it: no new call fails, and a drained target gets none."""

from __future__ import annotations

import asyncio
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from kamailio_dispatcher import PHONE, calling, steerable, waited_s
from plain_answerers import always, by_datagrams
from sipp_peer import peer
from voicedr.runtime.sipkit.dispatcher import Destination, Reload, SetState, State, find, inverse
from voicedr.runtime.sipkit.kamailio_rpc import Rpc, rpc_at
from voicedr.runtime.sipkit.steer import Changed, listed, steer

CALLS, PER_S = 320, 40
QUIET_S = 1.5
"""Longer than the ping interval, so that a ping that undid a drain would be seen."""


async def _flags(rpc: Rpc, uri: str) -> str:
    found = find(await listed(rpc), 1, uri)
    assert found is not None
    return found.flags


@pytest.mark.slow
def test_drained_returned_and_reloaded_under_load(tmp_path: Path) -> None:
    """One target is drained, brought back, and the list reloaded with the other one drained: every call is answered."""
    with ExitStack() as stack:
        one, other = (stack.enter_context(peer(tmp_path, *PHONE)) for _ in range(2))
        uris = [f"sip:{one.host}:{one.port}", f"sip:{other.host}:{other.port}"]
        sbc = stack.enter_context(steerable(tmp_path, uris))
        load = stack.enter_context(calling(tmp_path, sbc, calls=CALLS, per_s=PER_S))

        async def main() -> tuple[int, int, int]:
            http, unix = rpc_at(sbc.http), rpc_at(sbc.unix)
            await asyncio.sleep(1.5)
            drain = SetState(1, uris[0], await _flags(http, uris[0]), State.DISABLED)
            await steer(http, drain)
            await asyncio.sleep(0.3)
            drained_at = one.invites()
            await asyncio.sleep(QUIET_S)
            while_drained = one.invites() - drained_at
            with pytest.raises(Changed, match="last target"):
                await steer(unix, SetState(1, uris[1], await _flags(unix, uris[1]), State.DISABLED))
            await steer(unix, inverse(drain))
            await asyncio.sleep(1.0)
            came_back = one.invites() - drained_at
            await steer(http, SetState(1, uris[1], await _flags(http, uris[1]), State.DISABLED))
            reloaded = await steer(http, Reload(await listed(http)))
            assert [again.uri for again in reloaded.again] == [uris[1]]
            assert (await _flags(unix, uris[1]))[0] == "D"
            await asyncio.sleep(0.3)
            before = other.invites()
            await asyncio.sleep(QUIET_S)
            return while_drained, came_back, other.invites() - before

        while_drained, came_back, while_reloaded = asyncio.run(main())
        assert load.poll() is None, "the load was over before the steering was"
        assert load.wait(timeout=30) == 0, "a call failed"
        assert (while_drained, while_reloaded) == (0, 0)
        assert came_back > 0
        waited = waited_s(tmp_path)
        assert len(waited) == CALLS
        assert max(waited) < 3.0, "a call waited for a target that did not answer"


def test_who_steers_at_the_same_time_is_noticed(tmp_path: Path) -> None:
    """An action that was planned on another state does nothing; two who drain the two last targets leave one."""
    with steerable(tmp_path, ["sip:127.0.0.211:5060", "sip:127.0.0.212:5060"]) as sbc:

        async def main() -> None:
            rpc = rpc_at(sbc.http)
            first, second = await listed(rpc)
            mine = SetState(1, first.uri, first.flags, State.DISABLED)
            await steer(rpc, mine)
            with pytest.raises(Changed, match="was A"):
                await steer(rpc, mine)
            await steer(rpc, inverse(mine))
            both = [steer(rpc_at(sbc.unix), SetState(1, one.uri, "AP", State.DISABLED)) for one in (first, second)]
            results = await asyncio.gather(*both, return_exceptions=True)
            assert any(isinstance(one, Changed) for one in results)
            left: list[Destination] = [one for one in await listed(rpc) if one.in_service]
            assert left, "nobody is in service"

        asyncio.run(main())


def test_inactive_and_pinged_is_no_drain(tmp_path: Path) -> None:
    """A target that is set to probing comes back by itself as soon as a ping is answered; a disabled one does not."""

    async def main() -> None:
        async with by_datagrams(always("200 OK")) as target:
            uri = f"sip:{target.place}"
            with steerable(tmp_path, [uri, "sip:127.0.0.213:5060"]) as sbc:
                rpc = rpc_at(sbc.unix)
                await steer(rpc, SetState(1, uri, await _flags(rpc, uri), State.DISABLED))
                await asyncio.sleep(2.2)
                assert (await _flags(rpc, uri))[0] == "D"
                await steer(rpc, SetState(1, uri, await _flags(rpc, uri), State.PROBING))
                ends = time.monotonic() + 8
                while (await _flags(rpc, uri))[0] != "A":
                    assert time.monotonic() < ends, "no ping brought it back"
                    await asyncio.sleep(0.2)

    asyncio.run(main())
