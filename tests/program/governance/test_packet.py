"""The page for the people who decide: what it says, and what it never says."""

from __future__ import annotations

import io
import sys
from datetime import timedelta

import msgspec
import pypdf
import pytest

from program.governance.governed import WEDNESDAY_NOON
from program.governance.packet_scene import incident, page
from voicedr.adapters.pdf import PdfUnusable, one_page_pdf
from voicedr.program.governance.packet import Packet
from voicedr.program.governance.packet_parts import Line, Sure
from voicedr.usecases.write_packet import packet_html, packet_json

NOW = WEDNESDAY_NOON


def lines_of(made: Packet, about: str) -> list[Line]:
    """Every line about something."""
    groups = (made.signals, made.technical, made.business, made.costs, made.lost, made.actions, (made.takes,))
    return [line for group in groups for line in group if line.about == about]


def test_with_everything_known_the_arithmetic_is_shown() -> None:
    """Costs are the workbook's, calls are the person's who assessed, and every sum is written out."""
    made = page(of=incident(NOW), approvals=("A. Ruiz",))
    assert [one.words for one in made.costs] == [
        "each minute costs 900 EUR; 10 min cost 9000 EUR",
        "53 s to 12 min 53 s × 900 EUR a minute = at most 795 to 11595 EUR until all are moved",
        "40 EUR a minute in the standby: 900 − 40 = 860 EUR a minute saved",
    ]
    assert [one.words for one in lines_of(made, "calls")] == ["31 a minute (said by B. Chen)"]
    assert [one.words for one in lines_of(made, "moves")] == [
        "19 numbers, 1 trunk domain, 1 SIP domain and the context of support-app, us1 → ie1"
    ]
    assert (made.ask, made.missing.split(":")[0].endswith("(A. Ruiz did)")) == (("B. Chen (chen)",), True)
    assert made.command == f"voicedr approve {(made.plan_hash or '')[:12]} --as PERSON"


def test_what_is_unknown_never_shows_as_good() -> None:
    """Nothing declared, nothing read, no plan: no line is good, every sum is missing, and each is marked in words."""
    made = page(costs="", seen=False, read=False)
    everything = (*made.signals, *made.technical, *made.business, *made.costs, *made.lost, *made.actions, made.takes)
    assert not [line for line in everything if line.sure is Sure.GOOD]
    assert {line.sure for line in (*made.signals, *made.costs, made.takes)} == {Sure.UNKNOWN}
    assert (made.plan_hash, made.command) == (None, None)
    html = packet_html(made)
    assert html.count(">not known</strong>") == made.unknowns
    assert 'class="good"' not in html
    assert "There is no plan, so there is nothing to approve." in html


@pytest.mark.parametrize(("age", "sure"), [(2, Sure.BAD), (5, Sure.BAD), (6, Sure.UNKNOWN)])
def test_a_signal_that_is_too_old_says_nothing_of_now(age: int, sure: Sure) -> None:
    """Five minutes; after that it is not known, also where it was good."""
    made = page(of=incident(NOW, looked=timedelta(minutes=age)))
    (api,) = lines_of(made, "primary API")
    assert api.sure is sure
    assert f"{age} min ago" in api.words
    application = [line for line in lines_of(made, "application") if "answers 200" in line.words]
    assert application[0].sure is (Sure.UNKNOWN if sure is Sure.UNKNOWN else Sure.SAID)


def test_a_gap_in_the_standby_blocks_and_one_in_the_primary_does_not() -> None:
    """What fails in the Region that is left is not in the way."""
    made = page(seen=False)
    blocks = [line.words for line in lines_of(made, "blocks")]
    assert blocks
    assert all("ie1" in words for words in blocks)
    assert not any("us1 has no" in words for words in blocks)
    assert lines_of(made, "no plan")[0].sure is Sure.BAD


def test_with_every_approval_nobody_is_asked_any_more() -> None:
    """Nothing is missing."""
    made = page(approvals=("A. Ruiz", "B. Chen"))
    assert made.missing == ""
    assert made.ask == ()


def test_the_clock_of_the_decision_counts_from_detection() -> None:
    """What was in time, what is late, and what has not happened yet; without an incident there is none."""
    made = page(of=incident(NOW))
    told = [(tick.step, tick.after_s, tick.kept) for tick in made.clock]
    assert told == [
        ("detected", 0.0, None),
        ("declared", 120.0, True),
        ("assessed", 300.0, True),
        ("approved", None, None),
        ("first act", None, None),
    ]
    late = page(of=incident(NOW), now=NOW + timedelta(minutes=5))
    assert [tick.kept for tick in late.clock][3:] == [False, None]
    assert page().clock == ()


def test_html_json_and_paper_hold_the_same_plan() -> None:
    """One A4 sheet, also with twice the lines; the page loads nothing and runs nothing."""
    made = page(of=incident(NOW), approvals=("A. Ruiz",))
    html = packet_html(made)
    assert made.plan_hash
    assert made.plan_hash in html
    assert "<script" not in html
    assert 'http-equiv="Content-Security-Policy" content="default-src \'none\'' in html
    assert msgspec.json.decode(packet_json(made))["packet"]["plan_hash"] == made.plan_hash
    full = msgspec.structs.replace(made, technical=made.technical * 2, lost=made.lost * 3)
    for one in (made, full):
        paper = pypdf.PdfReader(io.BytesIO(one_page_pdf(packet_html(one))))
        assert len(paper.pages) == 1
        width, height = paper.pages[0].mediabox.width, paper.pages[0].mediabox.height
        assert (round(float(width)), round(float(height))) == (595, 842)
        assert made.plan_hash[:12] in paper.pages[0].extract_text()


def test_text_of_people_is_text() -> None:
    """What somebody types in a reason cannot become markup."""
    declared = msgspec.structs.replace(incident(NOW).declared, why="<img src=x onerror=alert(1)>")
    made = page(of=msgspec.structs.replace(incident(NOW), declared=declared))
    assert "<img" not in packet_html(made)


def test_without_weasyprint_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """And that HTML does as well."""
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(PdfUnusable, match=r"pip install 'voicedr\[pdf\]'.*take the HTML"):
        one_page_pdf("<p>x</p>")


def test_paper_fetches_nothing() -> None:
    """A page that refers to something outside is printed without it."""
    paper = one_page_pdf('<p>x</p><img src="http://127.0.0.1:9/x.png"><img src="file:///etc/passwd">')
    assert b"root:" not in paper
