"""Where the secrets are: references only, and how a shell gets each into its environment. No value is ever here."""

from __future__ import annotations

from collections.abc import Iterator
from shlex import quote

import msgspec

from voicedr.program.scope.workbook import RegionAccess, Workbook
from voicedr.program.vocabulary import Region


class Credential(msgspec.Struct, frozen=True):
    """One secret: what it is for, its reference, and the variable that the printed commands read."""

    what: str
    reference: str
    variable: str


def credentials_of(workbook: Workbook) -> tuple[Credential, ...]:
    """Every secret that the workbook refers to."""
    return tuple(_credentials(workbook))


def key_of(workbook: Workbook, region: Region) -> tuple[Credential, Credential]:
    """The API key and its secret of one Region."""
    access = workbook.account.regions[region]
    return _key(region, access), _secret(region, access)


def settings(credential: Credential) -> str:
    """The line of shell that puts it where the commands look."""
    kind, _, place = credential.reference.partition(":")
    if credential.reference.startswith("SK"):
        return f"export {credential.variable}={quote(credential.reference)}"
    if kind == "env":
        return f': "${{{credential.variable}:?is not set: export it, then begin again}}"'
    if kind == "file":
        home = '"$HOME"/' if place.startswith("~/") else ""
        return f'export {credential.variable}="$(cat {home}{quote(place.removeprefix("~/"))})"'
    service, _, name = place.rpartition("/")
    return f'export {credential.variable}="$(keyring get {quote(service)} {quote(name)})"'


def _credentials(workbook: Workbook) -> Iterator[Credential]:
    for region, access in workbook.account.regions.items():
        yield _key(region, access)
        yield _secret(region, access)
        if access.auth_token is not None:
            yield Credential(
                f"Auth Token of {region} (readiness only)",
                access.auth_token,
                _variable(access.auth_token, region, "TOKEN"),
            )
    if workbook.account.address is not None and workbook.account.address.startswith("env:"):
        yield Credential("address of the twin", workbook.account.address, workbook.account.address[4:])
    if workbook.journal.at is not None and workbook.journal.at.partition(":")[0] in ("env", "file", "keyring"):
        yield Credential("the team's journal", workbook.journal.at, "VOICEDR_JOURNAL")
    for number, one in enumerate(workbook.alerts, 1):
        yield Credential(f"alert {number}", one, f"VOICEDR_ALERT_{number}")


def _key(region: Region, access: RegionAccess) -> Credential:
    return Credential(f"API key of {region}", access.api_key, _variable(access.api_key, region, "KEY"))


def _secret(region: Region, access: RegionAccess) -> Credential:
    return Credential(f"API secret of {region}", access.api_secret, _variable(access.api_secret, region, "SECRET"))


def _variable(reference: str, region: Region, what: str) -> str:
    return reference[4:] if reference.startswith("env:") else f"VOICEDR_{region.upper()}_{what}"
