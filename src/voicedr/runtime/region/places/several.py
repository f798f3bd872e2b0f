"""Several servers of one cluster: the one that answered last is asked first, and the next one if it does not."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote, unquote, urlsplit

from voicedr.runtime.region.places.exchange import Answer, Server
from voicedr.runtime.region.places.place import PlaceSilent, WrongAddress

SERVERS_MAX = 9
"""Clusters have three or five. Each that is dead costs one attempt's time."""


class Cluster:
    """The servers of an address ``http://HOST:PORT,HOST:PORT/KEY`` and the key in it.

    Raises:
        WrongAddress: If there is no key, or a server that is none.
    """

    def __init__(self, kind: str, url: str) -> None:
        scheme, _, rest = url.partition("://")
        place, _, key = rest.partition("/")
        login, at, hosts = place.rpartition("@")
        self.kind = kind
        self.key = unquote(urlsplit(f"//x/{key}").path[1:])
        self.base = f"{scheme}://{place}/"
        names = [one for one in hosts.split(",") if one][: SERVERS_MAX + 1]
        if not self.key or not names or len(names) > SERVERS_MAX:
            raise WrongAddress(f"an address of {kind} is {kind}:http://HOST:PORT[,HOST:PORT]/KEY")
        self._servers = [Server(f"{scheme}://{login}{at}{one}") for one in names]
        self.first = self._servers[0]
        self.name = f"{kind}:{scheme}://{hosts}/{quote(self.key)}"

    def ask(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str], *, changes: bool = False
    ) -> Answer:
        """One exchange, with the first server that takes it. A write goes on to the next only if it was not delivered.

        Raises:
            PlaceSilent: If none answers; nothing changed.
            PlaceUnsettled: If a write was delivered and not answered.
        """
        return self.first_of(lambda server: server.ask(method, path, body, headers, changes=changes))

    def first_of(self, asks: Callable[[Server], Answer]) -> Answer:
        """What the first server that is there answers."""
        silent: list[str] = []
        for server in list(self._servers):
            try:
                answer = asks(server)
            except PlaceSilent as exc:
                silent.append(str(exc))
                continue
            if server is not self._servers[0]:
                self._servers.remove(server)
                self._servers.insert(0, server)
            return answer
        raise PlaceSilent("; ".join(silent))

    def close(self) -> None:
        """Let connections go."""
        for server in self._servers:
            server.close()
