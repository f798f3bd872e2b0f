"""What the official library's own clients keep of the last request, and what ours refuse."""

from __future__ import annotations

from typing import Any


def last_request(method: str, url: str, params: Any, data: Any, headers: Any, auth: Any) -> dict[str, Any]:
    """The arguments by the names under which the library logs and keeps them."""
    return {
        "method": method.upper(), "url": url, "params": params, "data": data, "headers": headers, "auth": auth,
    }  # fmt: skip


def only_without_redirects(allow_redirects: object) -> None:
    """The library never asks for redirects; a caller who does would be led out of the Region.

    Raises:
        ValueError: If redirects are asked for. Nothing was sent.
    """
    if allow_redirects:
        raise ValueError(
            "allow_redirects=True: redirects are not followed, because they may lead out of the Region with its "
            "credentials. Leave it out, read the Location of the answer, and ask for that yourself."
        )
