"""An evidence file that was changed is broken, or none; one that is whole is what was exported, byte for byte."""

from __future__ import annotations

from pathlib import Path

from voicedr.program.evidence.file import EvidenceBroken, execution_of, verify
from voicedr.program.evidence.redaction import redact, verify_redacted

_WHOLE = (Path(__file__).parents[2] / "tests/fixtures/evidence-0.1.jsonl").read_bytes()
_LINES = _WHOLE.splitlines(keepends=True)
SEEDS = [_WHOLE[:18_500], b"".join([*_LINES[:4], _LINES[-1]]), redact(_WHOLE, bytes(32))[:18_500], b"{}\n"]


def one(data: bytes) -> None:
    """Verify it, as a full edition and as a redacted one."""
    try:
        execution_of(data)
        verdict = verify(data)
        assert verdict.what
        if verdict.whole:
            assert data == _WHOLE, "something that nobody exported is whole"
        else:
            assert verdict.first_bad is None or verdict.first_bad >= 1
    except EvidenceBroken as exc:
        assert str(exc)
    try:
        verify_redacted(data, [], lambda signature, words: False)
    except EvidenceBroken as exc:
        assert str(exc)
