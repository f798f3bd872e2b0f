"""Only a document that was signed is believed, and in whatever order they come, the epoch in force only rises."""

from __future__ import annotations

import base64
from random import Random

from voicedr.runtime.region.document import EPOCH_MAX, Document, NotADocument, document_in, plain, signed_bytes
from voicedr.runtime.region.fold import Unusable, adopt, offered
from voicedr.runtime.region.signing import SigningKey, Trust

_KEY = SigningKey.read("voicedr-region-private:" + base64.b64encode(bytes(range(32))).decode(), "the fuzzed key")
_TRUST = Trust([_KEY.public])
_SIGNED = [
    Document("ie1", 7, "2026-11-21T14:02:11Z", "5f0c"),
    Document("us1", 8),
    Document("au1", EPOCH_MAX, id="\u00e9\U0001f600 \\u0000"),
]
_BYTES = [_KEY.sign(document) for document in _SIGNED]
_OVER = {signed_bytes(content)[0] for content in _BYTES}
SEEDS = [
    *_BYTES,
    *(plain(document) for document in _SIGNED),
    b"\n".join(one.strip() for one in _BYTES),
    _BYTES[0].replace(b'"epoch":7', b'"epoch":7,"epoch":8'),
    _BYTES[0].replace(b'"epoch":7', b'"epoch":7.0'),
    _BYTES[0].replace(b'"region"', b'"regio\\u006e"'),
    _BYTES[0].decode().encode("utf-16"),
    b'{"region":"ie1","epoch":1,"more":' + b"[" * 3000 + b"]" * 3000 + b"}",
]


def one(data: bytes) -> None:
    """Read it as one document, signed and not, and each of its lines as one that arrives."""
    offer = offered(data, _TRUST)
    if isinstance(offer, Document):
        assert offer in _SIGNED, f"nobody signed {offer}"
        assert signed_bytes(data)[0] in _OVER
    else:
        assert offer.why
    try:
        read = document_in(data)
        assert document_in(plain(read)) == read
        over, signature = signed_bytes(data)
        assert over.isascii()
        if signature is None:
            assert isinstance(offer, Unusable)
    except NotADocument as exc:
        assert str(exc)
        assert "\n" not in str(exc)
    offers = [offered(line) for line in data.split(b"\n")[:12]]
    if not _fold(offers):
        return
    again = [*offers, *offers[::2]]
    Random(data).shuffle(again)
    held, twice = _fold(offers), _fold(again)
    assert held is not None
    assert twice is not None
    assert held.epoch == twice.epoch
    said = {one.region for one in offers if isinstance(one, Document) and one.epoch == held.epoch}
    assert len(said) > 1 or held.region == twice.region, "the order in which they came decides"


def _fold(offers: list[Document | Unusable]) -> Document | None:
    held: Document | None = None
    for offer in offers:
        now, why = adopt(held, offer)
        if held is not None:
            assert now is not None
            assert now.epoch >= held.epoch, "an epoch fell"
            assert now.epoch > held.epoch or now is held, "an epoch changed its content"
        if isinstance(offer, Unusable):
            assert why
            assert now is held
        held = now
    return held
