"""Paper from a page of HTML, with WeasyPrint where it is installed. It fetches nothing; fonts are this machine's.

Equal pages give equal bytes on one machine: no time and no chance goes in. Other fonts, or another release of it,
give other bytes of the same words.
"""

from __future__ import annotations

from typing import Any, NoReturn

POINTS = (10.5, 9.5, 8.5, 7.5, 6.5)
"""Sizes of the letters, tried in this order until all is on one sheet. Smaller ones nobody reads by torchlight."""


class PdfUnusable(Exception):
    """No PDF was made: why, and the next step. Nothing was written."""


def one_page_pdf(html: str) -> bytes:
    """A page of HTML as a PDF of one A4 sheet; of more only if it does not fit in the smallest letters.

    Raises:
        PdfUnusable: If WeasyPrint, or a library that it needs, is not installed.
    """
    css, page_of = _weasyprint()
    page = page_of(string=html, base_url=None, url_fetcher=_FetchesNothing())
    document: Any = None
    for size in POINTS:
        document = page.render(stylesheets=[css(string=f"html {{ font-size: {size}pt; }}")])
        if len(document.pages) == 1:
            break
    body: bytes = document.write_pdf()
    return body


def paged_pdf(html: str) -> bytes:
    """A page of HTML as a PDF of as many A4 sheets as it takes, by its own print style.

    Raises:
        PdfUnusable: As above.
    """
    _, page_of = _weasyprint()
    body: bytes = page_of(string=html, base_url=None, url_fetcher=_FetchesNothing()).write_pdf()
    return body


def _weasyprint() -> tuple[Any, Any]:
    """Its CSS and HTML.

    Raises:
        PdfUnusable: As above.
    """
    try:
        from weasyprint import CSS, HTML
    except (ImportError, OSError) as exc:
        raise PdfUnusable(
            f"a PDF needs WeasyPrint, which cannot be used here ({exc}). Install it: pip install 'voicedr[pdf]', and"
            " Pango (apt-get install libpango-1.0-0 libpangoft2-1.0-0). Or take the HTML and print that."
        ) from exc
    return CSS, HTML


class _FetchesNothing:
    """What is given to WeasyPrint to fetch with."""

    _fail_on_errors = False
    """WeasyPrint asks for it: the page is made without what was not fetched."""

    def __call__(self, url: str, *_more: object, **_named: object) -> NoReturn:
        raise ValueError(f"{url} is not fetched: a page on paper holds everything itself")
