"""Connection overrides in a URL's fragment are obeyed within their ranges, or the webhook fails with a code."""

from __future__ import annotations

from voicedr.wire.overrides import BadOverrides, read, write

SEEDS = [
    b"https://app.example/voice#rc=3&rp=4xx,5xx,ct,rt,tt,all&ct=4000&rt=9000&tt=14000&e=dublin,ashburn&sni=y",
    b"https://app.example/voice?a=b#e=",
    b"https://app.example/voice#rc=-1&ct=99999999999999999999",
]


def one(data: bytes) -> None:
    """Read them, strictly and not."""
    text = data.decode("utf-8", "replace")
    for clamps in (True, False):
        try:
            found = read(text, clamps=clamps)
        except BadOverrides as exc:
            assert exc.code
            continue
        again = read(write(text, found), clamps=clamps)
        assert again == found
