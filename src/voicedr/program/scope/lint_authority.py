"""What must fit together in who decides: people who exist, zones, times, and rules that somebody may break."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from voicedr.program.scope.authority import BreakGlass, Decision, Function, OnNoAnswer
from voicedr.program.scope.build_authority import instant_of
from voicedr.program.scope.durations import parse_duration_s
from voicedr.program.scope.lint_approvals import VALID_S_LIMIT
from voicedr.program.scope.positions import Node
from voicedr.program.scope.problems import Place
from voicedr.program.scope.structure import cut, suggestion

Found = Iterator[tuple[Place, str]]


def authority_problems(root: Node) -> Found:
    """Everything that is wrong with hours, functions, glass and freezes."""
    yield from _zones(root)
    yield from _functions(root)
    yield from _glass(root)
    yield from _freezes(root)
    for entry in root.get("flows").entries:
        yield from _silence(entry.key, entry.value)
        yield from _impact(entry.key, entry.value.get("impact"))


def _zones(root: Node) -> Found:
    homes = [entry.value.get("failback") for entry in root.get("flows").entries]
    for owner in (*root.get("people").items, *homes):
        for hours in owner.get("hours").items:
            zone = hours.get("zone")
            if zone.text and not _is_zone(zone.text):
                yield (
                    zone.place,
                    f'zone "{cut(zone.text)}" is not in the IANA database of this machine. Write it as Europe/Dublin'
                    " or UTC; if it is right, install tzdata.",
                )
            if hours.get("from").text and hours.get("from").text == hours.get("to").text:
                yield (
                    hours.get("to").place,
                    f"these hours begin and end at {hours.get('to').text}. For a whole day write 00:00 to 24:00.",
                )


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _functions(root: Node) -> Found:
    people = [person.get("id").text or "" for person in root.get("people").items]
    authority = root.get("authority")
    for function in Function:
        duty = authority.get(function)
        seen: set[str] = set()
        for text, place in duty.get("order").texts:
            if people and text not in people:
                hint = suggestion(text, people, otherwise="Add them to people, or take them out.")
                yield place, f'authority.{function}.order names "{cut(text)}", who is nobody in people. {hint}'
            if text in seen:
                yield place, f'authority.{function}.order names "{cut(text)}" twice. Take one of them out.'
            seen.add(text)
        if parse_duration_s(duty.get("answer_within").text or "") == 0:
            node = duty.get("answer_within")
            yield node.place, f"answer_within of authority.{function} is {node.text}; it must be longer than nothing."
    for pair in authority.get("different_people").items:
        if len(pair.texts) == 2 and pair.texts[0][0] == pair.texts[1][0]:
            yield pair.place, f"different_people names {pair.texts[0][0]} twice. Name two functions."


def _glass(root: Node) -> Found:
    glass = root.get("break_glass")
    duties = [root.get("authority").get(function) for function in Function]
    may = {text for duty in duties for text, _ in duty.get("may").texts}
    if glass.get("rules").items and Decision.BREAK_GLASS not in may:
        yield (
            glass.get("rules").place,
            "break_glass names rules, but no function may break glass, so nobody could. Add break-glass to the `may` of"
            " a function in authority, beside what it may now, or take break_glass out.",
        )
    valid = glass.get("valid_for")
    valid_s = parse_duration_s(valid.text or "") if valid else BreakGlass().valid_for_s
    if valid_s is not None and not 1 <= valid_s <= VALID_S_LIMIT:
        yield valid.place, f"valid_for of break_glass is {valid.text}; it must be from 1s to 24h, e.g. 1h."


def _freezes(root: Node) -> Found:
    for window in root.get("freeze").items:
        times = []
        for key in ("from", "to"):
            try:
                times.append(instant_of(window.get(key).text))
            except ValueError:
                if window.get(key).text and len(window.get(key).text or "") == len("2026-12-24T00:00Z"):
                    yield window.get(key).place, f"{key} of a freeze is {window.get(key).text}; there is no such time."
        if len(times) == 2 and times[1] <= times[0]:
            yield window.get("to").place, "this freeze ends before it begins. Write the later time as its `to`."


def _silence(flow_id: str, flow: Node) -> Found:
    node = flow.get("on_no_answer")
    if node.text in (OnNoAnswer.ROLL_BACK, OnNoAnswer.GO_ON) and not flow.get("answer_within"):
        yield (
            node.place,
            f'on_no_answer of flow "{flow_id}" is {node.text}, but the flow does not say how long an answer is waited'
            " for. Add answer_within, e.g. 10m.",
        )
    within = flow.get("answer_within")
    if parse_duration_s(within.text or "") == 0:
        yield within.place, f'answer_within of flow "{flow_id}" is {within.text}; it must be longer than nothing.'


def _impact(flow_id: str, impact: Node) -> Found:
    for key in ("cost_per_minute", "standby_cost_per_minute"):
        if impact.get(key) and not impact.get("currency"):
            yield (
                impact.get(key).place,
                f'{key} of flow "{flow_id}" has no currency. Add it, e.g. currency: EUR.',
            )
            return
