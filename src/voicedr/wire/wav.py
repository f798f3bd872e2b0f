"""Sound files: WAV with PCM, mu-law or A-law (RIFF; https://www.rfc-editor.org/rfc/rfc2361)."""

from __future__ import annotations

import math
import struct
import sys
from array import array
from dataclasses import dataclass
from operator import mul

from voicedr.wire import g711

RATE_MIN, RATE_MAX = 4000, 96_000
SECONDS_MAX = 3600

_PCM, _A_LAW, _MU_LAW, _EXTENSIBLE = 1, 6, 7, 0xFFFE
_BITS = {_PCM: (8, 16), _A_LAW: (8,), _MU_LAW: (8,)}
_CHUNKS_MAX = 1000

_ZEROS = 10
"""Zero crossings of the sinc on each side."""

_PASSED = 0.95
"""How much of the band is kept."""


class BadWav(ValueError):
    """A file that is no WAV file, or one of a kind that is not read."""


@dataclass(frozen=True, slots=True)
class Wav:
    """A file whose head was read. ``data`` is as it stands in the file.

    Attributes:
        coding: 1 is PCM, 6 A-law, 7 mu-law.
    """

    coding: int
    channels: int
    rate: int
    bits: int
    data: bytes

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.data) / (self.channels * self.bits // 8 * self.rate)


def read(body: bytes) -> Wav:
    """Read the head of a file. A file that ends early is as long as what there is.

    Raises:
        BadWav: If it cannot be read.
    """
    if body[:4] != b"RIFF" or body[8:12] != b"WAVE":
        raise BadWav("it does not begin as a WAV file")
    form = b""
    at = 12
    for _ in range(_CHUNKS_MAX):
        if at + 8 > len(body):
            break
        name, size = body[at : at + 4], int.from_bytes(body[at + 4 : at + 8], "little")
        content = body[at + 8 : at + 8 + size]
        if name == b"fmt ":
            form = content
        elif name == b"data" and form:
            return _wav(form, content)
        at += 8 + size + size % 2
    raise BadWav("it has no format or no data")


def _wav(form: bytes, data: bytes) -> Wav:
    if len(form) < 16:
        raise BadWav("its format is cut off")
    coding, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", form)
    if coding == _EXTENSIBLE and len(form) >= 26:
        coding = int.from_bytes(form[24:26], "little")
    if bits not in _BITS.get(coding, ()) or channels not in (1, 2) or not RATE_MIN <= rate <= RATE_MAX:
        raise BadWav(f"coding {coding} with {channels} channels of {bits} bits at {rate} Hz is not played")
    whole = channels * bits // 8
    wav = Wav(coding, channels, rate, bits, data[: len(data) // whole * whole])
    if wav.seconds > SECONDS_MAX:
        raise BadWav(f"it lasts {wav.seconds:.0f} s; {SECONDS_MAX} s are played at most")
    return wav


def of_mu_law(data: bytes) -> bytes:
    """A file of mu-law, 8,000 samples a second."""
    form = struct.pack("<HHIIHH", _MU_LAW, 1, g711.RATE, g711.RATE, 1, 8)
    head = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(data))
    return b"RIFF" + struct.pack("<I", len(head) + len(data)) + head + data


def samples(wav: Wav) -> bytes:
    """Its sound as 16-bit samples, 8,000 a second, one channel: two are averaged."""
    sound = _numbers(wav)
    if wav.channels == 2:
        sound = array("h", ((left + right) // 2 for left, right in zip(sound[::2], sound[1::2], strict=True)))
    sound = _at_8000(sound, wav.rate)
    if sys.byteorder == "big":
        sound.byteswap()
    return sound.tobytes()


def _numbers(wav: Wav) -> array[int]:
    if wav.bits == 16:
        data = wav.data
    elif wav.coding == _MU_LAW:
        data = g711.from_mu_law(wav.data)
    elif wav.coding == _A_LAW:
        data = g711.from_a_law(wav.data)
    else:
        return array("h", ((byte - 128) << 8 for byte in wav.data))
    numbers = array("h", data)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def _at_8000(sound: array[int], rate: int) -> array[int]:
    """The same at 8,000 samples a second, without what a telephone does not carry: a sinc with a Hann window."""
    if rate == g711.RATE:
        return sound
    half = math.ceil(_ZEROS * max(1.0, rate / g711.RATE))
    silence = array("h", bytes(2 * (half + 1)))
    around = silence[:half] + sound + silence
    kernels: dict[int, list[float]] = {}
    found = array("h")
    for number in range(len(sound) * g711.RATE // rate):
        at, phase = divmod(number * rate, g711.RATE)
        kernel = kernels.get(phase)
        if kernel is None:
            kernel = kernels[phase] = _kernel(phase / g711.RATE, half, min(1.0, g711.RATE / rate))
        level = round(sum(map(mul, around[at + 1 : at + 1 + 2 * half], kernel)))
        found.append(max(-0x8000, min(0x7FFF, level)))
    return found


def _kernel(part: float, half: int, cut: float) -> list[float]:
    """Weights of the samples around a point that lies this part of a sample after one; together they are 1."""
    distances = [number - half + 1 - part for number in range(2 * half)]
    cut *= _PASSED
    weights = [_sinc(cut * far) * (1 + math.cos(math.pi * far / half)) if abs(far) < half else 0.0 for far in distances]
    total = sum(weights)
    return [weight / total for weight in weights]


def _sinc(at: float) -> float:
    return 1.0 if at == 0 else math.sin(math.pi * at) / (math.pi * at)
