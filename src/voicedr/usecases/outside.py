"""What looking outside the provider's account needs. Each part may be missing; what it would see is then unknown."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from voicedr.ports.certificates import Certificates
from voicedr.ports.context import ActiveRegion
from voicedr.ports.names import Names
from voicedr.ports.sip_probe import SipProbe


@dataclass(frozen=True, slots=True)
class Outside:
    """Ports to the world beside the provider.

    Attributes:
        names: Resolves host names.
        sip: Asks SIP addresses whether they live.
        read_file: The bytes of a file that the workbook names, relative to it; raises OSError.
        secret: What a reference (``env:NAME``, ``file:/path``) stands for; raises if it cannot be had.
        certificates: Looks at the certificates of hosts.
        context: What an application's context says, by its reference; None: there is no document yet; raises
            ContextError.
    """

    names: Names | None = None
    sip: SipProbe | None = None
    read_file: Callable[[str], bytes] | None = None
    secret: Callable[[str], str] | None = None
    certificates: Certificates | None = None
    context: Callable[[str], Awaitable[ActiveRegion | None]] | None = None


NOWHERE = Outside()
"""Nothing outside is looked at."""


def beside(workbook_path: str) -> Callable[[str], bytes]:
    """Reads files relative to the workbook, bounded."""

    def read(name: str) -> bytes:
        path = Path(workbook_path).parent / name
        with path.open("rb") as file:
            content = file.read(FILE_BYTES_MAX + 1)
        if len(content) > FILE_BYTES_MAX:
            raise OSError(f"{name} is larger than {FILE_BYTES_MAX} bytes")
        return content

    return read


FILE_BYTES_MAX = 16 * 1024 * 1024
"""A firewall export of a large site has a few megabytes."""
