"""``voicedr approve --serve``: approvals over a real socket of a real process, and all that is refused there."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote, urlencode

import msgspec
import pytest

from approval_desk import Desk
from program.scope.support_line import GOOD
from real_stage import PROGRAM
from voicedr.program.governance.armour import BLOCK_BYTES_MAX, write_block
from voicedr.program.governance.statement import read_statement, write_statement

pytestmark = pytest.mark.slow

FORM = "application/x-www-form-urlencoded"


@dataclass
class Served:
    """A process that takes approvals."""

    port: int
    process: subprocess.Popen[str]

    def ask(self, method: str, target: str = "/", body: str | None = None, **headers: str) -> tuple[int, str]:
        """One request; status and text."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            named: Mapping[str, str] = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, target, None if body is None else body.encode(), dict(named))
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def post(self, text: str, person: str = "") -> tuple[int, str]:
        """A block as text."""
        return self.ask("POST", f"/?as={person}" if person else "/", text, Content_Type="text/plain; charset=utf-8")

    def form(self, text: str, **fields: str) -> tuple[int, str]:
        """A block as a browser sends it."""
        # A browser ends the lines of a text area with CR LF.
        body = urlencode({"approval": text.replace("\n", "\r\n"), **fields})
        return self.ask("POST", "/", body, Content_Type=FORM)

    def ended(self) -> tuple[int, list[str]]:
        """Wait for its end; the code, and what was on the screen."""
        out, _ = self.process.communicate(timeout=20)
        return self.process.returncode, out.splitlines()


@contextmanager
def served(desk: Desk, *arguments: str) -> Iterator[Served]:
    """The program, serving the desk's plan on a free port."""
    process = subprocess.Popen(
        [PROGRAM, "approve", desk.digest, "--serve", "127.0.0.1:0", *arguments,
         "-w", f"{desk.folder}/voicedr.yaml", "--journal", desk.journal_file],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "COLUMNS": "400"},
    )  # fmt: skip
    assert process.stderr is not None
    try:
        line = process.stderr.readline()
        port = re.search(r"http://127\.0\.0\.1:([0-9]+)/", line)
        assert port, line + process.stderr.read()
        yield Served(int(port[1]), process)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.communicate(timeout=20)


def block_of(desk: Desk, statement: str, signer: str) -> str:
    """What comes by mail."""
    return write_block(statement, desk.laptops[signer].sign(statement))


def test_two_people_approve_by_http_and_it_ends(desk: Desk) -> None:
    """By text and by form, from the statement that the page hands out; a repeated one is kept already; exit 0."""
    with served(desk, "--for", "1m") as at:
        code, page = at.ask("GET")
        assert (code, "<script" in page) == (200, False)
        assert desk.digest in page
        assert page.count("voicedr approval 1\n") == 2, "one for each who may approve"
        code, statement = at.ask("GET", "/statement/ruiz")
        assert (code, read_statement(statement).person) == (200, "ruiz")
        mail = "".join(f"> {line}\r\n" for line in block_of(desk, statement, "ruiz").splitlines())
        first = at.post(f"On Saturday A. Ruiz wrote:\r\n{mail}")
        assert first[0] == 201, first
        assert first[1].startswith(f"A. Ruiz (on-call lead) approved plan {desk.digest[:12]}. 1 more of 2 people")
        again = at.post(mail)
        assert (again[0], "is kept already: this approval of A. Ruiz was recorded before" in again[1]) == (200, True)
        page = at.ask("GET")[1]
        assert page.count("voicedr approval 1\n") == 1
        assert "A. Ruiz (on-call lead)" in page
        block = block_of(desk, at.ask("GET", "/statement/chen")[1], "chen")
        last = at.form(block, **{"as": "chen"})
        assert (last[0], "It is approved." in last[1]) == (201, True)
        assert at.form(block)[0] == 200, "a second click"
        code, screen = at.ended()
    assert code == 0
    assert [(one.person_id, one.signed) for one in desk.approvals()] == [("ruiz", True), ("chen", True)]
    assert screen[-1] == "It is approved: voicedr failover support-line"
    assert [re.sub("^[0-9:]+ +", "", line)[:13] for line in screen[:-1]] == [
        "GET /  200  t", "GET /statemen", "POST /  201  ", "POST /  200  ", "GET /  200  t",
        "GET /statemen", "POST /  201  ", "POST /  200  ",
    ]  # fmt: skip


def test_each_misuse_of_a_pasted_block_is_refused_in_the_same_words(desk: Desk) -> None:
    """By HTTP and at the command line: the same words, nothing recorded."""
    statement = desk.statement("ruiz")
    said = read_statement(statement)

    def shifted(by: timedelta) -> str:
        return write_statement(
            msgspec.structs.replace(said, given_at=said.given_at + by, expires_at=said.expires_at + by)
        )

    changed = msgspec.structs.replace
    cases: list[tuple[str, str, str, int]] = [
        (block_of(desk, statement, "chen"), "ruiz", 'not one that "ruiz" may use', 403),
        (block_of(desk, statement, "ruiz"), "chen", 'the approval of "ruiz", not of "chen"', 403),
        (
            block_of(desk, statement.replace("\n", "\r\n"), "ruiz"),
            "ruiz",
            "line 1 of the statement ends with a car",
            400,
        ),
        (
            block_of(desk, write_statement(changed(said, plan="0" * 64)), "ruiz"),
            "ruiz",
            "approves plan 0000000000",
            403,
        ),
        (
            block_of(desk, write_statement(changed(said, role="operations director")), "ruiz"),
            "ruiz",
            "not have the",
            403,
        ),
        (block_of(desk, shifted(timedelta(hours=-5)), "ruiz"), "ruiz", "it expired", 403),
        (block_of(desk, shifted(timedelta(hours=1)), "ruiz"), "ruiz", "in the future", 403),
        (block_of(desk, statement, "ruiz"), "nobody", "'nobody' is nobody in", 400),
        (block_of(desk, statement, "ruiz").replace("statement", "statment"), "ruiz", "must have the parts", 400),
        (block_of(desk, statement, "ruiz") * 2, "ruiz", "2 lines that begin one", 400),
        ("", "ruiz", "0 lines that begin one", 400),
        ("\0\xff garbage", "ruiz", "0 lines that begin one", 400),
        ("x" * (BLOCK_BYTES_MAX + 1), "ruiz", f"more than {BLOCK_BYTES_MAX} bytes", 400),
    ]
    with served(desk) as at:
        for block, person, words, status in cases:
            pasted = desk.voicedr("approve", desk.digest, "--as", person, "--paste", typed=block)
            assert words in pasted.err, pasted
            by_text = at.post(block, person)
            assert by_text == (status, by_text[1]), (words, by_text)
            # The command line names the very moment; everything else is word for word the same.
            assert _timeless(by_text[1].rstrip("\n")) == _timeless(pasted.err)
            if not block.startswith("\0"):
                by_form = at.form(block, **{"as": person})
                assert by_form[0] == status
                assert words.replace('"', "&#34;").replace("'", "&#39;") in by_form[1]
        _misuse_of_http(at)
        desk.put("allowed_signers", f"chen {desk.laptops['chen'].public}\n")
        assert '"ruiz" has no key in' in at.post(block_of(desk, statement, "ruiz"))[1]
        desk.put("voicedr.yaml", "people: [")
        assert at.post(block_of(desk, statement, "ruiz"))[0] == 400, "a workbook that is being edited"
    assert desk.approvals() == []


def _misuse_of_http(at: Served) -> None:
    """What is no approval at all."""
    hosts = {"evil.example": 421, "127.evil.example": 421, "127.0.0.1.evil.example:80": 421, "localhost:9": 200}
    for host, status in hosts.items():
        assert at.ask("GET", Host=host)[0] == status, host
    assert at.ask("GET", "/journal.db")[0] == 404
    assert at.ask("GET", "/statement/..%2f..")[0] == 400
    assert at.ask("DELETE")[0] == 405
    assert at.ask("POST", "/", "{}", Content_Type="application/json")[0] == 415
    assert at.ask("POST", "/", "x" * 300_000, Content_Type="text/plain")[0] == 413
    assert at.ask("POST", "/", "approval=a&approval=b", Content_Type=FORM)[0] == 400
    escaped = at.ask("GET", f"/statement/{quote('<b>')}")[1]
    assert "<b>" not in escaped


def _timeless(words: str) -> str:
    return re.sub(r"[0-9]{2}:[0-9]{2}:[0-9]{2}", "…", words)


def test_it_ends_by_itself_without_approvals(desk: Desk) -> None:
    """When its time is over: exit 1, and what is missing."""
    with served(desk, "--for", "0.2s") as at:
        code, screen = at.ended()
    assert (code, "2 more of 2 people" in " ".join(screen)) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--serve", "0.0.0.0:0"), 2, "not an address of this machine alone"),
        (("--serve", "127.0.0.1"), 2, "not an address of this machine alone"),
        (("--serve", "127.evil.example:80"), 2, "not an address of this machine alone"),
        (("--serve", "[::]:80"), 2, "not an address of this machine alone"),
        (("--serve", "127.0.0.1:99999"), 2, "not an address of this machine alone"),
        (("--serve", "127.0.0.1:0", "--for", "soon"), 2, "--for is 'soon'"),
        (("--serve", "127.0.0.1:0", "--for", "25h"), 2, "at most 24h"),
        (("--serve", "127.0.0.1:0", "--for", "0s"), 2, "--for is '0s'"),
        (("--for", "15m"), 2, "--serve takes approvals from others"),
        (("--serve", "127.0.0.1:0", "--paste"), 2, "--serve takes approvals from others"),
        (("--serve", "127.0.0.1:0", "--as", "nobody"), 2, "'nobody' is nobody"),
    ],
)
def test_what_cannot_be_served_is_said_before(desk: Desk, arguments: tuple[str, ...], code: int, words: str) -> None:
    """Nothing is started."""
    said = desk.voicedr("approve", desk.digest, *arguments)
    assert (said.code, words in said.err) == (code, True), said


def test_without_a_list_of_signers_nothing_is_served(desk: Desk) -> None:
    """Words are not taken by HTTP: anybody could say them."""
    desk.put("voicedr.yaml", GOOD)
    said = desk.voicedr("approve", desk.digest, "--serve", "127.0.0.1:0")
    assert (said.code, "names no list of signers" in said.err) == (4, True)
