"""Where checkpoints of the journal are left while an execution runs, and how often: values, schema, and what is wrong.

``every`` counts records or time: ``every: 200 records``, ``every: 30s``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl

import msgspec

from voicedr.program.scope.durations import DURATION_PATTERN, parse_duration_s, write_duration
from voicedr.program.scope.positions import Node
from voicedr.program.scope.problems import Place
from voicedr.program.scope.schema_forms import SECRET_PATTERN, Schema, list_of, object_of, ref_of

PLACES_MAX = 8
"""Each is written to at each turn."""

EVERY_S = 30.0
EVERY_S_BOUNDS = (1.0, 3600.0)
EVERY_RECORDS_BOUNDS = (10, 100_000)
"""A cutover of 10,000 numbers writes some 40,000 records; checkpoints closer together would prove no more."""

_RECORDS = re.compile(r"([1-9][0-9]{0,6}) records")


class CheckpointPlaceRule(msgspec.Struct, frozen=True):
    """One place as it was written, and the reference of its token, if it is an endpoint that wants one."""

    at: str
    token: str | None = None


class Checkpoints(msgspec.Struct, frozen=True):
    """Where, and how often: after so many seconds, or after so many records, whichever is set.

    A checkpoint is only left if records came since the last one. At the end there is always one.
    """

    places: tuple[CheckpointPlaceRule, ...] = ()
    every_s: float | None = EVERY_S
    every_records: int | None = None


CHECKPOINTS: Schema = object_of(
    "Where checkpoints of the journal are left while an execution runs: places that nobody who can edit the journal can"
    " edit as well. Left out: none.",
    ("places",),
    {
        "places": list_of(
            "The places. A checkpoint is left at each of them.",
            object_of(
                "A place.",
                ("at",),
                {
                    "at": {
                        "type": "string",
                        "title": "file:/path, git:/path, https://host/path or s3://bucket/prefix",
                        "pattern": r"^(file:|git:|https?://|s3://)[^\s\x00-\x1f]+$",
                        "description": "A file (`file:/path`), a git repository (`git:/path?remote=origin`), an"
                        " endpoint (`https://…`) or a bucket (`s3://bucket/prefix?region=…&endpoint=…`). Paths are"
                        " relative to the workbook. Secrets of a bucket are references: `key=env:NAME`.",
                        "examples": ["git:/srv/evidence?remote=origin", "s3://acme-evidence/voicedr?region=eu-west-1"],
                    },
                    "token": ref_of("secret", "What an endpoint wants as `Authorization: Bearer`, as a reference."),
                },
            ),
            minItems=1,
            maxItems=PLACES_MAX,
            examples=[[{"at": "git:/srv/evidence?remote=origin"}]],
        ),
        "every": {
            "type": "string",
            "title": 'a duration with its units, or a number of records ("200 records")',
            "pattern": f"^(?:{DURATION_PATTERN[1:-1]}|[1-9][0-9]{{0,6}} records)$",
            "default": write_duration(EVERY_S),
            "description": "How often, if records came meanwhile: a duration, or a number of records. There is always"
            " one at the end.",
            "examples": ["30s", "200 records"],
        },
    },
    examples=[{"places": [{"at": "git:/srv/evidence?remote=origin"}], "every": "30s"}],
)


def build_checkpoints(node: Node) -> Checkpoints:
    """The values of a workbook that was found right."""
    if not node:
        return Checkpoints()
    places = tuple(
        CheckpointPlaceRule(one.get("at").text or "", one.get("token").text) for one in node.get("places").items
    )
    every = node.get("every").text
    if every is None:
        return Checkpoints(places)
    found = _RECORDS.fullmatch(every)
    if found is not None:
        return Checkpoints(places, every_s=None, every_records=int(found[1]))
    return Checkpoints(places, every_s=parse_duration_s(every))


def checkpoint_problems(node: Node) -> Iterator[tuple[Place, str]]:
    """What its schema cannot see."""
    seen: dict[str, int] = {}
    for place in node.get("places").items:
        at, token = place.get("at"), place.get("token")
        if at.text is None:
            continue
        if token and not at.text.startswith(("http://", "https://")):
            yield token.place, "this place takes no token; only an https endpoint does. Take the line out."
        if at.text in seen:
            yield at.place, f"this place is named on line {seen[at.text]} already. Take one of them out."
        seen.setdefault(at.text, at.place.line)
        for key, value in parse_qsl(at.text.partition("?")[2]):
            if key in ("key", "secret") and not re.match(SECRET_PATTERN, value):
                yield (
                    at.place,
                    f"the {key} of this bucket is a value that is not shown here; it must be a reference to a secret,"
                    f" never the secret itself: {key}=env:NAME.",
                )
    yield from _often(node.get("every"))


def _often(every: Node) -> Iterator[tuple[Place, str]]:
    if every.text is None:
        return
    found = _RECORDS.fullmatch(every.text)
    if found is not None:
        least, most = EVERY_RECORDS_BOUNDS
        if not least <= int(found[1]) <= most:
            yield every.place, f"every of checkpoints is {every.text}; it must be from {least} to {most} records."
        return
    seconds = parse_duration_s(every.text)
    least_s, most_s = EVERY_S_BOUNDS
    if seconds is not None and not least_s <= seconds <= most_s:
        yield (
            every.place,
            f"every of checkpoints is {every.text}; it must be from {write_duration(least_s)} to"
            f" {write_duration(most_s)}, e.g. {write_duration(EVERY_S)}.",
        )
