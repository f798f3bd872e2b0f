"""The application's context by its reference: a file, or any place that ``voicedr.runtime.region`` can write.

It stands here and not among the adapters because adapters know nothing of what customers run beside their systems.
"""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from voicedr.adapters.context import FileContext
from voicedr.adapters.instances import Instances
from voicedr.adapters.secrets import SecretError, resolve
from voicedr.ports.clock import Clock
from voicedr.ports.context import ActiveRegion, ContextError, ContextLost, ContextSwitch
from voicedr.ports.http import Send
from voicedr.program.vocabulary import REGIONS, Region

if TYPE_CHECKING:
    from voicedr.runtime.region import SigningKey

LOOK_S_MAX = 15.0
SWITCH_S_MAX = 45.0
"""The race before the first switch is 10 exchanges of two seconds at the most, and the switch three. More is a name
that never resolves, or a cluster whose servers are all silent."""

_KINDS = ("env", "http", "https", "etcd", "consul", "postgresql", "postgres", "environment")

T = TypeVar("T")


def context_switch(
    reference: str, *, clock: Clock, send: Send, confirm: Sequence[str] = (), signing_key: str | None = None
) -> ContextSwitch:
    """The adapter for a workbook's ``application``. Nothing is asked of the place yet, and no reference is resolved.

    Args:
        reference: ``file:/path`` or a path; or another address, which may be in a variable: ``env:NAME``.
        clock: For ``written_at``.
        send: For asking the instances.
        confirm: Where the instances say which Region they use.
        signing_key: Where the private key is that signs the document; None: it is not signed.
    """
    kind = reference.partition(":")[0]
    if kind not in _KINDS and signing_key is None:
        return FileContext(Path(reference.removeprefix("file:")), clock=clock, send=send, confirm=confirm)
    if kind not in (*_KINDS, "file"):
        reference = f"file:{Path(reference).absolute()}"
    return PlaceContext(reference, clock=clock, send=send, confirm=confirm, signing_key=signing_key)


class PlaceContext:
    """A ``ContextSwitch`` on any place: compare-and-set, after a race has shown that the place keeps its word."""

    def __init__(
        self, reference: str, *, clock: Clock, send: Send, confirm: Sequence[str], signing_key: str | None
    ) -> None:
        self._reference = reference
        self._clock = clock
        self._instances = Instances(send, confirm)
        self._signing_key = signing_key
        self._epoch = 0

    async def active(self) -> ActiveRegion | None:
        """See ``ContextSwitch``."""
        try:
            found = await _in_thread(self._look, LOOK_S_MAX)
        except TimeoutError as error:
            raise ContextError(
                f"reading the context: no end after {LOOK_S_MAX:g} s; nobody knows what it says"
            ) from error
        self._epoch = max(self._epoch, found.epoch if found else 0)
        return found

    async def switch(self, to: Region) -> ActiveRegion:
        """See ``ContextSwitch``. The epoch is above the one that is there and above what instances say they hold."""
        held = await self._instances.highest_epoch()
        written_at = self._clock.now().isoformat(timespec="seconds").replace("+00:00", "Z")
        name = secrets.token_hex(8)
        try:
            active = await _in_thread(lambda: self._write(to, held, written_at, name), SWITCH_S_MAX)
        except TimeoutError as error:
            raise ContextLost(
                f"switching the context to {to}: no end after {SWITCH_S_MAX:g} s; it may still take effect. Look at it"
                " before repeating."
            ) from error
        self._epoch = active.epoch
        return active

    async def unconfirmed(self, region: Region) -> list[str]:
        """See ``ContextSwitch``. An instance that says a lower epoch than the last one has not heard of it."""
        return await self._instances.unconfirmed(region, self._epoch)

    def _look(self) -> ActiveRegion | None:
        from voicedr.runtime.references import SecretMissing
        from voicedr.runtime.region import KeyUnusable, NotADocument, PlaceError, Trust, source_of

        try:
            key = self._key()
            trust = Trust() if key is None else Trust([key.public])
            place = source_of(self._reference)
            content = place.read(latest=True).content
            place.close()
            document = None if content is None else trust.read(content)
        except (PlaceError, SecretMissing, SecretError, KeyUnusable) as error:
            raise ContextError(f"reading the context: {error}; nobody knows which Region it names") from error
        except NotADocument as error:
            raise ContextError(
                f"reading the context {place.name}: what is there {error}; instances keep the last one they believed."
                " Switch again, or see: voicedr region show"
            ) from error
        if document is None:
            return None
        return ActiveRegion(next(one for one in REGIONS if one == document.region), document.epoch)

    def _write(self, to: Region, held: int, written_at: str, name: str) -> ActiveRegion:
        from voicedr.runtime.references import SecretMissing
        from voicedr.runtime.region import (
            KeyUnusable,
            PlaceError,
            SinkBroken,
            SwitchLost,
            SwitchRefused,
            prove,
            sink_of,
            switch,
        )

        try:
            key = self._key()
            sink = sink_of(self._reference)
            prove(lambda: sink_of(self._reference), self._reference, f"selftest-{name}")
            document = switch(sink, to, id=name, written_at=written_at, key=key, above=held or None)
            sink.close()
        except (SwitchRefused, SinkBroken) as error:
            raise ContextError(str(error)) from error
        except (PlaceError, SecretMissing, SecretError, KeyUnusable) as error:
            raise ContextError(f"switching the context to {to}: {error}. The document is as it was.") from error
        except SwitchLost as error:
            raise ContextLost(str(error)) from error
        return ActiveRegion(to, document.epoch)

    def _key(self) -> SigningKey | None:
        from voicedr.runtime.region import SigningKey

        return None if self._signing_key is None else SigningKey.read(resolve(self._signing_key), self._signing_key)


async def _in_thread(work: Callable[[], T], seconds: float) -> T:
    """What the work gives. A thread of its own, and not the loop's pool, which is waited for at the end: the work may
    hang on a name that never resolves.

    Raises:
        TimeoutError: If it is not over in time; it goes on.
    """
    loop = asyncio.get_running_loop()
    result: asyncio.Future[T] = loop.create_future()

    def tell(value: T | None, error: BaseException | None) -> None:
        if result.done():
            return
        if error is not None:
            result.set_exception(error)
        else:
            result.set_result(value)  # type: ignore[arg-type]

    def run() -> None:
        value, error = None, None
        try:
            value = work()
        except Exception as exc:
            error = exc
        with suppress(RuntimeError):  # the loop is over: nobody waits any more
            loop.call_soon_threadsafe(tell, value, error)

    threading.Thread(target=run, daemon=True).start()
    async with asyncio.timeout(seconds):
        return await result
