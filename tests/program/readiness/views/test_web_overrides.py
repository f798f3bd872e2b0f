"""Connection overrides, read strictly."""

from __future__ import annotations

import pytest

from ready_web import EDGES
from voicedr.program.readiness.views.web_overrides import faults


@pytest.mark.parametrize(
    ("fragment", "wrong"),
    [
        ("", 0),
        (EDGES.removeprefix("#"), 0),
        ("rc=0&rp=all&sni=n&tt=15000", 0),
        ("rc=6", 1),
        ("rc=x", 1),
        ("ct=99", 1),
        ("ct=10001", 1),
        ("tt=99999999999999999999", 1),
        ("rp=6xx", 1),
        ("e=roaming", 1),
        ("sni=maybe", 1),
        ("retries=2", 1),
        ("rc=1&rc=2", 1),
        ("top", 1),
        ("e=paris&rc=9", 2),
    ],
)
def test_overrides_are_read_strictly(fragment: str, wrong: int) -> None:
    """What the provider does not know, or documents no meaning for, is a fault; nothing is brought back into range."""
    assert len(faults(f"https://app.example/voice#{fragment}")) == wrong
