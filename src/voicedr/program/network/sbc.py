"""What a session border controller's configuration says about where its calls to the provider go."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from voicedr.program.network.published import PublishedRanges, published_ranges
from voicedr.program.network.sbc_files.asterisk import is_asterisk, read_asterisk
from voicedr.program.network.sbc_files.dispatcher import is_list, is_table, read_list, read_table
from voicedr.program.network.sbc_files.found import BrokenSbcConfig, Found
from voicedr.program.network.sbc_files.freeswitch import read_freeswitch
from voicedr.program.network.sbc_files.script import LISTED, is_script, read_script

__all__ = ["CHARACTERS_MAX", "FORMATS", "BrokenSbcConfig", "SbcConfig", "read_sbc", "together"]

FORMATS = (
    "kamailio-dispatcher", "kamailio", "opensips-dispatcher", "opensips", "asterisk", "freeswitch",
)  # fmt: skip

CHARACTERS_MAX = 2 * 1024 * 1024
"""No configuration that people write is longer."""


class SbcConfig(msgspec.Struct, frozen=True):
    """The provider's destinations in a configuration.

    Attributes:
        name: The file's.
        format: One of `FORMATS`.
        names: The provider's host names, in order, each once: ``acme.pstn.dublin.twilio.com``.
        edges: The distinct edges among them, in order. At least two are wanted.
        pinned: Addresses in published ranges that calls are sent to. A fault: a name has every address of its edge.
        without_edge: Names that say no edge.
        unclear: What was not followed, with its line. A destination may be hidden there.
    """

    name: str
    format: str
    names: tuple[str, ...]
    edges: tuple[str, ...]
    pinned: tuple[str, ...]
    without_edge: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()


def read_sbc(text: str, name: str, ranges: PublishedRanges | None = None) -> SbcConfig:
    """The provider's destinations in a configuration of Kamailio, Asterisk, FreeSWITCH or OpenSIPS.

    Args:
        name: The file's, for messages.
        ranges: What is published; None is the list that comes with the program.

    Raises:
        BrokenSbcConfig: If it is none of them, or not well-formed. Nothing is guessed.
    """
    if len(text) > CHARACTERS_MAX:
        raise BrokenSbcConfig(f"{name}: has {len(text)} characters, and at most {CHARACTERS_MAX} are read.")
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    if not text.strip():
        raise BrokenSbcConfig(f"{name}: is empty. Nothing was judged.")
    if "\0" in text:
        raise BrokenSbcConfig(f"{name}: is not text. Nothing was judged.")
    published = published_ranges() if ranges is None else ranges
    found = Found(name, [net for net, _ in published.networks()], published.edges)
    form = _read(text, found)
    if not form:
        first = next(line.strip() for line in text.splitlines() if line.strip())
        raise BrokenSbcConfig(
            f"{name}: is no configuration that is known; it begins with {first[:60]!r}. Nothing was judged. Known are a"
            " dispatcher list or a script of Kamailio or OpenSIPS, Asterisk's pjsip.conf, and FreeSWITCH's XML of a"
            " profile, gateway or dialplan."
        )
    return SbcConfig(
        name,
        form,
        tuple(found.names),
        tuple(found.edges),
        tuple(found.pinned),
        tuple(found.without_edge),
        tuple(found.unclear),
    )


def together(configs: Sequence[SbcConfig]) -> tuple[SbcConfig, ...]:
    """The files of one SBC: a script whose dispatcher's list is among them has nothing unclear about that any more."""
    listed = {one.format for one in configs}
    return tuple(
        msgspec.structs.replace(
            one, unclear=tuple(place for place in one.unclear if f": {LISTED} dispatcher " not in place)
        )
        if f"{one.format}-dispatcher" in listed
        else one
        for one in configs
    )


def _read(text: str, found: Found) -> str:
    """Read it as what it is; empty if it is nothing that is known."""
    if text.lstrip().startswith("<"):
        read_freeswitch(text, found)
        return "freeswitch"
    if is_list(text):
        read_list(text, found)
        return "kamailio-dispatcher"
    if is_table(text):
        read_table(text, found)
        return "opensips-dispatcher"
    if script := is_script(text):
        read_script(text, found)
        return script
    if is_asterisk(text):
        read_asterisk(text, found)
        return "asterisk"
    return ""
