"""Whether somebody can act: not known is not yes, and what is not needed decides nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from program.scope.support_line import GOOD
from voicedr.program.readiness.acting import (
    DISK_BYTES_MIN,
    Look,
    Stands,
    can_act,
    clock_look,
    disk_look,
    key_look,
    people_looks,
)
from voicedr.program.scope.authority import Hours
from voicedr.program.scope.read import read_workbook
from voicedr.program.scope.workbook import Person

NOW = datetime(2026, 11, 21, 14, 2, 10, 400_000, UTC)
RUIZ = Person("ruiz", "A. Ruiz", ("on-call lead",))
OK, NOT, UNKNOWN = Stands.OK, Stands.NOT, Stands.UNKNOWN


@pytest.mark.parametrize(
    ("looks", "verdict"),
    [
        ([(OK, True)], OK),
        ([(OK, True), (UNKNOWN, True)], UNKNOWN),
        ([(OK, True), (UNKNOWN, True), (NOT, True)], NOT),
        ([(OK, True), (NOT, False), (UNKNOWN, False)], OK),
        ([(OK, False)], UNKNOWN),
        ([], UNKNOWN),
    ],
)
def test_only_if_all_that_is_needed_is_ok_somebody_can_act(looks: list[tuple[Stands, bool]], verdict: Stands) -> None:
    """Nothing that was looked at is not a yes, either."""
    assert can_act([Look("x", stands, "said", needed=needed) for stands, needed in looks]) is verdict


@pytest.mark.parametrize(
    ("date", "stands", "words"),
    [
        ("Sat, 21 Nov 2026 14:02:10 GMT", OK, "as the provider's"),
        ("Sat, 21 Nov 2026 14:02:09 GMT", OK, "0.4 s ahead"),
        ("Sat, 21 Nov 2026 14:01:10 GMT", OK, "59 s ahead"),
        ("Sat, 21 Nov 2026 13:59:00 GMT", NOT, "3 min 09 s ahead; 2 min is allowed"),
        ("Sat, 21 Nov 2026 14:05:00 GMT", NOT, "2 min 49 s behind; 2 min is allowed"),
        ("yesterday", UNKNOWN, "cannot be read"),
        (None, UNKNOWN, "had no date"),
    ],
)
def test_the_clock_is_compared_with_the_providers_date_as_far_as_that_can_tell(
    date: str | None, stands: Stands, words: str
) -> None:
    """A date knows whole seconds, and lies somewhere between the request and its answer."""
    look = clock_look(date, NOW, NOW + timedelta(milliseconds=300), 120.0)
    assert look.stands is stands
    assert words in look.said
    assert bool(look.next) == (stands is not OK)


def test_who_may_act_is_said_with_whom_to_ask_instead() -> None:
    """By role and hours; nobody is not somebody; and too few approvers are a gap."""
    workbook = read_workbook(GOOD, "voicedr.yaml")
    flow = workbook.flows[0]
    ruiz = workbook.people[0]
    asleep = msgspec.structs.replace(ruiz, hours=(Hours((0,), 0, 60, "UTC"),))
    night = msgspec.structs.replace(workbook, people=(asleep, *workbook.people[1:]))
    good = list(people_looks(workbook, flow, ruiz, NOW))
    assert [look.stands for look in good] == [OK, OK]
    assert "approve failover, execute" in good[0].said
    assert [look.stands for look in people_looks(workbook, flow, None, NOW)] == [UNKNOWN, OK]
    assert [look.stands for look in people_looks(night, flow, asleep, NOW)] == [NOT, NOT]
    stranger = Person("x", "X. Else", ("cook",))
    no = next(people_looks(workbook, flow, stranger, NOW))
    assert (no.stands, no.next) == (NOT, "voicedr who support-line")
    assert "Ask A. Ruiz" in no.said


@pytest.mark.parametrize(
    ("public", "signers", "person", "stands", "words"),
    [
        ("ssh-ed25519 AAAA1 me", "ruiz ssh-ed25519 AAAA1\n", RUIZ, OK, "one of ruiz's"),
        ("ssh-ed25519 AAAA1", 'ruiz valid-before="20270101Z" ssh-ed25519 AAAA1\n', RUIZ, OK, "one of ruiz's"),
        ("ssh-ed25519 AAAA1", "ruiz ssh-ed25519 AAAA2\n", RUIZ, NOT, "is not the one that is there"),
        ("ssh-ed25519 AAAA1", "chen ssh-ed25519 AAAA1\n", RUIZ, NOT, "nobody with that id"),
        ("", "ruiz ssh-ed25519 AAAA1\n", RUIZ, NOT, "is not the one that is there"),
        (None, "ruiz ssh-ed25519 AAAA1\n", RUIZ, UNKNOWN, "k.pub is not here"),
        ("ssh-ed25519 AAAA1", "ruiz ssh-ed25519 AAAA1\n", None, UNKNOWN, "nobody said whose"),
        (None, None, None, OK, "your word counts"),
    ],
)
def test_a_key_is_looked_for_in_the_list_of_signers_under_ones_own_name(
    public: str | None, signers: str | None, person: Person | None, stands: Stands, words: str
) -> None:
    """Another's line does not help, nor another key."""
    look = key_look(public, "k", signers, person, required=True)
    assert (look.stands, look.needed) == (stands, True)
    assert words in look.said
    assert not key_look(public, "k", signers, person, required=False).needed


def test_a_full_disk_is_a_gap() -> None:
    """At the limit it is not."""
    assert disk_look(DISK_BYTES_MIN, "/").stands is OK
    assert disk_look(DISK_BYTES_MIN - 1, "/").stands is NOT
