"""HTTP servers that a context document can be kept by: one that knows conditions, and Consul's key-value pages.

Consul is no Debian package; what its documentation says of GET, PUT with ``cas`` and DELETE is here, and no more
(https://developer.hashicorp.com/consul/api-docs/kv).
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit


class Shelf:
    """What is kept, and how the server behaves.

    Attributes:
        mode: ``""`` as it should be; ``ignores-conditions``; ``500-after``: a write works and is answered 500;
            ``500-before``: it does not; ``hangs``; ``drips``: a byte every tenth of a second; ``403``; ``weak``: weak
            entity tags; ``no-tag``: none; ``huge``: ten megabytes; ``cuts-after``: a write works and is not answered;
            ``forgets``: says yes and keeps nothing.
        writes: How many writes had an effect.
    """

    def __init__(self) -> None:
        self.kept: dict[str, tuple[bytes, int]] = {}
        self.mode = ""
        self.modes: dict[str, str] = {}
        self.writes = 0
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.lock = threading.Lock()
        self.index = 10
        self.url = ""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    shelf: Shelf

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""

    def do_GET(self) -> None:
        """Read."""
        shelf, path = self._begin()
        if self.mode == "hangs":
            time.sleep(30)
        if self.mode == "403":
            self._answer(403, b"no")
        elif self.mode == "huge":
            self._answer(200, b" " * 10_000_000, {"ETag": '"1"'})
        elif self.mode == "drips":
            self._drip()
        elif path.startswith("/v1/kv/"):
            with shelf.lock:
                kept = shelf.kept.get(path)
            if kept is None:
                self._answer(404, b"")
            else:
                entry = {
                    "Key": path[7:],
                    "Value": base64.b64encode(kept[0]).decode(),
                    "ModifyIndex": kept[1],
                    "Flags": 0,
                }
                self._answer(200, json.dumps([entry]).encode())
        else:
            with shelf.lock:
                kept = shelf.kept.get(path)
            if kept is None:
                self._answer(404, b"nothing")
                return
            tag = {"weak": f'W/"{kept[1]}"', "no-tag": ""}.get(self.mode, f'"{kept[1]}"')
            if tag and self.headers.get("If-None-Match") == tag:
                self._answer(304, None, {"ETag": tag})
            else:
                self._answer(200, kept[0], {"ETag": tag} if tag else {})

    def do_PUT(self) -> None:
        """Write, if the condition holds."""
        shelf, path = self._begin()
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.mode == "403":
            self._answer(403, b"no")
            return
        if self.mode == "500-before":
            self._answer(500, b"oh")
            return
        if self.mode == "forgets":
            self._answer(204, None)
            return
        with shelf.lock:
            kept = shelf.kept.get(path)
            holds = self.mode == "ignores-conditions" or self._holds(kept)
            if holds:
                shelf.index += 1
                shelf.writes += 1
                shelf.kept[path] = (body, shelf.index)
        if self.mode == "500-after":
            self._answer(500, b"oh")
        elif self.mode == "cuts-after":
            self.close_connection = True
        elif path.startswith("/v1/kv/"):
            self._answer(200, b"true" if holds else b"false")
        else:
            self._answer(204 if holds else 412, None)

    def do_DELETE(self) -> None:
        """Remove."""
        shelf, path = self._begin()
        with shelf.lock:
            shelf.kept.pop(path, None)
        self._answer(200, b"true")

    def _holds(self, kept: tuple[bytes, int] | None) -> bool:
        url = urlsplit(self.path)
        if url.path.startswith("/v1/kv/"):
            return int(parse_qs(url.query)["cas"][0]) == (0 if kept is None else kept[1])
        if self.headers.get("If-None-Match") == "*":
            return kept is None
        return kept is not None and self.headers.get("If-Match") == f'"{kept[1]}"'

    def _begin(self) -> tuple[Shelf, str]:
        path = unquote(urlsplit(self.path).path)
        self.mode = self.shelf.modes.get(path, self.shelf.mode)
        self.shelf.asked.append((self.command, self.path, dict(self.headers.items())))
        return self.shelf, path

    def _answer(self, status: int, body: bytes | None, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if status not in (204, 304):
            body = body or b""
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body or b"")
        except OSError:
            self.close_connection = True

    def _drip(self) -> None:
        try:
            for byte in b"HTTP/1.1 200 OK\r\n" + b"X-Slow: 1\r\n" * 100:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(0.1)
        except OSError:
            self.close_connection = True


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


@contextmanager
def shelf_server() -> Iterator[Shelf]:
    """A server on a free port until the block is left."""
    shelf = Shelf()
    handler = type("Handler", (_Handler,), {"shelf": shelf})
    server = _Server(("127.0.0.1", 0), handler)
    shelf.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield shelf
    finally:
        server.shutdown()
        server.server_close()
