"""What is seen of a running execution."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import msgspec
import typer
from rich.console import RenderableType
from rich.live import Live

from voicedr.cli.execution_output import eta_values, event_line, progress
from voicedr.cli.options import err, out
from voicedr.program.execution.events import CohortStarted, Event, GateSpoke
from voicedr.program.execution.state import Execution
from voicedr.program.validation.callers import CallerTally
from voicedr.program.validation.eta import eta
from voicedr.program.validation.story import tell


class Screen:
    """What is seen of a running execution: drawn again and again on a terminal, a line per event elsewhere."""

    def __init__(
        self, before: Sequence[Event], as_json: bool, callers: Callable[[], CallerTally | None] = lambda: None
    ) -> None:
        self._events = list(before)
        self._as_json = as_json
        self._callers = callers
        self._live = (
            Live(get_renderable=self._draw, console=out, refresh_per_second=4)
            if out.is_terminal and not as_json
            else None
        )

    def __enter__(self) -> Screen:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, *_error: object) -> None:
        if self._live is not None:
            self._live.stop()

    def saw(self, event: Event, _state: Execution) -> None:
        """One more event is durable."""
        self._events.append(event)
        if self._as_json:
            with contextlib.suppress(BrokenPipeError):
                typer.echo(msgspec.json.encode(self._with_eta(event)).decode())
        elif self._live is None and (line := event_line(event)) is not None:
            out.print(line, markup=False, soft_wrap=True)

    def tell(self, words: str) -> None:
        """Something that is not of the execution itself: above the drawing, or on standard error."""
        if self._live is not None:
            out.print(words, style="yellow", markup=False, soft_wrap=True)
        else:
            err.print(words, markup=False)

    def _with_eta(self, event: Event) -> object:
        """The event; where one step ends and the next begins, with the time at which all is expected to be over."""
        if not isinstance(event, CohortStarted | GateSpoke):
            return event
        expected = eta(tell(self._events, self._callers()), event.at)
        return event if expected is None else {**msgspec.to_builtins(event), "eta": eta_values(expected)}

    def _draw(self) -> RenderableType:
        return progress(tell(self._events, self._callers()), datetime.now(UTC))
