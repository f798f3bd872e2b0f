"""When the standby is not touched: while somebody may need it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from voicedr.program.scope.workbook import Flow
from voicedr.program.vocabulary import Region


def affected(flows: Iterable[Flow], standby: Region) -> tuple[Flow, ...]:
    """The flows that live in a Region, or would be moved to it."""
    return tuple(flow for flow in flows if standby in (flow.primary, flow.standby))


def why_not_now(
    flows: Sequence[Flow], open_incidents: Iterable[tuple[str, str]], running: Iterable[tuple[str, str]]
) -> str | None:
    """Why nothing may be changed now, with the way on; None if it may.

    Args:
        flows: The flows that live in the standby, or would be moved to it.
        open_incidents: Incidents that are not closed, each with its flow.
        running: Executions that are not finished, each with its flow.
    """
    ids = {flow.id for flow in flows}
    for incident, flow in open_incidents:
        if flow in ids:
            return (
                f"{flow} has an incident that is not closed ({incident}): the standby is not changed during an"
                f" incident. When it is over: voicedr stand-down {flow}, then run this again."
            )
    for execution, flow in running:
        if flow in ids:
            return (
                f"{flow} has an execution that is not finished ({execution}): the standby is not changed while calls"
                f" are moved. Finish it (voicedr resume {execution}) or abort it, then run this again."
            )
    return None
