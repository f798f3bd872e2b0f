"""What people declare is read into values, and every mistake in it is told at its place."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from program.scope.support_line import GOOD, problems_of
from voicedr.program.governance.authority import cautions
from voicedr.program.readiness.declared import About
from voicedr.program.readiness.said import Said, Unsaid
from voicedr.program.scope.read import read_workbook
from voicedr.program.scope.schema_declared import VALUE_FORMS
from voicedr.program.scope.workbook import Workbook

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def declared(**told: str) -> str:
    """A workbook with one declaration; its keys may be told otherwise, and "" leaves one out."""
    line = {"about": "balancer", "value": "two", "owner": "ruiz", "on": "2026-11-21", "until": "2027-05-21", **told}
    return f"{GOOD}declared:\n- {{{', '.join(f'{key}: {value}' for key, value in line.items() if value)}}}\n"


def test_a_declaration_is_read_as_it_was_written() -> None:
    """Its value in its own form, its dates as days, and whom it is about."""
    text = declared(about="need", value="{calls_per_second: 12}", flows="[support-line]", evidence="CHG-1")
    workbook = read_workbook(text, "x")
    assert workbook.declared.about(About.NEED, "support-line", NOW) == Said(
        {"calls_per_second": 12}, "ruiz", date(2026, 11, 21), date(2027, 5, 21), "CHG-1"
    )
    assert isinstance(workbook.declared.about(About.NEED, "sales", NOW), Unsaid)


@pytest.mark.parametrize("about", list(About))
def test_every_about_has_a_form_whose_examples_are_right(about: About) -> None:
    """Whatever the reference page shows can be written into a workbook."""
    for example in VALUE_FORMS[about]["examples"]:
        value = json.dumps(example)
        assert problems_of(declared(about=about.value, value=value)) == ()


MISTAKES: list[tuple[dict[str, str], str]] = [
    ({"about": "balancr"}, 'Did you mean "balancer"?'),
    ({"value": "[a]"}, 'value of declaration "balancer" is a list; it must be a sentence'),
    ({"value": ""}, 'declaration "balancer" has no "value"'),
    ({"owner": "bob"}, 'owner of declaration "balancer" is "bob", who is nobody in people'),
    ({"owner": "rui"}, 'Did you mean "ruiz"?'),
    ({"until": "2026-11-20"}, "before it was said (2026-11-21)"),
    ({"on": "2026-02-30"}, "there is no such day"),
    ({"on": "yesterday"}, "it must be a day (YYYY-MM-DD)"),
    ({"flows": "[support-lin]"}, 'Did you mean "support-line"?'),
    ({"flows": "[]"}, "it must have at least one entry"),
    ({"extra": "1"}, 'has a key "extra", which is not known'),
    ({"about": "firewall-export", "value": "a.json"}, "it must be a list of files"),
    ({"about": "firewall-export", "value": "[/etc/x]"}, "relative to the workbook"),
    ({"about": "firewall-export", "value": '["https://x/y"]'}, "relative to the workbook"),
    ({"about": "need", "value": "{calls_per_minute: 4}"}, 'Did you mean "calls_per_second"?'),
    ({"about": "need", "value": "{calls_per_second: 0}"}, "it must be a number, above 0"),
    ({"about": "capacity", "value": "{us9: {calls_per_second: 3}}"}, '"us9" is not a Region'),
    ({"about": "token-ttl", "value": "1h"}, "it must be a number of seconds"),
    ({"about": "token-services", "value": '[{url: "https://x.example", bearer: hunter2}]'}, "reference to the secret"),
    ({"about": "regional-secrets", "value": f"{{ie1: {'0' * 30}ab}}"}, "looks like a secret and is not shown"),
    ({"about": "client-versions", "value": "{js: 2.11}"}, "it must be a version in quotes"),
    ({"about": "people-reached", "value": "{bob: 2026-11-01}"}, 'names "bob", who is nobody in people'),
    ({"about": "people-reached", "value": "{ruiz: 2026-11-31}"}, "there is no such day"),
    ({"about": "application-instances", "value": "{app1: dublin}"}, "not an absolute http or https URL"),
    ({"about": "outbound-countries", "value": "[ie]"}, "an ISO country code in capitals"),
    ({"about": "push-credentials", "value": "{ie1: [AP1]}"}, "the SID of a push credential"),
]


@pytest.mark.parametrize(("told", "words"), MISTAKES, ids=lambda value: str(value)[:60])
def test_a_mistake_is_told_at_its_place_and_alone(told: dict[str, str], words: str) -> None:
    """One message, in the last line of the file, and never the secret."""
    text = declared(**told)
    (problem,) = problems_of(text)
    assert problem.startswith(f"support-line.yaml:{len(text.splitlines())}:")
    assert words in problem
    assert "hunter2" not in problem
    assert "0" * 30 not in problem


def test_the_same_said_twice_on_one_day_is_a_mistake() -> None:
    """Nobody could say which one counts; on another day, or of another flow, it is none."""
    line = declared().splitlines()[-1]
    assert "on line" in problems_of(f"{declared()}{line}\n")[0]
    assert problems_of(f"{declared()}{line.replace('2026-11-21', '2026-11-20')}\n") == ()
    assert problems_of(f"{declared()}{line.replace('}', ', flows: [support-line]}')}\n") == ()


def careful(workbook: Workbook, now: datetime) -> list[str]:
    """The cautions that are about declarations."""
    return [one for one in cautions(workbook, workbook.flows[0], now) if "declared" in one]


def test_what_has_ended_is_a_caution_and_no_mistake() -> None:
    """The workbook still works; what was said counts no more, and whoever checks is told whose word it was."""
    workbook = read_workbook(declared(until="2026-11-21"), "x")
    assert careful(workbook, datetime(2026, 11, 21, 23, tzinfo=UTC)) == []
    (caution,) = careful(workbook, NOW)
    assert "what ruiz declared about balancer ended on 2026-11-21" in caution
    assert "declare it anew" in caution
    newer = declared(until="2026-11-21") + declared(on="2026-11-20").splitlines()[-1] + "\n"
    assert careful(read_workbook(newer, "x"), NOW) == []
    early: Any = careful(read_workbook(declared(on="2026-12-01"), "x"), NOW)
    assert "begins on 2026-12-01" in early[0]
