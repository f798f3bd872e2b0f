"""A place by its address.

| address | place |
| --- | --- |
| ``file:/path`` | a file |
| ``http://…``, ``https://…`` | a URL with strong entity tags |
| ``etcd:http://HOST:PORT[,HOST:PORT]/KEY`` | a key of etcd |
| ``consul:http://HOST:PORT[,HOST:PORT]/KEY`` | a key of Consul |
| ``postgresql://…[#ROW]`` | a row of PostgreSQL |
| ``environment:NAME`` | the document itself in a variable; it cannot be written |
| ``env:NAME`` | any of these addresses in a variable, for one that has a password or a token in it |
"""

from __future__ import annotations

from pathlib import Path
from typing import cast

from voicedr.runtime.references import secret_of
from voicedr.runtime.region.places.consul import ConsulPlace
from voicedr.runtime.region.places.environment import EnvironmentPlace
from voicedr.runtime.region.places.etcd import EtcdPlace
from voicedr.runtime.region.places.file import FilePlace
from voicedr.runtime.region.places.place import Sink, Source, WrongAddress
from voicedr.runtime.region.places.web import WebPlace

KINDS = "file:/PATH, http(s)://…, etcd:http://…, consul:http://…, postgresql://…, environment:NAME, or env:NAME"


def source_of(address: str) -> Source:
    """The place to read. Nothing is asked of it yet.

    Raises:
        WrongAddress: If there is no such kind of place, or the address is none.
        SecretMissing: If a reference has nothing behind it.
    """
    if address.startswith("env:"):
        address = secret_of(address)
        if address.startswith("env:"):
            raise WrongAddress("a variable that is named by env:NAME must have an address, and not another reference")
    kind, _, rest = address.partition(":")
    match kind:
        case "file" if rest.startswith("/"):
            return FilePlace(Path(rest))
        case "http" | "https":
            return WebPlace(address)
        case "etcd":
            return EtcdPlace(rest)
        case "consul":
            return ConsulPlace(rest)
        case "postgresql" | "postgres":
            from voicedr.runtime.region.places.postgresql import PostgresqlPlace

            return PostgresqlPlace(address)
        case "environment" if rest:
            return EnvironmentPlace(rest)
        case _:
            # What stands here may have a password in it: it is not shown.
            raise WrongAddress(f"this is no address of a place (it is not shown). Write {KINDS}.")


def sink_of(address: str) -> Sink:
    """The place to write.

    Raises:
        WrongAddress, SecretMissing: As ``source_of``, and if the place cannot be written by its kind.
    """
    place = source_of(address)
    if not hasattr(place, "write"):
        raise WrongAddress(f"{place.name} cannot be written: name a file, a URL, etcd, Consul or PostgreSQL")
    return cast(Sink, place)
