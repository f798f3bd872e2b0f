"""Our Headers beside the library's: whatever is done to both, they say the same."""

from __future__ import annotations

from typing import Any

import sipmessage
from hypothesis import given
from hypothesis import strategies as st

from voicedr.wire.sip.headers import Headers

NAMES = st.sampled_from(["Via", "via", "VIA", "To", "tO", "X-A", "Call-ID"])
VALUES = st.sampled_from(["", "one", "two", "three"])
CHANGES = st.one_of(
    st.tuples(st.just("add"), NAMES, VALUES),
    st.tuples(st.just("set"), NAMES, VALUES),
    st.tuples(st.just("setlist"), NAMES, st.lists(VALUES, min_size=1, max_size=3)),
    st.tuples(st.just("remove"), NAMES),
)


def said(headers: sipmessage.Headers) -> list[Any]:
    """Everything that can be asked."""
    answers: list[Any] = [str(headers), headers.keys()]
    for name in ("via", "TO", "x-a", "call-id", "none"):
        answers += [headers.get(name), headers.get(name, "otherwise"), headers.getlist(name)]
        try:
            answers.append(headers[name])
        except KeyError:
            answers.append(KeyError)
    return answers


@given(st.lists(CHANGES, max_size=12))
def test_it_is_the_library_s_storage(changes: list[tuple[Any, ...]]) -> None:
    """After each change the text, the names, their order and every value are the same."""
    ours, theirs = Headers(), sipmessage.Headers()
    for method, *arguments in changes:
        for headers in (ours, theirs):
            getattr(headers, method)(*[list(one) if isinstance(one, list) else one for one in arguments])
        assert said(ours) == said(theirs)


def test_a_list_of_values_is_the_header_s_own() -> None:
    """What ``add`` adds is in the list that was given out before, as it is in the library's."""
    for headers in (Headers(), sipmessage.Headers()):
        headers.add("Route", "<sip:a>")
        given_out = headers.getlist("route")
        headers.add("ROUTE", "<sip:b>")
        assert given_out == ["<sip:a>", "<sip:b>"]
