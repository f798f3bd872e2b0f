"""The reference page of the report: its forms, its figures by their stable names, and what auditors ask."""

from __future__ import annotations

from collections.abc import Iterator

from voicedr.program.validation.gaps import DUE_DAYS
from voicedr.program.validation.requirements import asked
from voicedr.usecases.report_answers import HURTS
from voicedr.usecases.report_figures import AROUND, SCHEMA, figures_explained

_HEAD = f"""# The report

Made from the code by `scripts/write_report_reference.py`. Every number in a report comes from the execution's
journal, from the record of the incident that it names, from the tests before and after it in the same journal, and
from the workbook; told again, it is the same, byte for byte, but for the line that says when it was made.

| command | writes |
| --- | --- |
| `voicedr report EXECUTION` | HTML that opens from disk, loads nothing and runs nothing |
| `voicedr report EXECUTION --format pdf` | A4; execution, chain head and page number on every page |
| `voicedr report EXECUTION --format json` | figures, the whole story, and the requirements below |
| `voicedr report EXECUTION --format markdown --to -` | for a ticket or a chat |
| `voicedr report EXECUTION --all-to FOLDER` | the evidence pack |

Paper needs `voicedr[pdf]`, and is bounded: of long lists the first ones are printed, and of the journal its notable
lines, as many as fit about four pages; what was left out is said, and is in the JSON and in the evidence file. There
is room to sign.

## What it answers

What happened, how long callers were hurt, whether the promise was kept and if not, where the time went; what must be
done now. Then the clock of the decision against the workbook's targets; for each approval the hash, the statement,
the key, and what was recorded until then and so could be seen; glass that was broken, and its reviews; every cohort
planned beside actual; what is otherwise in the plan since the last test, and which gaps of that test were found
again; what was looked at before and after moving; emergency stops, changes of mode, times in which nobody ran it;
what is in the standby at the end.

The last test is the newest finished execution of the same flow and purpose that was opened before. Dry runs are no
tests, and neither is what ended because the world had drifted. `voicedr plan FLOW --diff-last` shows the same
difference before anything is approved.

## Gaps

A deficiency is a gap with an owner: what concerns people belongs to the roles that approve, the rest to the role of
the technical assessment, as the workbook has them. The days are a proposal of ours, counted from the end of the
execution; agree on your own. `not found again` is said only if the next test went as far as to look.

| about | due after |
| --- | ---: |
{chr(10).join(f"| {HURTS[hurts]} | {days} days |" for hurts, days in DUE_DAYS.items())}
"""

_PACK = """## The evidence pack

`voicedr report EXECUTION --all-to FOLDER` writes a new folder. Its four assets are the DR workbook (`workbook.yaml`,
and whether it is the one of the opening), the readiness baseline (`readiness.json`, if you kept what `voicedr ready
--format json` wrote before the run: `--readiness FILE`), the execution path (`plan.json`, the bytes under the
approved hash), and the plan of validation and recovery (`recovery.md`). Around them the report in every form,
`evidence.jsonl`, the incident's record if the execution names one, a signed checkpoint, a `README.md`, and
`MANIFEST` with every file's SHA-256. What is missing is named in `README.md`, with what to do about it.

```sh
sha256sum -c MANIFEST          # in the folder, with nothing of ours
voicedr verify FOLDER          # and: do all of these belong to the evidence, and does the evidence hold
```

`verify` tells the figures again from the evidence, so a report that was changed together with the manifest is found.
A folder that was made anew as a whole is found only by what is kept elsewhere: the hash of `MANIFEST`, or
checkpoints (see [evidence files](evidence_file.md)). A pack has telephone numbers and names in it.
"""


def report_reference() -> str:
    """The page, in Markdown."""
    return "\n".join([_HEAD, *_figures(), "", _PACK, *_asked(), ""])


def _figures() -> Iterator[str]:
    yield "## Figures"
    yield ""
    yield f"`figures` of the JSON (`schema`: `{SCHEMA}`), the same in every form. Under one schema names are added,"
    yield "never renamed or removed, and none changes its meaning or unit; do not mind a name that you do not know."
    yield "What has to break that gets another number. `null` is not known, which is not zero. Those with a star rest"
    yield "on other records than the execution's own journal."
    yield ""
    yield "| name | what it is |"
    yield "| --- | --- |"
    for name, words in figures_explained():
        yield f"| `{name}`{' *' if name in AROUND else ''} | {words} |"


def _asked() -> Iterator[str]:
    yield "## What auditors ask, and where it is"
    yield ""
    yield "A report supports whoever shows that a requirement is met. By itself it does not, and no row says so."
    yield "Each report has this table with what its execution can support and, as plainly, what it cannot. The papers:"
    yield "[Delegated Regulation (EU) 2024/1774, Article 25](https://eur-lex.europa.eu/eli/reg_del/2024/1774/oj);"
    yield "[ISO 22301:2019](https://www.iso.org/standard/75106.html), clause 8.5;"
    yield "[NIST SP 800-53 Rev. 5](https://doi.org/10.6028/NIST.SP.800-53r5), CP-4; and the AICPA's Trust Services"
    yield "Criteria, A1.3. What they ask is told in our words; read them in theirs."
    yield ""
    yield "| source | asks for | section of the report | figures and fields |"
    yield "| --- | --- | --- | --- |"
    for source, asks, section, fields in asked():
        names = ", ".join(f"`{field}`" for field in fields)
        yield f"| {source} | {asks} | {section or 'not in a report'} | {names} |"
