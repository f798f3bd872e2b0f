"""Form bodies: what the standard library makes of them, only sooner."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from hypothesis import given
from hypothesis import strategies as st

from voicedr.wire.forms import KEPT_CHARACTERS_MAX, form_body

# A lone surrogate has no UTF-8 and cannot be sent; the standard library refuses it, too.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=2 * KEPT_CHARACTERS_MAX)


@given(st.dictionaries(TEXTS, TEXTS, max_size=5))
def test_a_form_is_quoted_as_the_standard_library_quotes_it(fields: dict[str, str]) -> None:
    """Whatever is in it: the same text, and the same fields when it is read."""
    body = form_body(fields)
    assert body == urlencode(fields)
    assert dict(parse_qsl(body, keep_blank_values=True)) == fields


def test_what_was_quoted_before_is_quoted_the_same() -> None:
    """What is kept does not change what comes out, and a long value is not kept."""
    fields = {"To": "+14155550100", "SpeechResult": "a b&c=ü" * 100}
    assert form_body(fields) == form_body(fields) == urlencode(fields)
