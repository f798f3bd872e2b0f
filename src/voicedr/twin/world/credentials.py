"""Who may ask: each Region has its own Auth Token and keys, and knows no other's.

Source: https://www.twilio.com/docs/global-infrastructure/manage-regional-api-credentials (read 2026-11-21). Secrets are
alphanumeric, because a client library refuses others before it sends them. Everything is minted from the seed: these
secrets open nothing but the twin.
"""

from __future__ import annotations

import hashlib

from voicedr.twin.world.model import REGIONS, Key, RegionStore, World

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def empty_world(seed: int, now: float, account_sid: str | None = None) -> World:
    """An account with nothing in it but one token and one key in each Region."""
    world = World(account_sid=account_sid or "", seed=seed, regions={})
    minted = world.mint("AC")
    world.account_sid = account_sid or minted
    for region in REGIONS:
        store = RegionStore(region, auth_token=_digits(world, 32))
        world.regions[region] = store
        mint_key(world, store, f"twin {region}", now)
    return world


def mint_key(world: World, store: RegionStore, friendly_name: str, now: float) -> Key:
    """A new API key of a Region."""
    key = Key(world.mint("SK"), mint_secret(world), friendly_name, now, now)
    store.keys[key.sid] = key
    return key


def mint_secret(world: World) -> str:
    """32 letters and digits."""
    world.drawn += 1
    number = int.from_bytes(hashlib.blake2b(f"{world.seed}:secret:{world.drawn}".encode(), digest_size=32).digest())
    letters = []
    for _ in range(32):
        number, index = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[index])
    return "".join(letters)


def accepted(world: World, store: RegionStore, user: str, secret: str) -> bool:
    """True for the account SID with this Region's Auth Token, or a key of this Region with its secret.

    A secondary Auth Token lets in, too (https://www.twilio.com/docs/iam/api/secondary_authtoken).
    """
    if user == world.account_sid:
        return secret == store.auth_token or (store.secondary_auth_token != "" and secret == store.secondary_auth_token)
    key = store.keys.get(user)
    return key is not None and not key.revoked and secret == key.secret


def spoken(world: World) -> dict[str, dict[str, str]]:
    """The first credential of each Region, for the person who started the twin."""
    told: dict[str, dict[str, str]] = {}
    for region, store in world.regions.items():
        key = next((key for key in store.keys.values() if not key.revoked), None)
        told[region] = {"auth_token": store.auth_token}
        if key is not None:
            told[region] |= {"api_key": key.sid, "api_secret": key.secret}
    return told


def mint_token(world: World) -> str:
    """An Auth Token: 32 hexadecimal digits."""
    return _digits(world, 32)


def _digits(world: World, length: int) -> str:
    return world.mint("")[:length]
