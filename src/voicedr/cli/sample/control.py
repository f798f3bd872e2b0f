"""How a command tells a running deployment something: one line of JSON each way, over a loopback port.

The state file says where, and has a key that its owner alone can read; other users of the machine cannot break it.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from voicedr.cli.failures import UNKNOWN, WRONG_USE, Stop
from voicedr.cli.sample.deployment import Deployment
from voicedr.ports.http import NoResponse

STATE_FILE = "state.json"
LINE_BYTES_MAX = 64 * 1024
ANSWER_S_MAX = 90.0
"""Healing starts processes again, which takes seconds."""


@asynccontextmanager
async def controlled(deployment: Deployment, folder: Path) -> AsyncIterator[asyncio.Event]:
    """Take orders until the block is left, and keep the state file; gives what is set when told to end."""
    ended = asyncio.Event()
    key = secrets.token_hex(16)
    one_at_a_time = asyncio.Lock()
    state = folder / STATE_FILE

    def write() -> None:
        host, port = server.sockets[0].getsockname()[:2]
        told = {"control": f"{host}:{port}", "key": key, "twin": deployment.twin.base}
        beside = state.with_suffix(".new")
        beside.touch(mode=0o600)
        beside.write_text(
            json.dumps(told | {"backend": str(deployment.backend_secret)} | deployment.status(), indent=1)
        )
        beside.replace(state)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(ANSWER_S_MAX):
                asked = json.loads(await reader.readline())
                if not hmac.compare_digest(str(asked.get("key")), key):
                    answer: dict[str, Any] = {"error": "this is not the deployment's key", "code": WRONG_USE}
                else:
                    async with one_at_a_time:
                        answer = await _done(deployment, ended, str(asked.get("do")), str(asked.get("what", "")))
                    write()
                writer.write(json.dumps(answer).encode() + b"\n")
                await writer.drain()
        except (ValueError, AttributeError, OSError, TimeoutError):
            pass  # whoever asked sees that there is no answer
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=LINE_BYTES_MAX)
    try:
        write()
        yield ended
    finally:
        server.close()
        state.unlink(missing_ok=True)


async def _done(deployment: Deployment, ended: asyncio.Event, do: str, what: str) -> dict[str, Any]:
    try:
        match do:
            case "break":
                return {"at": await deployment.break_(what)}
            case "heal":
                return {"at": await (deployment.heal(what) if what else deployment.heal_all())}
            case "status":
                return deployment.status()
            case "down":
                ended.set()
                return {}
            case _:
                return {"error": f"{do!r} is no order", "code": WRONG_USE}
    except Stop as exc:
        return {"error": str(exc), "code": exc.code}
    except NoResponse as exc:
        return {"error": f"the twin does not answer ({exc}); whether {what} was done is not known", "code": UNKNOWN}


def read_state(folder: Path) -> dict[str, Any]:
    """What the state file says.

    Raises:
        Stop: If there is none: nothing runs there.
    """
    path = folder / STATE_FILE
    try:
        told: dict[str, Any] = json.loads(path.read_bytes())
    except FileNotFoundError as exc:
        raise Stop(
            f"no sample deployment runs in {folder}: start it with `voicedr sample up --folder {folder}`", WRONG_USE
        ) from exc
    except (OSError, ValueError) as exc:
        raise Stop(
            f"{path} cannot be read ({exc}); end what runs there, remove the folder and start again", WRONG_USE
        ) from exc
    return told


def tell(folder: Path, do: str, what: str = "") -> dict[str, Any]:
    """Give a running deployment an order, and its answer.

    Raises:
        Stop: If it refuses, or does not answer: then whether it was done is not known.
    """
    state = read_state(folder)
    host, _, port = state["control"].rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=ANSWER_S_MAX) as connection:
            connection.sendall(json.dumps({"key": state["key"], "do": do, "what": what}).encode() + b"\n")
            line = connection.makefile("rb").readline(LINE_BYTES_MAX)
    except ConnectionRefusedError as exc:
        (folder / STATE_FILE).unlink(missing_ok=True)
        raise Stop(
            f"the sample deployment of {folder} has ended without tidying up. Start it again.", WRONG_USE
        ) from exc
    except OSError as exc:
        raise Stop(
            f"the sample deployment at {host}:{port} does not answer ({exc}); ask for its status", UNKNOWN
        ) from exc
    if not line:
        raise Stop(f"the sample deployment at {host}:{port} gave no answer to {do}; ask for its status", UNKNOWN)
    answer: dict[str, Any] = json.loads(line)
    if "error" in answer:
        raise Stop(answer["error"], int(answer["code"]))
    return answer
