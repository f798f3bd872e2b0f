"""A file of ranges is taken or refused with its place; what was taken is written and read again as it was."""

from __future__ import annotations

from voicedr.program.network.published import published_ranges
from voicedr.program.network.ranges_file import PREFIX_LENGTH_MIN, BrokenRanges, ranges_text, read_ranges

_SHORT = (
    b'{"source":["https://a.example"],"read_on":"2026-11-21","ranges":[{"kind":"media","edges":["dublin","tokyo"],'
    b'"prefixes":["168.86.128.0/18"],"protocol":"udp","port_min":10000,"port_max":60000}]}'
)
SEEDS = [
    ranges_text(published_ranges()).encode()[:19_000],
    _SHORT,
    _SHORT.replace(b"168.86.128.0/18", b"::/0"),
    b"[" * 3000,
]


def one(data: bytes) -> None:
    """Read it, write it, read it."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return
    try:
        ranges = read_ranges(text, "r.json")
    except BrokenRanges as exc:
        assert str(exc).isprintable(), "a message sends something to the terminal"
        return
    assert read_ranges(ranges_text(ranges), "again") == ranges
    assert all(net.prefixlen >= PREFIX_LENGTH_MIN for net, _ in ranges.networks())
    assert {edge for one in ranges.chosen(interconnect=True) for edge in one.edges} == set(ranges.edges)
