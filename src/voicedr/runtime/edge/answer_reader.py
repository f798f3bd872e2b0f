"""Bytes of one HTTP/1.1 answer in, as they come; status, fields and body out (RFC 9112). No sockets.

Strict where being lenient would let two answers be taken for one: length said twice, length and chunks together, folded
lines and bare line feeds are refused. Sizes are bounded.
"""

from __future__ import annotations

import string
import zlib

HEAD_BYTES_MAX = 65_536
"""Ten times what the provider's longest answers have; common servers allow as much."""

FIELDS_MAX = 256
_TOKEN = string.ascii_letters + string.digits + "!#$%&'*+-.^_`|~"
"""What a field's name is made of (RFC 9110 section 5.6.2)."""

_LENGTHS_OF_FRAMING = frozenset(map(len, ("content-length", "transfer-encoding", "content-encoding", "connection")))

CHUNK_LINE_BYTES_MAX = 1024
"""A chunk's size has some digits; extensions are hardly ever used."""

TRAILER_BYTES_MAX = 8192
"""One field behind the last chunk."""

LENGTH_DIGITS_MAX = 19
"""More bytes than there are anywhere; also keeps the reading of the number itself short."""

INTERIM_MAX = 8
"""So many 1xx answers before the real one."""


class Refused(Exception):
    """What came is not an answer that we take."""


class TooLarge(Refused):
    """The body is larger than allowed."""


class AnswerReader:
    """One answer. Feed it until ``done``; tell it when the peer has closed."""

    __slots__ = (
        "_body", "_bytes_max", "_coding", "_head_only", "_interim", "_left", "_step", "_trailers", "_waiting", "done",
        "fields", "keep_alive", "status",
    )  # fmt: skip

    def __init__(self, method: str, bytes_max: int) -> None:
        self._waiting = bytearray()
        self._body = bytearray()
        self._trailers = 0
        self._coding = ""
        self._left = 0
        self._interim = 0
        self._step = self._head
        self._head_only = method == "HEAD"
        self._bytes_max = bytes_max
        self.status = 0
        self.fields: list[tuple[str, str]] = []
        self.keep_alive = True
        self.done = False

    @property
    def begun(self) -> bool:
        """Whether anything came."""
        return bool(self._waiting or self.status)

    def feed(self, data: bytes) -> None:
        """Take what came.

        Raises:
            Refused: If it is not an answer.
        """
        self._waiting += data
        while not self.done and self._step():
            pass
        if self.done and self._waiting:
            self.keep_alive = False  # more than was asked for: nobody knows whose it is

    def ended(self) -> bool:
        """The peer has closed; whether the answer is whole."""
        if not self.done and self._step == self._until_end:
            self.done = True
        return self.done

    def body(self) -> bytes:
        """The body, unpacked.

        Raises:
            Refused: If it cannot be unpacked, or becomes larger than allowed.
        """
        coding = self._coding
        if not self._body or coding in {"", "identity"}:
            return bytes(self._body)
        if coding not in {"gzip", "x-gzip", "deflate"}:
            raise Refused(f"its coding {coding!r} was not asked for")
        return _unpacked(bytes(self._body), self._bytes_max, deflate=coding == "deflate")

    def _head(self) -> bool:
        end = self._waiting.find(b"\r\n\r\n")
        if end < 0:
            first = self._waiting.find(b"\n")
            if first == 0 or (first > 0 and self._waiting[first - 1] != 13):
                raise Refused("a line ends without CR")
            if len(self._waiting) > HEAD_BYTES_MAX:
                raise Refused("its head is too long")
            if len(self._waiting) >= 5 and not self._waiting.startswith(b"HTTP/"):
                raise Refused("it does not begin with HTTP/")
            return False
        if end > HEAD_BYTES_MAX:
            raise Refused("its head is too long")
        head = self._waiting[:end]
        # Others take a lone CR or LF for the end of a line, and would read other fields (RFC 9112 section 2.2).
        if not head.count(b"\r") == head.count(b"\n") == head.count(b"\r\n"):
            raise Refused("a CR or LF stands alone in its head")
        lines = head.decode("latin-1").split("\r\n")
        del self._waiting[: end + 4]
        version, _, rest = lines[0].partition(" ")
        code, space = rest[:3], rest[3:4]
        if (
            version not in {"HTTP/1.1", "HTTP/1.0"}
            or not (len(code) == 3 and code.isascii() and code.isdigit())
            or space not in {"", " "}
        ):
            raise Refused("its first line is not a status line")
        status = int(code)
        if 100 <= status < 200:
            self._interim += 1
            if status == 101 or self._interim > INTERIM_MAX:
                raise Refused(f"an answer {status} was not asked for")
            return True
        self.status = status
        self._read_fields(lines[1:], http_1_0=version == "HTTP/1.0")
        return True

    def _read_fields(self, lines: list[str], *, http_1_0: bool) -> None:
        if len(lines) > FIELDS_MAX:
            raise Refused("it has too many fields")
        length: str | None = None
        coding = ""
        connection = ""
        fields = self.fields
        for line in lines:
            name, colon, value = line.partition(":")
            if not colon or not name or name.strip(_TOKEN):
                raise Refused("a field has no name, or is folded")
            value = value.strip(" \t")
            fields.append((name, value))
            if len(name) not in _LENGTHS_OF_FRAMING:
                continue
            match name.lower():
                case "content-length":
                    if length is not None and length != value:
                        raise Refused("it says two lengths")
                    length = value
                case "transfer-encoding":
                    coding = f"{coding},{value.lower()}" if coding else value.lower()
                case "content-encoding":
                    self._coding = f"{self._coding},{value.lower()}" if self._coding else value.lower()
                case "connection":
                    connection = f"{connection},{value.lower()}"
        self.keep_alive = "close" not in connection and (not http_1_0 or "keep-alive" in connection)
        if self._head_only or self.status in {204, 304}:
            self.done = True
        elif coding:
            if coding != "chunked" or length is not None:
                raise Refused("its length is said in two ways, or in one that is not known")
            self._step = self._chunk_size
        elif length is not None:
            if not (length.isascii() and length.isdigit() and len(length) <= LENGTH_DIGITS_MAX):
                raise Refused("its length is not a number")
            self._left = int(length)
            self._bounded(self._left)
            self._step = self._counted
        else:
            self.keep_alive = False
            self._step = self._until_end

    def _bounded(self, size: int) -> None:
        if size > self._bytes_max:
            raise TooLarge(f"{size} bytes, at most {self._bytes_max} are taken")

    def _counted(self) -> bool:
        if len(self._waiting) < self._left:
            return False
        self._body += self._waiting[: self._left]
        del self._waiting[: self._left]
        self.done = True
        return False

    def _until_end(self) -> bool:
        self._body += self._waiting
        self._waiting.clear()
        self._bounded(len(self._body))
        return False

    def _chunk_size(self) -> bool:
        end = self._waiting.find(b"\r\n")
        if end < 0 or end > CHUNK_LINE_BYTES_MAX:
            if len(self._waiting) > CHUNK_LINE_BYTES_MAX + 1:
                raise Refused("a chunk has no size")
            return False
        line = bytes(self._waiting[:end])
        if b"\r" in line or b"\n" in line:
            raise Refused("a CR or LF stands alone in the line of a chunk")
        size = line.partition(b";")[0].strip(b" \t")
        del self._waiting[: end + 2]
        if not size or len(size) > 16 or size.strip(b"0123456789abcdefABCDEF"):
            raise Refused("a chunk's size is not a number")
        self._left = int(size, 16)
        self._bounded(len(self._body) + self._left)
        self._step = self._chunk if self._left else self._trailer
        return True

    def _chunk(self) -> bool:
        if len(self._waiting) < self._left + 2:
            return False
        if self._waiting[self._left : self._left + 2] != b"\r\n":
            raise Refused("a chunk is longer than it says")
        self._body += self._waiting[: self._left]
        del self._waiting[: self._left + 2]
        self._step = self._chunk_size
        return True

    def _trailer(self) -> bool:
        end = self._waiting.find(b"\r\n")
        if end < 0 or end > TRAILER_BYTES_MAX:
            if len(self._waiting) > TRAILER_BYTES_MAX + 1:
                raise Refused("its trailer is too long")
            return False
        line = bytes(self._waiting[:end])
        if b"\r" in line or b"\n" in line:
            raise Refused("a CR or LF stands alone in its trailer")
        del self._waiting[: end + 2]
        self._trailers += 1
        if self._trailers > FIELDS_MAX:
            raise Refused("it has too many fields")
        self.done = end == 0
        return not self.done


def _unpacked(packed: bytes, bytes_max: int, *, deflate: bool) -> bytes:
    # 47: zlib or gzip by its head (zlib manual). Some servers send "deflate" without a head: -15.
    for window in (47, -15) if deflate else (47,):
        unpacker = zlib.decompressobj(window)
        try:
            body = unpacker.decompress(packed, bytes_max + 1)
        except zlib.error:
            continue
        if len(body) > bytes_max:
            raise TooLarge(f"more than {bytes_max} bytes when unpacked")
        if unpacker.eof:
            return body
    raise Refused("its body cannot be unpacked")
