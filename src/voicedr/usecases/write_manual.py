"""The procedure for hands as a page: it opens from disk, needs no script, loads nothing, and prints on A4."""

from __future__ import annotations

import re
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from voicedr.program.bag.printed import HOW, asked_words, does, warnings_of
from voicedr.program.bag.procedure import Procedure
from voicedr.program.validation.spoken import stamp

_BLANKS_IN_TEXT = "Lines that begin with four blanks are commands"
HOW_HERE = (
    *(words.replace(_BLANKS_IN_TEXT, "What stands in a box of its own is a command") for words in HOW),
    "A box is one line of shell, wherever the page breaks it: inside an address no blank is added.",
)
_OPTION = re.compile(r"(?<!\S)-\w{1,2}(?!\S)")


def manual_html(made: Procedure) -> str:
    """The page. Its commands are those of the text, one to one."""
    return _page().render(made=made, warnings=warnings_of(made), how=HOW_HERE, asked=asked_words(made))


def _unbroken(command: str) -> Markup:
    """A command in which no line breaks between an option's dash and its letter."""
    return Markup(_OPTION.sub(lambda option: f"<span>{option[0]}</span>", str(escape(command))))  # noqa: S704


@cache
def _page() -> Template:
    environment = Environment(
        loader=PackageLoader("voicedr.usecases", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update({"stamp": stamp, "unbroken": _unbroken, "does": does})
    return environment.get_template("manual.html")
