"""TwiML: bytes of an answer in, a small tree out, or the provider's error code.

The rules are those of https://www.twilio.com/docs/voice/twiml (content types, size) and of the error dictionary
(https://www.twilio.com/docs/api/errors). Document type declarations and entities of one's own are refused: no TwiML
needs them, and they are how a small document becomes a large one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple, NoReturn
from xml.parsers import expat

from voicedr.wire.twiml_schema import ELEMENTS, Shape

BODY_BYTES_MAX = 64 * 1024
"""Above it the provider gives 11750 (https://www.twilio.com/docs/api/errors/11750)."""

DEPTH_MAX = 64
"""Deeper nesting is refused. The deepest documented one is 4; the limit keeps every walk over the tree small."""

PARSED_TYPES = frozenset({"text/xml", "application/xml", "text/html"})


class TwimlError(Exception):
    """An answer that cannot be executed. ``code`` is the provider's error code."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class SchemaWarning(NamedTuple):
    """Something that the schema does not know. The document is executed all the same."""

    code: int
    message: str


@dataclass(frozen=True, slots=True)
class Element:
    """One element.

    Attributes:
        text: Its own character data, stripped.
        spoken: Its own and its descendants' character data in document order, with single blanks: what Say says.
    """

    name: str
    attributes: Mapping[str, str]
    text: str
    spoken: str
    children: tuple[Element, ...]

    def get(self, attribute: str, default: str = "") -> str:
        """An attribute's value, or the default."""
        return self.attributes.get(attribute, default)

    def walk(self, path: str = "") -> Iterator[tuple[str, Element]]:
        """Every descendant in document order with its path below this element, such as ``Dial/Sip``."""
        for child in self.children:
            here = f"{path}/{child.name}" if path else child.name
            yield here, child
            yield from child.walk(here)


@dataclass(frozen=True, slots=True)
class Document:
    """A document that can be executed."""

    root: Element
    warnings: tuple[SchemaWarning, ...] = ()

    @property
    def verbs(self) -> tuple[str, ...]:
        """Paths of all elements in document order, nested ones after their parents: ``("Dial", "Dial/Sip")``."""
        return tuple(path for path, _ in self.root.walk())


def parse(body: bytes, content_type: str | None) -> Document:
    """The document that an answer amounts to.

    An audio answer amounts to a Play without a URL (of the answer itself), a plain text that is not TwiML to a Say.

    Args:
        content_type: The header's value; None if there was none.

    Raises:
        TwimlError: 11750 too large, 12300 content type, 12100 not well-formed, 12101 version, 12102 root.
    """
    if len(body) > BODY_BYTES_MAX:
        raise TwimlError(11750, f"the answer has {len(body)} bytes; TwiML may have {BODY_BYTES_MAX}")
    media_type, charset = _media_type(content_type)
    if media_type in PARSED_TYPES:
        return _parse_xml(body, charset)
    if media_type.startswith("audio/"):
        return _single("Play", "")
    if media_type == "text/plain":
        try:
            return _parse_xml(body, charset)
        except TwimlError:
            return _single("Say", " ".join(body.decode("utf-8", "replace").split()))
    if not media_type:
        raise TwimlError(12300, "the answer has no Content-Type; send text/xml")
    raise TwimlError(12300, f"the answer's Content-Type is {media_type[:80]!r}; send text/xml")


def _media_type(content_type: str | None) -> tuple[str, str]:
    media_type, _, rest = (content_type or "").partition(";")
    charset = ""
    for parameter in rest.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            charset = value.strip().strip('"').lower()
    return media_type.strip().lower(), charset


def _single(name: str, text: str) -> Document:
    only = Element(name, MappingProxyType({}), text, text, ())
    return Document(Element("Response", MappingProxyType({}), "", "", (only,)))


class _Open:
    """An element that is being read."""

    __slots__ = ("attributes", "children", "name", "own", "spoken")

    def __init__(self, name: str, attributes: Mapping[str, str]) -> None:
        self.name = name
        self.attributes = attributes
        self.own: list[str] = []
        self.spoken: list[str] = []
        self.children: list[Element] = []

    def closed(self) -> Element:
        return Element(
            self.name,
            self.attributes,
            "".join(self.own).strip(),
            " ".join("".join(self.spoken).split()),
            tuple(self.children),
        )


def _parse_xml(body: bytes, charset: str) -> Document:
    # The header's charset wins over the declaration (RFC 7303 §3); what expat cannot read by itself is left to it.
    encoding = charset if charset in {"utf-8", "us-ascii", "iso-8859-1", "utf-16"} else None
    parser = expat.ParserCreate(encoding)
    parser.buffer_text = True
    stack: list[_Open] = []
    closed: list[Element] = []

    def opened(name: str, attributes: dict[str, str]) -> None:
        if len(stack) >= DEPTH_MAX:
            raise TwimlError(12100, f"line {parser.CurrentLineNumber}: elements are nested deeper than {DEPTH_MAX}")
        stack.append(_Open(name, attributes))

    def ended(_: str) -> None:
        done = stack.pop()
        element = done.closed()
        if stack:
            stack[-1].children.append(element)
            stack[-1].spoken.extend(done.spoken)
        else:
            closed.append(element)

    def read(text: str) -> None:
        stack[-1].own.append(text)
        stack[-1].spoken.append(text)

    def refused(*_: object) -> NoReturn:
        raise TwimlError(12100, f"line {parser.CurrentLineNumber}: a DOCTYPE or an entity declaration is not allowed")

    parser.StartElementHandler = opened
    parser.EndElementHandler = ended
    parser.CharacterDataHandler = read
    parser.StartDoctypeDeclHandler = refused
    parser.EntityDeclHandler = refused
    parser.ExternalEntityRefHandler = refused
    try:
        parser.Parse(body, True)
    except expat.ExpatError as exc:
        raise TwimlError(12100, f"not well-formed XML: {exc}") from exc
    except (LookupError, ValueError) as exc:
        # An encoding that Python does not know, or one that expat cannot be taught.
        raise TwimlError(12100, f"the document's encoding cannot be read: {exc}") from exc
    root = closed[0]
    if root.name != "Response":
        raise TwimlError(12102, f"the root element is {root.name!r}; it must be 'Response'")
    version = root.get("version", "1.0")
    if version not in {"1", "1.0"}:
        raise TwimlError(12101, f"the version of Response is {version!r}; leave it out")
    return Document(root, tuple(_unknown(root, "", ELEMENTS["Response"])))


def _unknown(element: Element, path: str, shape: Shape) -> Iterator[SchemaWarning]:
    """Whatever in an element its schema does not know. Below an unknown element nothing more is said."""
    where = path or element.name
    for attribute in element.attributes:
        if shape.open and not shape.attributes:
            break  # Nothing is said of what this one may have.
        if attribute not in shape.attributes and not attribute.startswith("xml"):
            yield SchemaWarning(12200, f"attribute {attribute!r} is not allowed in {where}")
    if element.text and not shape.text:
        yield SchemaWarning(12200, f"text is not allowed in {where}")
    if shape.open:
        return
    for child in element.children:
        below = f"{path}/{child.name}" if path else child.name
        if child.name in shape.children:
            yield from _unknown(child, below, ELEMENTS[child.name])
        else:
            yield SchemaWarning(12200, f"element {child.name!r} is not allowed in {where}")
