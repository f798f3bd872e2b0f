"""The coverage page says what the twin does, and is current."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from switchboard_scene import FALLBACK, PRIMARY, SERVES, call_once, make_world, set_route
from voicedr.twin.calls.caller import Caller
from voicedr.twin.twiml_reference import twiml_reference

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "twiml_coverage.md"
_ROW = re.compile(r"\| `([A-Za-z/]+)` \| ([a-z ]+) \| ([a-z ]+) \| ([a-z ]+) \|")
_CLAIMS = [
    (path, region, claim)
    for path, *claims in _ROW.findall(twiml_reference())
    for region, claim in zip(("us1", "ie1", "au1"), claims, strict=True)
    if claim != "acted out"
]


def test_the_page_is_current() -> None:
    """The page in the repository is what the code says."""
    assert PAGE.read_text(encoding="utf-8") == twiml_reference(), "run .venv/bin/python scripts/write_twin_reference.py"


@pytest.mark.parametrize(("path", "region", "claim"), _CLAIMS)
def test_what_is_not_acted_out(path: str, region: str, claim: str) -> None:
    """Accepted is a warning 12200 and the next verb; refused is 13803 and the fallback."""
    world = make_world(regions=("us1", "ie1", "au1"))
    set_route(world, region)
    verb, _, noun = path.partition("/")
    inner = f"<{verb}><{noun}/></{verb}>" if noun else f"<{verb}/>"
    _, scene = call_once({PRIMARY: f"{inner}<Pause/>", FALLBACK: SERVES}, Caller(hangs_up_after_s=20), world=world)
    assert scene.codes(region) == ["12200" if claim == "accepted" else "13803"]
    assert (FALLBACK in scene.app.urls()) == (claim == "refused")
