"""A list of Kamailio's dispatcher: set, destination, flags, priority, attributes
(https://www.kamailio.org/docs/modules/5.6.x/modules/dispatcher.html); and the text database of OpenSIPS' dispatcher.
"""

from __future__ import annotations

import re

from voicedr.program.network.sbc_files.found import BrokenSbcConfig, Found

_LINE = re.compile(r"\d+\s+sips?:\S+")


def is_list(text: str) -> bool:
    """True if the first line that is no comment is one of a list."""
    return _LINE.match(_first(text)) is not None


def is_table(text: str) -> bool:
    """True if it begins with the columns of OpenSIPS' dispatcher in a text database."""
    first = _first(text)
    return first.startswith("id(") and " destination(" in first


def _first(text: str) -> str:
    lines = (line.strip() for line in text.splitlines())
    return next((line for line in lines if line and not line.startswith("#")), "")


def read_list(text: str, found: Found) -> None:
    """Take every destination of the list.

    Raises:
        BrokenSbcConfig: With the line that is none.
    """
    for number, line in enumerate(text.splitlines(), 1):
        line = line.partition("#")[0].strip()
        if not line:
            continue
        if not _LINE.match(line):
            raise BrokenSbcConfig(
                f"{found.name}:{number}: {line[:60]!r} is no line of a dispatcher list, which is: SET sip:HOST FLAGS"
                " PRIORITY. Nothing was judged."
            )
        found.uri(line.split()[1], number)


def read_table(text: str, found: Found) -> None:
    """Take every destination of the table.

    Raises:
        BrokenSbcConfig: With the row that has too few fields.
    """
    rows = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    columns = [column.partition("(")[0] for column in rows[0][1].split()]
    at = columns.index("destination")
    for number, line in rows[1:]:
        fields = re.split(r"(?<!\\):", line)
        if len(fields) <= at:
            raise BrokenSbcConfig(f"{found.name}:{number}: the row has no field 'destination'. Nothing was judged.")
        found.uri(fields[at].replace("\\:", ":"), number)
