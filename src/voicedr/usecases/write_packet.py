"""The page for the people who decide, as HTML that opens from disk and prints on one sheet, and as JSON."""

from __future__ import annotations

from functools import cache

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from voicedr.program.governance.packet import Packet
from voicedr.program.governance.packet_parts import Sure
from voicedr.program.validation.spoken import clock, count, short, span, stamp

SCHEMA = "voicedr/packet/1"
"""The name of the JSON's shape. Fields are added; a field that changes its meaning gets another name."""

MARKS = {Sure.GOOD: "✔", Sure.BAD: "✖", Sure.UNKNOWN: "?", Sure.SAID: "·"}
"""A line's sign, the same in the terminal and on paper; ``not known`` is also said in words."""

CLASSES = {Sure.GOOD: "good", Sure.BAD: "bad", Sure.UNKNOWN: "warn", Sure.SAID: ""}


def packet_json(packet: Packet) -> bytes:
    """Everything that the page shows."""
    body = {"schema": SCHEMA, "unknowns": packet.unknowns, "packet": packet}
    return msgspec.json.format(msgspec.json.encode(body), indent=2)


def packet_html(packet: Packet) -> str:
    """The page. It needs no script and loads nothing."""
    columns = (
        (
            ("Signals", packet.signals),
            ("Technical preconditions", packet.technical),
            ("Business impact", packet.business),
        ),
        (
            ("Waiting against moving", packet.costs),
            ("What callers lose in the standby", packet.lost),
            ("What will be done", (*packet.actions, packet.takes)),
        ),
    )
    return _page().render(packet=packet, columns=columns, marks=MARKS, classes=CLASSES)


@cache
def _page() -> Template:
    environment = Environment(
        loader=PackageLoader("voicedr.usecases", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update({"span": span, "clock": clock, "stamp": stamp, "short": short, "count": count})
    return environment.get_template("packet.html")
