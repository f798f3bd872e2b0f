"""A bag is written in one way, and nothing else is read."""

from __future__ import annotations

import io
import warnings
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicedr.program.bag.archive import MEMBERS_MAX, is_path, read_archive, write_archive
from voicedr.program.bag.errors import BagBroken

MEMBERS = {"READ-ME-FIRST.txt": b"read me", "plans/support-line.graceful.json": b"{}", "empty": b""}


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_STORED, comment: bytes = b"") -> bytes:
    """An archive as any other program writes it."""
    file = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w", method) as archive:
        warnings.simplefilter("ignore")  # the same name twice, on purpose
        for name, body in members:
            archive.writestr(zipfile.ZipInfo(name), body, method)
        archive.comment = comment
    return file.getvalue()


def test_what_was_written_reads_back_and_equal_members_give_equal_bytes() -> None:
    """Order and bytes are kept; nothing of this machine or of now is in the file."""
    body = write_archive(MEMBERS)
    assert list(read_archive(body).items()) == list(MEMBERS.items())
    assert write_archive(dict(MEMBERS)) == body
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.testzip() is None
        assert {one.date_time for one in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "not a whole ZIP"),
        (b"PK\x03\x04", "not a whole ZIP"),
        (write_archive(MEMBERS)[:-1], "not a whole ZIP"),
        (write_archive(MEMBERS)[:60], "not a whole ZIP"),
        (write_archive(MEMBERS) + b"x", "not written as bags are"),
        (b"x" + write_archive(MEMBERS), "not written as bags are"),
        (write_archive(MEMBERS).replace(b"read me", b"read Me"), "not a whole ZIP"),
        (zipped(("a", b"1"), comment=b"hello"), "not written as bags are"),
        (zipped(("a", b"1"), ("a", b"2")), "holds a twice"),
        (zipped(("../../etc/passwd", b"x")), "the path '../../etc/passwd'"),
        (zipped(("/etc/passwd", b"x")), "the path '/etc/passwd'"),
        (zipped(("a\\..\\b", b"x")), "which no bag has"),
        (zipped(("C:evil", b"x")), "which no bag has"),
        (zipped(("a/", b"")), "which no bag has"),
        (zipped(("bomb", b"0" * 10_000_000), method=zipfile.ZIP_DEFLATED), "bomb in it is compressed"),
    ],
)  # fmt: skip
def test_anything_else_is_refused_before_it_is_unpacked(body: bytes, words: str) -> None:
    """Cut, changed, added to, packed again, leading out, growing: each with what is wrong."""
    with pytest.raises(BagBroken, match=words.replace("(", r"\(")):
        read_archive(body)


def test_an_archive_of_too_many_files_is_refused() -> None:
    """A listing is bounded before anything is read of it."""
    with pytest.raises(BagBroken, match=f"lists {MEMBERS_MAX + 1} files"):
        read_archive(zipped(*((f"n{n}", b"") for n in range(MEMBERS_MAX + 1))))
    with pytest.raises(ValueError, match="at most"):
        write_archive({f"n{n}": b"" for n in range(MEMBERS_MAX + 1)})


@given(st.integers(0, len(write_archive(MEMBERS)) - 1), st.integers(1, 255))
def test_no_byte_of_it_can_be_changed(place: int, by: int) -> None:
    """Every changed byte is found, wherever it is, and never with another error."""
    body = bytearray(write_archive(MEMBERS))
    body[place] = (body[place] + by) % 256
    with pytest.raises(BagBroken):
        read_archive(bytes(body))


@given(st.binary(max_size=400))
def test_bytes_that_are_no_bag_are_refused_in_words(body: bytes) -> None:
    """Never with another error."""
    with pytest.raises(BagBroken):
        read_archive(body)


@pytest.mark.parametrize(
    ("path", "good"),
    [
        ("a", True), ("manual/support-line.txt", True), ("a/b.c-d_e", True), ("", False), ("a//b", False),
        ("../a", False), ("a/../b", False), ("a/..", False), (".hidden", False), ("a b", False), ("a\n", False),
        ("é", False), ("a" * 201, False),
    ],
)  # fmt: skip
def test_paths_stay_below_the_bag(path: str, good: bool) -> None:
    """Plain names only, on every system."""
    assert is_path(path) is good
    if not good:
        with pytest.raises(ValueError, match="path"):
            write_archive({path: b""})
