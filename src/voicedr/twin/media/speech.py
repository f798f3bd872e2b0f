"""Speech by espeak-ng, a program of its own; where it is not installed, nobody speaks and words are tones."""

from __future__ import annotations

import asyncio
import shutil
from asyncio.subprocess import DEVNULL, PIPE
from contextlib import suppress

from voicedr.wire import wav

PROGRAM = "espeak-ng"
RENDER_S = 10.0
"""A prompt that takes longer is given up; a sentence takes some 20 ms."""

TEXT_MAX = 4096
"""More is not read (https://www.twilio.com/docs/api/errors/13521)."""

SOUND_BYTES_MAX = 64 * 1024 * 1024


def available() -> bool:
    """Whether somebody can speak here."""
    return shutil.which(PROGRAM) is not None


async def spoken(text: str) -> bytes | None:
    """The text read aloud, as 16-bit samples at 8,000 a second; None if nobody could read it in time."""
    program = shutil.which(PROGRAM)
    if program is None:
        return None
    try:
        process = await asyncio.create_subprocess_exec(
            program, "-v", "en-us", "--stdin", "--stdout", stdin=PIPE, stdout=PIPE, stderr=DEVNULL
        )
    except OSError:
        return None
    try:
        async with asyncio.timeout(RENDER_S):
            out, _ = await process.communicate(text[:TEXT_MAX].encode())
    except (TimeoutError, OSError):
        return None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    try:
        found = wav.read(out[:SOUND_BYTES_MAX])
    except wav.BadWav:
        return None
    return await asyncio.to_thread(wav.samples, found)
