"""What the workbook may say of the standby's copy, and every way in which it may say it wrong."""

from __future__ import annotations

import pytest

from program.scope.support_line import GOOD, problems_of
from voicedr.program.scope.read import read_workbook
from voicedr.program.scope.standby_copy import Named, Sync, UrlRule

US1 = '"https://us1.app.example"'


def test_left_out_everything_is_the_same() -> None:
    """No rules, nothing besides, nothing taken over."""
    assert read_workbook(GOOD, "x").sync == Sync()


def test_the_rules_are_read() -> None:
    """As they were written."""
    text = """\
sync:
  urls:
    - {from: "https://us1.app.example", to: "https://{region}.app.example"}
    - {from: ";edge={edge}", to: ";edge={edge}", flow: support-line}
  credentials: {"Desk phones/reception": "env:SIP_PW"}
  also: [{kind: queue}]
  ours: [application]
  ignore: [{kind: queue, name: Support, fields: [max_size]}]
"""
    assert read_workbook(GOOD + text, "x").sync == Sync(
        urls=(
            UrlRule("https://us1.app.example", "https://{region}.app.example"),
            UrlRule(";edge={edge}", ";edge={edge}", "support-line"),
        ),
        credentials={"Desk phones/reception": "env:SIP_PW"},
        also=(Named("queue"),),
        ours=("application",),
        ignore=(Named("queue", "Support", ("max_size",)),),
    )


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (f'urls: [{{from: {US1}, to: "https://{{regio}}.x"}}]', '"{regio}" is no placeholder'),
        (f'urls: [{{from: {US1}, to: "https://x", flow: suport-line}}]', 'Did you mean "support-line"?'),
        (f'urls: [{{from: {US1}, to: ";edge=x"}}]', "from an address to an address"),
        (f'urls: [{{from: {US1}, to: "https://u:hunter2@x"}}]', "holds a user or password"),
        (f"urls: [{{from: {US1}}}]", 'has no "to"'),
        ('urls: [{from: "ftp://x", to: "https://x"}]', "must be the beginning of a URL or SIP URI"),
        ("credentials: {reception: env:X}", 'Write it as "list/username"'),
        ("credentials: {a/b: hunter2}", "never the secret itself"),
        ("also: [{kind: queues}]", 'Did you mean "queue"?'),
        ("ours: [api-key]", "must be application, credential"),
        ("ignore: [{kind: queue, fields: [max_sise]}]", 'Did you mean "max_size"?'),
        ("ignore: [{kind: queue, fields: [friendly_name]}]", "It has: max_size."),
        ("prune: true", 'has a key "prune"'),
    ],
)
def test_a_mistake_is_told_with_its_place(written: str, said: str) -> None:
    """One line, with the way on, and never with a secret."""
    (problem,) = problems_of(f"{GOOD}sync:\n  {written}\n")
    line = GOOD.count("\n") + 2
    assert problem.startswith(f"support-line.yaml:{line}:")
    assert said in problem
    assert "hunter2" not in problem


def test_the_same_beginning_twice_is_told() -> None:
    """With the line of the first."""
    text = f"sync:\n  urls:\n    - {{from: {US1}, to: https://a}}\n    - {{from: {US1}, to: https://b}}\n"
    (problem,) = problems_of(GOOD + text)
    assert f"have a rule on line {GOOD.count(chr(10)) + 3} already" in problem
