"""RTP on sockets: the phones at the other end of SIP calls.

Every phone has a port of its own, an even one, on the address that its call is signalled through. One timer serves
all of them, every 20 ms. Sound goes where the peer's description says, if that is on this machine; after the first
packet that comes from elsewhere on this machine it goes there instead, as it must for peers behind address
translation, and packets from anywhere else are dropped until there is a new description.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from voicedr.twin.media import tones
from voicedr.twin.media.ends import End
from voicedr.twin.media.sounds import Sounds
from voicedr.twin.sip.dialog import is_loopback
from voicedr.twin.sip.sound import NoPhone
from voicedr.wire import g711, rtp
from voicedr.wire.sip.sdp import Audio

PORT_MIN, PORT_MAX = 20_000, 39_998
PORTS_TRIED = 50
PHONES_MAX = 1000
"""Phones at once. Measured: 600 that hear a tone take a quarter of one core, 300 that talk with each other a third."""

TICK_S = 0.020
BEHIND_MAX = 5
"""Frames that are made up for at once when this machine was busy; what is missed beyond is counted as late."""

PACKETS_AT_ONCE = 32
FROM_PHONE_BYTES_MAX = 8 * rtp.STEP
"""What waits to be heard by the other side: 160 ms; the oldest is dropped."""

CUSHION_BYTES = 2 * rtp.STEP
"""What is collected before the other side begins to hear it: 40 ms against uneven arrival."""

KEYS_WAITING_MAX = 100
KEY_MS, BETWEEN_KEYS, PAUSE_FRAMES = 100, 3, 25
"""A key sent lasts 100 ms, with 60 ms after it; a ``w`` is half a second."""

QUIET_LEVEL = 300
_QUIET = bytes(code for code in range(256) if abs(g711.MU_LEVELS[code]) < QUIET_LEVEL)


@dataclass(slots=True)
class Counted:
    """What has been sent and has come.

    Attributes:
        late: Frames that were not sent in time, by all phones.
        missing: Packets that were numbered and did not come, as far as can be told.
        dropped: Packets that are none, or from somebody else, or of no coding that was agreed.
    """

    sent: int = 0
    received: int = 0
    missing: int = 0
    dropped: int = 0
    late: int = 0


class Handset(End):
    """A phone at the other end of a SIP call."""

    def __init__(self, media: Media, carrier: socket.socket) -> None:
        super().__init__(media.sounds)
        self.port: int = carrier.getsockname()[1]
        self.counted = Counted()
        self._media = media
        self._socket = carrier
        self._remote: tuple[str, int] | None = None
        self._heard_from_it = False
        self._agreed: Audio | None = None
        self._sends = self._takes = False
        self._ssrc = secrets.randbits(32)
        self._sequence = secrets.randbits(15)
        self._timestamp = secrets.randbits(31)
        self._marker = True
        self._last: int | None = None
        self._events = rtp.EventReader()
        self._from_phone = bytearray()
        self._collecting = True
        self._loud_at = media.now()
        self._keys: deque[str] = deque(maxlen=KEYS_WAITING_MAX)
        self._keying: Iterator[bytes | None] | None = None
        self._key_at = 0

    @property
    def playing(self) -> bool:
        return super().playing or bool(self._keys) or self._keying is not None

    @property
    def quiet_s(self) -> float:
        return self._media.now() - self._loud_at

    def agreed(self, theirs: Audio) -> None:
        """The peer's description came, the first or a new one: its address, coding, keys and direction hold now."""
        self._agreed = theirs
        near = self._media.near(theirs.address)
        self._remote = (theirs.address, theirs.port) if near and theirs.port else None
        self._heard_from_it = False
        held = theirs.address == "0.0.0.0"  # noqa: S104 (how RFC 2543 section B.5 says hold)
        self._sends = theirs.direction in ("sendrecv", "recvonly") and not held
        self._takes = theirs.direction in ("sendrecv", "sendonly")

    def begins(self) -> None:
        """The call is answered: time passes from now on."""
        self._media.serve(self)

    def close(self) -> None:
        """The call is over."""
        self._keys.clear()
        self._keying = None
        super().close()
        self._media.forget(self, self._socket)

    def pressed(self, key: str, by: End | None) -> None:
        self._keys.append(key)

    def says_to(self, asker: End) -> bytes | None:
        waiting = self._from_phone
        if len(waiting) < (CUSHION_BYTES if self._collecting else rtp.STEP):
            self._collecting = True
            return None
        self._collecting = False
        frame = bytes(waiting[: rtp.STEP])
        del waiting[: rtp.STEP]
        return None if self.lost().mute else frame

    def tick(self) -> None:
        """Send what is heard in the next 20 ms."""
        frame = self.heard()
        agreed = self._agreed
        if self._keying is None and self._keys:
            self._keying = self._one_key(self._keys.popleft())
            self._key_at = self._timestamp
        event: bytes | None = None
        if self._keying is not None:
            try:
                event = next(self._keying)
            except StopIteration:
                self._keying = None
                if not self.playing:
                    self.bell.ring()
        if agreed is not None and self._sends and self._remote is not None:
            if event is not None and agreed.events is not None:
                self._send(agreed.events, self._key_at, event)
            else:
                coded = frame if event is None else event
                self._send(
                    agreed.codecs[0], self._timestamp, coded.translate(g711.A_OF_MU) if agreed.codecs[0] else coded
                )
        self._timestamp = (self._timestamp + rtp.STEP) & 0xFFFFFFFF

    def arrived(self) -> None:
        """Take what has come."""
        for _ in range(PACKETS_AT_ONCE):
            try:
                data, source = self._socket.recvfrom(rtp.PACKET_BYTES_MAX + 1)
            except OSError:
                return
            self._take(data, source)

    def _take(self, data: bytes, source: tuple[str, int]) -> None:
        packet, agreed, counted = rtp.unpack(data), self._agreed, self.counted
        strange = (self._heard_from_it and source != self._remote) or not self._media.near(source[0])
        if packet is None or agreed is None or not self._takes or strange:
            counted.dropped += 1
        elif packet.payload_type == agreed.events:
            self._came(packet, source)
            key = self._events.key(packet, self._media.now())
            if key:
                self.key(key)
        elif packet.payload_type in agreed.codecs:
            if self._came(packet, source):
                self._listen(packet.payload.translate(g711.MU_OF_A) if packet.payload_type else packet.payload)
        else:
            counted.dropped += 1

    def _came(self, packet: rtp.Packet, source: tuple[str, int]) -> bool:
        """Whether it is newer than what came before."""
        self.counted.received += 1
        self._remote, self._heard_from_it = source, True
        ahead = 1 if self._last is None else (packet.sequence - self._last) & 0xFFFF
        if ahead > 0x8000 or ahead == 0:
            return ahead != 0 and 0x10000 - ahead > 100  # A long way back is another stream, not an old packet.
        self._last = packet.sequence
        self.counted.missing += ahead - 1 if ahead < 100 else 0
        return True

    def _listen(self, mu_law: bytes) -> None:
        loud = len(mu_law.translate(None, _QUIET))
        if loud * 10 > len(mu_law) and not self.lost().mute:
            self._loud_at = self._media.now()
        self._from_phone += mu_law
        del self._from_phone[: max(0, len(self._from_phone) - FROM_PHONE_BYTES_MAX)]

    def _one_key(self, key: str) -> Iterator[bytes | None]:
        """What is sent for a key, 20 ms each: events where they were agreed, otherwise its tone. None is: no key."""
        if key == "W":
            yield from [None] * PAUSE_FRAMES
        elif key in rtp.KEYS:
            if self._agreed is not None and self._agreed.events is not None:
                yield from rtp.event_payloads(key, KEY_MS)
            else:
                sound = g711.mu_law(tones.key(key, KEY_MS / 1000))
                yield from (sound[at : at + rtp.STEP] for at in range(0, len(sound), rtp.STEP))
            yield from [None] * BETWEEN_KEYS

    def _send(self, payload_type: int, timestamp: int, payload: bytes) -> None:
        packet = rtp.Packet(payload_type, self._sequence, timestamp, self._ssrc, payload, self._marker)
        self._sequence, self._marker = (self._sequence + 1) & 0xFFFF, False
        if self._remote is not None:
            with suppress(OSError):  # Whatever a full or a closed way loses is lost, as on any network.
                self._socket.sendto(rtp.pack(packet), self._remote)
                self.counted.sent += 1


class Media:
    """All phones.

    Args:
        near: Whether sound may be sent to an address, and taken from it.
    """

    def __init__(self, sounds: Sounds | None = None, *, near: Callable[[str], bool] = is_loopback) -> None:
        self._loop = asyncio.get_running_loop()
        self.sounds = sounds or Sounds()
        self.near = near
        self.now = self._loop.time
        self.counted = Counted()
        """Of the phones that are gone; ``late`` of all."""
        self._open: dict[Handset, None] = {}
        self._served: dict[Handset, None] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0
        self._next_port = PORT_MIN + 2 * secrets.randbelow((PORT_MAX - PORT_MIN) // 2)

    def phone(self, host: str) -> Handset:
        """A new phone on this address.

        Raises:
            NoPhone: If there are too many, or no port is free.
        """
        carrier = self._bound(host) if len(self._open) < PHONES_MAX else None
        if carrier is None:
            raise NoPhone(
                f"{len(self._open)} phones are open and {host} has no port for another; wait for calls to end"
            )
        handset = Handset(self, carrier)
        self._open[handset] = None
        self._loop.add_reader(carrier.fileno(), handset.arrived)
        return handset

    def serve(self, handset: Handset) -> None:
        """Let this phone's time pass."""
        if handset in self._open:
            self._served[handset] = None
        if self._timer is None and self._served:
            self._due = self._loop.time()
            self._tick()

    def forget(self, handset: Handset, carrier: socket.socket) -> None:
        """A phone is gone; its port is free."""
        if handset not in self._open:
            return
        del self._open[handset]
        self._served.pop(handset, None)
        self._loop.remove_reader(carrier.fileno())
        carrier.close()
        for name in ("sent", "received", "missing", "dropped"):
            setattr(self.counted, name, getattr(self.counted, name) + getattr(handset.counted, name))

    @property
    def phones(self) -> int:
        """How many there are now."""
        return len(self._open)

    async def close(self) -> None:
        """Stop everything."""
        for handset in list(self._open):
            handset.close()
        if self._timer is not None:
            self._timer.cancel()
        await self.sounds.close()

    def _tick(self) -> None:
        self._timer = None
        if not self._served:
            return
        behind = int((self._loop.time() - self._due) / TICK_S)
        if behind > BEHIND_MAX:
            self.counted.late += (behind - BEHIND_MAX) * len(self._served)
            self._due += (behind - BEHIND_MAX) * TICK_S
            behind = BEHIND_MAX
        for _ in range(behind + 1):
            self._due += TICK_S
            for handset in list(self._served):
                handset.tick()
        self._timer = self._loop.call_at(self._due, self._tick)

    def _bound(self, host: str) -> socket.socket | None:
        for _ in range(PORTS_TRIED):
            port, self._next_port = self._next_port, self._next_port + 2
            if self._next_port > PORT_MAX:
                self._next_port = PORT_MIN
            carrier = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            carrier.setblocking(False)
            try:
                carrier.bind((host, port))
            except OSError:
                carrier.close()
                continue
            return carrier
        return None
