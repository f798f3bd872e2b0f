"""Name another Region: the next epoch, by compare-and-set, and read back.

Whose write was not answered looks whether it is there, by its id, and does not write again. Epochs that were lost with
a document, in a restored backup say, are made up for with ``above``: what the instances themselves say they hold.
"""

from __future__ import annotations

from voicedr.runtime.region.document import EPOCH_MAX, Document, NotADocument, document_in, plain
from voicedr.runtime.region.places.place import Found, PlaceError, PlaceUnsettled, Sink
from voicedr.runtime.region.signing import SigningKey

_ABSURD = EPOCH_MAX - 2**20
"""No program counts so far. Somebody wrote it to leave no higher one; ``above`` overrules it."""


class SwitchRefused(Exception):
    """Nothing changed: why, how it stands, and the next step."""


class SwitchLost(Exception):
    """It may have changed. Look before repeating."""


def switch(
    sink: Sink,
    to: str,
    *,
    id: str,
    written_at: str,
    key: SigningKey | None = None,
    above: int | None = None,
) -> Document:
    """Write the Region with the next epoch, and give what was read back.

    Args:
        sink: Where.
        to: The Region. One that is active already gets a new epoch too.
        id: Tells this write from every other.
        written_at: For people.
        key: Signs the document.
        above: An epoch that some instance holds: the new one will be higher. If given, a document that is
            broken is written over.

    Raises:
        SwitchRefused: Nothing changed: somebody else wrote, or the document there is broken.
        SwitchLost: It may have changed.
        PlaceError: Nothing changed: the place could not be asked, or refused.
    """
    was = sink.read(latest=True)
    there = max(_epoch(sink.name, was, above), was.floor)
    epoch = max(0 if above is not None and there > _ABSURD else there, above or 0) + 1
    if epoch > EPOCH_MAX:
        raise SwitchRefused(
            f"switching {sink.name} to {to}: its epoch is {epoch - 1}, and there is none above. Nothing was changed."
            " Find out who wrote it, look which epoch the instances hold, then repeat with that epoch:"
            " voicedr region switch … --above EPOCH"
        )
    document = Document(to, epoch, written_at, id)
    content = plain(document) if key is None else key.sign(document)
    try:
        won = sink.write(content, was)
    except PlaceUnsettled as exc:
        return _settled(sink, document, content, exc)
    if not won:
        raise SwitchRefused(
            f"switching {sink.name} to {to}: somebody else wrote at the same moment; nothing was changed by us."
            " Look what it says now (voicedr region show), then decide again."
        )
    _confirmed(sink, document, content)
    return document


def _epoch(name: str, was: Found, above: int | None) -> int:
    """The epoch that is there. It counts whoever wrote it, signed or not: to be above it harms nobody."""
    if was.content is None:
        return 0
    try:
        return document_in(was.content).epoch
    except NotADocument as exc:
        if above is not None:
            return 0
        raise SwitchRefused(
            f"{name}: what is there {_says(exc)}; instances keep the last one they understood. Nothing was changed."
            " Look which epoch the instances hold, then repeat with that epoch: voicedr region switch … --above EPOCH"
        ) from exc


def _says(exc: NotADocument) -> str:
    text = str(exc)
    return text if text.startswith(("is ", "has ", "names ")) else f"is no good: {text}"


def _settled(sink: Sink, document: Document, content: bytes, lost: PlaceUnsettled) -> Document:
    """After a write without an answer: look."""
    try:
        now = sink.read(latest=True).content
    except PlaceError as exc:
        raise SwitchLost(f"switching to {document.region}: {lost}; and it could not be read back ({exc})") from lost
    if now == content:
        return document
    raise SwitchLost(
        f"switching to {document.region}: {lost}; read back, it is not there now. It may still arrive: look again"
        " (voicedr region show) before repeating."
    ) from lost


def _confirmed(sink: Sink, document: Document, content: bytes) -> None:
    try:
        now = sink.read(latest=True).content
    except PlaceError as exc:
        raise SwitchLost(
            f"switching {sink.name} to {document.region}: epoch {document.epoch} was written and could not be read back"
            f" ({exc}). Look at it before repeating."
        ) from exc
    if now != content:
        raise SwitchLost(
            f"switching {sink.name} to {document.region}: epoch {document.epoch} was written, and something else is"
            " there now. Somebody writes at the same time, or without comparing. Look again before repeating."
        )
