"""The readiness package as JUnit XML, for a CI server: a test suite for each flow, a test case for each check.

    passes                          a test case with nothing in it
    fails                           <failure>
    fails, and somebody answers     <skipped>, which says who and until when
    nobody could look               <error>: it is neither passed nor failed
    does not apply                  <skipped>

Source of the form: https://github.com/testmoapp/junitxml and the XSD of Jenkins' xunit plugin (read 2026-11-22). The
text is written here sign by sign: no parser is needed, and no entity is defined.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from voicedr.program.readiness.check import Outcome
from voicedr.program.readiness.findings import Finding
from voicedr.program.readiness.package import Checked, FlowPackage, Package
from voicedr.program.readiness.telling import clean, evidence_text, share_text, waiver_text


def readiness_junit(package: Package) -> str:
    """The document."""
    return "\n".join(_document(package)) + "\n"


def _document(package: Package) -> Iterator[str]:
    totals = [_totals(flow) for flow in package.flows]
    tests, failures, errors, skipped = (sum(total[at] for total in totals) for at in range(4))
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield (
        f'<testsuites name="voicedr ready" tests="{tests}" failures="{failures}" errors="{errors}"'
        f' skipped="{skipped}" time="0">'
    )
    at = f"{package.report.taken_at:%Y-%m-%dT%H:%M:%S}"
    for number, (flow, (tests, failures, errors, skipped)) in enumerate(zip(package.flows, totals, strict=True)):
        name = _attribute(flow.readiness.flow)
        yield (
            f'  <testsuite id="{number}" name={name} tests="{tests}" failures="{failures}" errors="{errors}"'
            f' skipped="{skipped}" time="0" timestamp="{at}" hostname={_attribute(package.report.account_sid)}>'
        )
        for area in flow.checklist:
            for one in area.checked:
                yield from _case(flow, area.area.value, one)
        for result in flow.not_applicable:
            yield from _opened(flow, result.area.value, result.check)
            yield '      <skipped message="does not apply to this flow"/>'
            yield "    </testcase>"
        yield "  </testsuite>"
    yield "</testsuites>"


def _case(flow: FlowPackage, area: str, one: Checked) -> Iterator[str]:
    result = one.result
    yield from _opened(flow, area, result.check)
    if one.waived is not None and result.outcome is Outcome.FAIL and not result.unknown:
        yield f"      <skipped message={_attribute(waiver_text(one.waived))}/>"
    elif result.outcome is Outcome.FAIL and one.waived is None:
        yield from _said("failure", one, Outcome.FAIL)
    elif result.outcome is not Outcome.PASS:
        yield from _said("error", one, Outcome.UNKNOWN)
    yield f"      <system-out>{_text(result.title)}: {result.passed} of {result.looked_at} pass</system-out>"
    yield "    </testcase>"


def _opened(flow: FlowPackage, area: str, check: str) -> Iterator[str]:
    where = _attribute(f"{flow.readiness.flow}.{area}")
    yield f'    <testcase classname={where} name={_attribute(check)} time="0">'


def _said(element: str, one: Checked, outcome: Outcome) -> Iterator[str]:
    found = [finding for finding in one.findings if finding.outcome is outcome]
    message = "; ".join(finding.detail for finding in found)
    kind = found[0].severity.value if found and outcome is Outcome.FAIL else "nobody could look"
    body = "\n".join(_line(finding) for finding in found)
    yield f"      <{element} message={_attribute(message)} type={_attribute(kind)}>{_text(body)}</{element}>"


def _line(finding: Finding) -> str:
    do = f"\n  do: {finding.fix}" if finding.fix else ""
    names = ", ".join(finding.subjects)
    return f"{names} ({share_text(finding)}): {finding.detail}{do}\n  {evidence_text(finding)}; {finding.source}"


def _totals(flow: FlowPackage) -> tuple[int, int, int, int]:
    cases = [one for area in flow.checklist for one in area.checked]
    elements = ["".join(_case(flow, "", one)) for one in cases]
    return (
        len(cases) + len(flow.not_applicable),
        sum("<failure" in one for one in elements),
        sum("<error" in one for one in elements),
        sum("<skipped" in one for one in elements) + len(flow.not_applicable),
    )


def _attribute(text: str) -> str:
    return quoteattr(clean(text))


def _text(text: str) -> str:
    return escape(clean(text))
