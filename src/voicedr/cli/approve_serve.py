"""``voicedr approve --serve``: the same block as ``--paste`` takes, by POST, on an address of this machine alone.

Whoever can send something here can give no approval: the signature in the block does that. A request says who is meant
only to be told sooner that it is the wrong block.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qs

from voicedr.adapters.http.listener import HTML, Answer, Asked, is_this_machine, listening, loopback
from voicedr.cli.failures import REFUSED, UNKNOWN, WRONG_USE, Stop, exit_code
from voicedr.cli.options import err, out
from voicedr.program.execution.events import Approved
from voicedr.program.governance.armour import BLOCK_BYTES_MAX
from voicedr.program.governance.statement import StatementRefused
from voicedr.program.scope.durations import parse_duration_s, write_duration
from voicedr.usecases.approve import AlreadyRecorded

SERVES_S_MAX = 24 * 3600.0
"""Nobody means to leave it open for longer than the longest approval is waited for."""

BODY_BYTES_MAX = 3 * BLOCK_BYTES_MAX + 1024
"""A form writes a byte as three in the worst case."""

LINGER_S = 2.0
"""So long it still answers once the plan is approved: a second click is told that it is kept."""

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}

_CODES = {WRONG_USE: 400, UNKNOWN: 503, REFUSED: 403}


@dataclass(frozen=True)
class Desk:
    """What is served, in three functions; each reads the workbook and the journal anew.

    Attributes:
        take: A text with a block, and who is said to give it or None, in; the approval that was recorded out. Raises
            what ``voicedr approve --paste`` ends with.
        page: The page; with what became of an approval in words, and whether that is good.
        statement: What a person would sign now.
        missing: What is missing, in words; empty if the plan is approved.
    """

    take: Callable[[str, str | None], Approved]
    page: Callable[[str, bool], str]
    statement: Callable[[str], str]
    missing: Callable[[], str]


def serve_approvals(
    desk: Desk, where: str, wanted: str | None, *, linger_s: float = LINGER_S, request_s_max: float = 10.0
) -> bool:
    """Serve until the plan is approved or the time is over; True if it is approved.

    Raises:
        Stop: If the time is none.
        NotHere: If the address is not one of this machine alone, or is taken. Nothing was started.
    """
    address, port = loopback(where)
    for_s = parse_duration_s(wanted or "15m")
    if not for_s or for_s > SERVES_S_MAX:
        raise Stop(
            f"--for is {wanted!r}; it takes a time such as 15m, at most {write_duration(SERVES_S_MAX)}.", WRONG_USE
        )
    return asyncio.run(_serve(desk, address, port, for_s, linger_s, request_s_max))


async def _serve(desk: Desk, address: str, port: int, for_s: float, linger_s: float, request_s_max: float) -> bool:
    approved = asyncio.Event()
    turn = asyncio.Lock()  # one approval after the other: the second of two equal ones finds the first

    async def handle(asked: Asked) -> Answer:
        async with turn:
            answer = await asyncio.to_thread(answer_to, asked, desk)
            if answer.status in (200, 201) and asked.method == "POST" and not await asyncio.to_thread(desk.missing):
                approved.set()
            return answer

    async with listening(
        address, port, handle, seen=_seen, body_bytes_max=BODY_BYTES_MAX, request_s_max=request_s_max
    ) as port_had:
        err.print(
            f"taking approvals at http://{address}:{port_had}/ for {write_duration(for_s)}, from this machine alone."
            f" From another one: ssh -L {port_had}:{address}:{port_had} HOST",
            markup=False,
        )
        try:
            await asyncio.wait_for(approved.wait(), for_s)
        except TimeoutError:
            return False
        await asyncio.sleep(linger_s)
    return True


def answer_to(asked: Asked, desk: Desk) -> Answer:
    """What a request is answered. Whatever is refused is refused in the words of the command line."""
    # Another name in Host is a page elsewhere that was pointed at this address (DNS rebinding).
    if not is_this_machine(re.sub(r":[0-9]+$", "", asked.headers.get("host", ""))):
        return _plain(421, "this is reached as localhost or 127.0.0.1 alone.")
    path, _, query = asked.target.partition("?")
    try:
        match asked.method, path:
            case "GET", "/":
                return Answer(200, desk.page("", True), "the page", HTML, HEADERS)
            case "GET", _ if path.startswith("/statement/"):
                person = path.removeprefix("/statement/")
                names = {"Content-Disposition": 'attachment; filename="approval.txt"'}
                return Answer(200, desk.statement(person), "a statement", headers=names)
            case "POST", "/":
                return _posted(asked, query, desk)
    except Exception as exc:
        return _plain(_status_of(exc), str(exc))
    if path == "/" or path.startswith("/statement/"):
        return _plain(405, f"{asked.method} means nothing here. GET the page, or POST an approval to /.")
    return _plain(404, "there is nothing here. GET the page at /, or POST an approval to it.")


def _posted(asked: Asked, query: str, desk: Desk) -> Answer:
    kind = asked.headers.get("content-type", "").partition(";")[0].strip().lower()
    sent = asked.body.decode(errors="replace")
    person = _only(query, "as")
    if kind == "application/x-www-form-urlencoded":
        person = _only(sent, "as") or person
        text = _only(sent, "approval") or ""
    elif kind in ("text/plain", ""):
        text = sent
    else:
        return _plain(415, "send the block as text/plain, or as the field approval of a form.")
    try:
        approved = desk.take(text, person)
        status, words = 201, f"{approved.person} ({approved.role}) approved plan {approved.plan_hash[:12]}."
        missing = desk.missing()
        told = f"{words} {missing or 'It is approved.'}"
    except AlreadyRecorded as exc:
        status, told = 200, f"It is kept already: {exc}"
    except Exception as exc:
        status, told = _status_of(exc), str(exc)
    if kind != "application/x-www-form-urlencoded":
        return _plain(status, told)
    return Answer(status, desk.page(told, status < 300), told, HTML, HEADERS)


def _status_of(exc: Exception) -> int:
    """The status for a failure.

    Raises:
        Exception: The same, if it is a defect of ours.
    """
    if isinstance(exc, StatementRefused):
        return 400
    code = exit_code(exc)
    if code is None:
        raise exc
    return _CODES.get(code, 503)


def _only(form: str, name: str) -> str | None:
    try:
        said = parse_qs(form, max_num_fields=8).get(name, [])
    except ValueError:
        return None
    return said[0] if len(said) == 1 else None


def _plain(status: int, words: str) -> Answer:
    return Answer(status, f"{words}\n", words)


def _seen(name: str, answer: Answer) -> None:
    line = "".join(sign if sign.isprintable() else " " for sign in answer.line)
    out.print(
        f"{datetime.now(UTC):%H:%M:%S}  {name}  {answer.status}  {line}", markup=False, soft_wrap=True, highlight=False
    )
