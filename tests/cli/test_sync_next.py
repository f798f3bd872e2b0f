"""After a plan of `voicedr sync` one next step is told, and it is the right one."""

from __future__ import annotations

from pathlib import Path

import pytest

from voicedr.cli.sync_next import next_step
from voicedr.cli.sync_plan_file import Words
from voicedr.program.standby.compare import Change
from voicedr.program.standby.doing import Do
from voicedr.program.standby.keys import Key
from voicedr.program.standby.plan import Step, SyncPlan
from voicedr.program.vocabulary import Region

CREATE = Step(Do.CREATE, Key("queue", "Nurses"))
EQUAL = Step(Do.EQUAL, Key("queue", "Nurses"))
BY_HAND = Step(
    Do.CONFLICT, Key("number", "+14155550100"), (Change("voice_url", "https://ie1.example", "https://us1.example"),)
)


def plan(*steps: Step, unread: tuple[str, ...] = ()) -> SyncPlan:
    """A plan of these steps."""
    return SyncPlan(f"AC{1:032}", Region("us1"), Region("ie1"), ("sales",), steps, unread)


@pytest.mark.parametrize(
    ("words", "kept_in", "told"),
    [
        (Words(), None, "voicedr sync apply"),
        (Words(("sales",), True), None, "voicedr sync apply sales --all"),
        (Words(adopt=("ip-acl:Head office",)), None, "voicedr sync apply --adopt 'ip-acl:Head office'"),
        (Words(("sales",), prune=True, adopt_all=True), None, "voicedr sync apply sales --adopt-all --prune"),
        (Words(("sales",), True), Path("my plan.json"), "voicedr sync apply --plan 'my plan.json'"),
    ],
)
def test_what_can_be_done_is_entered_as_it_was_asked_for(words: Words, kept_in: Path | None, told: str) -> None:
    """Or by the file that it was kept in, ready to be pasted."""
    assert next_step([plan(BY_HAND, CREATE)], words, kept_in) == told


def test_the_standbys_own_addresses_are_not_written_over_by_a_hint() -> None:
    """Where only conflicts are left, the workbook comes before taking anything over."""
    told = next_step([plan(EQUAL, BY_HAND)], Words(), None)
    assert told is not None
    assert told.index("workbook") < told.index("--adopt KIND:NAME")
    assert "--adopt-all" not in told


def test_nothing_is_told_where_nothing_is_to_be_done() -> None:
    """Neither when it matches, nor while it is not known what is to be done."""
    assert next_step([plan(EQUAL)], Words(), None) is None
    assert next_step([plan(EQUAL, unread=("queues of ie1: forbidden",))], Words(), None) is None
