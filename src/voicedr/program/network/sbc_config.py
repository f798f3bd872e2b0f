"""Configurations of session border controllers, made from a topology: equal topologies give equal bytes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from voicedr.program.network.sbc_configs.asterisk import asterisk
from voicedr.program.network.sbc_configs.config_file import ConfigFile
from voicedr.program.network.sbc_configs.freeswitch import freeswitch
from voicedr.program.network.sbc_configs.kamailio import kamailio
from voicedr.program.network.sbc_configs.opensips import opensips
from voicedr.program.network.topology import Topology

Writer: TypeAlias = Callable[[Topology], tuple[ConfigFile, ...]]

WRITERS: dict[str, Writer] = {
    "kamailio": kamailio,
    "asterisk": asterisk,
    "freeswitch": freeswitch,
    "opensips": opensips,
}

LOADED = frozenset({"kamailio"})
"""Whose program our tests load them into. The others are checked by structure alone, and each file says so."""


def sbc_config(topology: Topology, program: str) -> tuple[ConfigFile, ...]:
    """The files for one program, of `WRITERS`."""
    return WRITERS[program](topology)
