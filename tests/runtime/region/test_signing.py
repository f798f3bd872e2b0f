"""With a trusted key only what was signed with it wins."""

from __future__ import annotations

import base64
import json
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicedr.runtime.references import SecretMissing
from voicedr.runtime.region import Document, KeyUnusable, NotADocument, SigningKey, Trust
from voicedr.runtime.region.document import plain, signed_bytes

# The same in every process: test names are made of them.
KEY, OTHER = (
    SigningKey.read(f"voicedr-region-private:{base64.b64encode(bytes([seed]) * 32).decode()}", "a test")
    for seed in (1, 2)
)
DOCUMENT = Document("ie1", 7, "2026-11-21T14:02:11Z", "5f0c")
SIGNED = KEY.sign(DOCUMENT)


def changed(**changes: object) -> bytes:
    """The signed document with other values."""
    return json.dumps({**json.loads(SIGNED), **changes}).encode()


def test_what_was_signed_is_believed_by_those_who_trust_the_key() -> None:
    """By one key or several, and by those who trust nobody in particular."""
    for trust in (Trust([KEY.public]), Trust([OTHER.public, KEY.public]), Trust()):
        assert trust.read(SIGNED) == DOCUMENT


def test_order_of_keys_and_white_space_do_not_matter() -> None:
    """Another program may write the same document in its own way."""
    turned = dict(reversed(json.loads(SIGNED).items()))
    assert Trust([KEY.public]).read(json.dumps(turned, indent=4).encode()) == DOCUMENT


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (plain(DOCUMENT), "is not signed"),
        (OTHER.sign(DOCUMENT), f"is signed with the key '{OTHER.id}'; believed here are {KEY.id}"),
        (changed(region="us1"), "forged"),
        (changed(epoch=8), "forged"),
        (changed(written_at="2027-01-01T00:00:00Z"), "forged"),
        (changed(more=1), "forged"),
        (changed(signature={"key": KEY.id, "ed25519": ""}), "forged"),
        (changed(signature={"key": KEY.id, "ed25519": "no base64!"}), "forged"),
        (changed(signature={"key": KEY.id, "ed25519": "A" * 88}), "forged"),
        (changed(signature={"key": KEY.id}), "a signature that is none"),
        (changed(signature="yes"), "a signature that is none"),
        (changed(signature=None), "is not signed"),
        (changed(nested={"a": 1}), "neither a short text nor a whole number"),
        (SIGNED.replace(b'"epoch":7', b'"epoch":1,"epoch":7'), "a key stands twice"),
    ],
)
def test_nothing_else_is(content: bytes, why: str) -> None:
    """Unsigned, signed by somebody else, changed, or signed in a way that can be read in two ways."""
    with pytest.raises(NotADocument, match=why.replace("(", r"\(")):
        Trust([KEY.public]).read(content)


@given(st.integers(0, len(SIGNED) - 1), st.integers(1, 255))
def test_no_changed_byte_gives_another_document(place: int, by: int) -> None:
    """Any one byte changed: it is refused, or says the same."""
    forged = bytearray(SIGNED)
    forged[place] ^= by
    try:
        read = Trust([KEY.public]).read(bytes(forged))
    except NotADocument:
        return
    assert read == DOCUMENT


def test_a_signature_for_another_purpose_is_none() -> None:
    """What is signed begins with what it is for."""
    over, _ = signed_bytes(SIGNED)
    assert over.startswith(b"voicedr active region 1\n{")


def test_keys_on_disk(tmp_path: Path) -> None:
    """The private one is for its owner alone and is never written over; both are had by reference."""
    private = tmp_path / "region.key"
    public = KEY.write(private)
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert SigningKey.named(f"file:{private}").sign(DOCUMENT) == SIGNED
    assert Trust.named([f"file:{public}"]).read(SIGNED) == DOCUMENT
    assert len({SigningKey.made().id, SigningKey.made().id, KEY.id}) == 3
    before = private.read_bytes()
    with pytest.raises(KeyUnusable, match="File exists"):
        OTHER.write(private)
    assert private.read_bytes() == before
    with pytest.raises(KeyUnusable, match="a public key is wanted") as caught:
        Trust.named([f"file:{private}"])
    assert before.decode().strip() not in str(caught.value)
    with pytest.raises(KeyUnusable, match="no private key"):
        SigningKey.named(f"file:{public}")
    with pytest.raises(SecretMissing):
        SigningKey.named("env:THERE_IS_NO_SUCH_KEY")
