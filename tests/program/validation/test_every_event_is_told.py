"""Whatever a journal may say has a sentence, and no event stops the story from being told."""

from __future__ import annotations

import enum
import types
import typing
from datetime import datetime
from typing import Any

import msgspec
import pytest

from made_journals import Writer, at, make_plan
from voicedr.program.execution import events as ev
from voicedr.program.execution.plan import Plan, plan_hash
from voicedr.program.validation.story import tell
from voicedr.program.validation.timeline import timeline_line

KINDS: tuple[type[ev.Event], ...] = typing.get_args(ev.Event)


def sample(kind: Any) -> Any:
    """A value of a type, as simple as there is one."""
    if kind is Plan:
        return make_plan()
    if kind is datetime:
        return at(50)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Literal:
        return arguments[0]
    if origin is tuple:
        return (sample(arguments[0]),)
    if origin in (typing.Union, types.UnionType):
        return sample(arguments[0])
    if isinstance(kind, typing.NewType):
        return kind("+14155550100") if kind.__name__ == "E164" else kind("ie1")
    if issubclass(kind, enum.Enum):
        return next(iter(kind))
    if issubclass(kind, msgspec.Struct):
        hints = typing.get_type_hints(kind)
        return kind(**{name: sample(hints[name]) for name in kind.__struct_fields__})
    return {str: "something", bool: True, int: 1, float: 1.0, bytes: b"x"}[kind]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_kind_of_event_has_a_sentence(kind: type[ev.Event]) -> None:
    """Words for people, whatever its fields hold; none is the name of a class."""
    line = timeline_line(sample(kind))
    assert len(line.words.split()) > 1
    assert kind.__name__ not in line.words
    assert line.event == kind.__struct_config__.tag


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_story_is_told_with_any_event_in_it(kind: type[ev.Event]) -> None:
    """Also where it stands alone, or speaks of what the plan does not have."""
    event = sample(kind)
    journal = Writer().approve().run().move("canary", 166).journal
    for events in ([event], [*journal, event], [journal[0], event]):
        told = tell(events)
        assert told.records == len(events)
        assert told.next_steps


def test_the_samples_are_of_every_kind() -> None:
    """There are as many as the journal knows, and a sample plan has a hash."""
    assert len(KINDS) >= 30
    assert plan_hash(sample(Plan))
