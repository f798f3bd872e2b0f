"""Plans of ``voicedr sync`` that were kept in a file or named by their hash, so that apply does these and no others."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from voicedr.cli.failures import REFUSED, WRONG_USE, Stop
from voicedr.program.standby.doing import Do
from voicedr.program.standby.plan import SyncPlan, sync_hash
from voicedr.usecases.plan_sync import Planned

HASH_DIGITS_MIN = 6
"""So many digits of a plan's hash must be given; fewer are too easily another plan's."""

PLAN_BYTES_MAX = 256 * 1024 * 1024
"""A plan of 100,000 numbers, every one of which changes, has some 60 MB."""

FORMAT = "voicedr sync plan 1"


class Words(msgspec.Struct, frozen=True):
    """What was entered, so that a kept plan can be made again."""

    flows: tuple[str, ...] = ()
    everything: bool = False
    adopt: tuple[str, ...] = ()
    adopt_all: bool = False
    prune: bool = False


class KeptPlans(msgspec.Struct, frozen=True):
    """A file of plans, and how they were asked for."""

    words: Words
    plans: tuple[SyncPlan, ...]
    format: str = FORMAT


def keep_plans(path: Path, kept: KeptPlans) -> None:
    """Write a file of plans for ``apply --plan``: whole or not at all, and for its owner only.

    Raises:
        Stop: If it cannot be written there; what was at the path is as it was.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        if path.exists() and not path.is_file():
            raise Stop(f"{path} is no file. The plan was not kept. Name another: --out FILE.", WRONG_USE)
        try:
            beside.touch(mode=0o600)
            beside.write_bytes(msgspec.json.encode(kept))
            beside.replace(path)
        except OSError:
            beside.unlink(missing_ok=True)
            raise
    except OSError as exc:
        raise Stop(
            f"{path} cannot be written ({exc.strerror}). The plan was not kept. Name another file: --out FILE.",
            WRONG_USE,
        ) from exc


def kept_plans(wanted: str | None) -> KeptPlans | None:
    """A plan's file; None if a hash was given."""
    if wanted is None or (_is_hash(wanted) and not Path(wanted).exists()):
        return None
    path = Path(wanted)
    try:
        if path.stat().st_size > PLAN_BYTES_MAX:
            raise Stop(f"{path} is larger than {PLAN_BYTES_MAX} bytes, so it is no plan. Name another.", WRONG_USE)
        kept = msgspec.json.decode(path.read_bytes(), type=KeptPlans)
    except OSError as exc:
        raise Stop(f"{path} cannot be read ({exc.strerror}). Name a plan's file, or its hash.", WRONG_USE) from exc
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise Stop(f"{path} is no plan that `voicedr sync plan --out` wrote ({exc}).", WRONG_USE) from exc
    if kept.format != FORMAT:
        raise Stop(
            f"{path} is a plan of another release ({kept.format!r}). Make it again: voicedr sync plan.", WRONG_USE
        )
    return kept


def _is_hash(text: str) -> bool:
    return len(text) >= HASH_DIGITS_MIN and all(digit in "0123456789abcdef" for digit in text.lower())


def digests_of(kept: KeptPlans | None, wanted: str) -> list[str]:
    return [wanted.lower()] if kept is None else [sync_hash(plan) for plan in kept.plans]


def same_plans(plans: list[Planned], digests: list[str], kept: KeptPlans | None) -> None:
    """Go on only if the plans are still these.

    Raises:
        Stop: If what was read has changed since.
    """
    now = [planned.digest for planned in plans]
    if len(now) == len(digests) and all(one.startswith(digest) for one, digest in zip(now, digests, strict=True)):
        return
    if len(plans) != len(digests):
        raise Stop(
            f"these flows have {len(plans)} plans (one for each primary and standby), and {len(digests)} was named."
            " Name the flow, or keep the plan in a file: voicedr sync plan --out FILE. Nothing was changed.",
            WRONG_USE,
        )
    changed = _changed(plans, kept)
    raise Stop(
        f"the plan is another one now ({now[0][:12]}): what was read has changed since{changed}, or it was made with"
        " other options. Nothing was changed. Look at it again: voicedr sync plan.",
        REFUSED,
    )


def _changed(plans: list[Planned], kept: KeptPlans | None) -> str:
    if kept is None:
        return ""
    before = {(one.do, one.key, one.changes) for plan in kept.plans for one in plan.steps if one.do is not Do.EQUAL}
    after = {(one.do, one.key, one.changes) for p in plans for one in p.plan.steps if one.do is not Do.EQUAL}
    names = sorted({str(key) for _, key, _ in before ^ after})
    more = f" and {len(names) - 5} more" if names[5:] else ""
    return f" ({', '.join(names[:5])}{more})" if names else ""
