"""Runs the targets: each in a process of its own, by atheris where it is, otherwise by plain mutation.

Exit code 0: nothing was found; 1: something was, and the input is kept in ``VOICEDR_FUZZ_FOUND`` (default: fuzz-found).
"""

from __future__ import annotations

import argparse
import importlib
import os
import pkgutil
import random
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from fuzz import mutate, targets

INPUT_BYTES_MAX = 20_000
INPUT_S_MAX = 10
"""One input that takes longer is a finding, too."""

MEMORY_MB_MAX = 2_000


def names() -> list[str]:
    """The targets."""
    return sorted(module.name for module in pkgutil.iter_modules(targets.__path__))


def main() -> int:
    """Run what is asked for."""
    arguments = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    arguments.add_argument("target", nargs="*", help=f"of {', '.join(names())}; default: all")
    arguments.add_argument("--seconds", type=float, default=60.0, help="in all (60)")
    arguments.add_argument("--seed", type=int, default=1, help="printed, to run the same again (1)")
    arguments.add_argument("--plain", action="store_true", help="plain mutation, also where atheris is installed")
    arguments.add_argument("--replay", type=Path, help="run this one input")
    arguments.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    given = arguments.parse_args()
    unknown = sorted(set(given.target) - set(names()))
    if unknown:
        arguments.error(f"no target {unknown[0]!r}; there are {', '.join(names())}")
    chosen = given.target or names()
    if given.replay is not None:
        for name in chosen:
            target(name).one(given.replay.read_bytes())
        return 0
    if given.child:
        return _child(chosen[0], given.seconds, given.seed, plain=given.plain)
    return _all(chosen, given.seconds, given.seed, plain=given.plain)


def target(name: str) -> ModuleType:
    """The module of a target."""
    return importlib.import_module(f"fuzz.targets.{name}")


def _all(chosen: list[str], seconds: float, seed: int, *, plain: bool) -> int:
    found: list[str] = []
    each_s = max(1.0, seconds / len(chosen))
    for name in chosen:
        command = [sys.executable, "-m", "fuzz", name, "--child", "--seconds", str(each_s), "--seed", str(seed)]
        begun = time.monotonic()
        try:
            done = subprocess.run(
                [*command, *(["--plain"] if plain else [])],
                capture_output=True, text=True, errors="replace", timeout=each_s + 120, check=False,
            )  # fmt: skip
            code, said = done.returncode, done.stdout + done.stderr
        except subprocess.TimeoutExpired as exc:
            code, said = -1, f"it did not end: {exc}"
        summary = next((line for line in reversed(said.splitlines()) if line.startswith(("Done ", "fuzz:"))), "")
        print(f"fuzz: {name}, seed {seed}, {time.monotonic() - begun:.0f} s: exit {code} {summary}", flush=True)
        if code != 0:
            found.append(name)
            print(said[-6000:], flush=True)
    if found:
        print(f"fuzz: FOUND something in {', '.join(found)}; the inputs are in {_found_in()}", file=sys.stderr)
    return 1 if found else 0


def _child(name: str, seconds: float, seed: int, *, plain: bool) -> int:
    try:
        if plain:
            raise ImportError
        import atheris
    except ImportError:
        module = target(name)
        return _mutate(name, module.one, module.SEEDS, seconds, seed)
    with atheris.instrument_imports(include=["voicedr", "sipmessage", "msgspec"]):
        module = target(name)
    with tempfile.TemporaryDirectory(prefix=f"fuzz-{name}-") as corpus:
        for number, sample in enumerate(module.SEEDS):
            (Path(corpus) / f"seed-{number}").write_bytes(sample)
        options = [
            f"-max_total_time={max(1, round(seconds))}", f"-seed={seed}", f"-max_len={INPUT_BYTES_MAX}",
            f"-timeout={INPUT_S_MAX}", f"-rss_limit_mb={MEMORY_MB_MAX}", f"-artifact_prefix={_found_in()}/{name}-",
            "-print_final_stats=0", "-verbosity=1",
        ]  # fmt: skip
        atheris.Setup([sys.argv[0], *options, corpus], module.one)
        atheris.Fuzz()
    return 0


def _mutate(name: str, one: Callable[[bytes], None], seeds: list[bytes], seconds: float, seed: int) -> int:
    """Without coverage to guide it: mutation of the seeds, and of mutants."""
    chance = random.Random(f"{name} {seed}")
    pool, runs, until = list(seeds), 0, time.monotonic() + seconds
    while time.monotonic() < until:
        data = mutate.mutant(chance.choice(pool), pool, chance)[:INPUT_BYTES_MAX]
        runs += 1
        try:
            one(data)
        except Exception:
            kept = _found_in() / f"{name}-crash-{runs}"
            kept.write_bytes(data)
            traceback.print_exc()
            print(f"fuzz: {name} failed at input {runs}; it is kept in {kept}")
            return 1
        if len(pool) < 2000 and chance.random() < 0.01:
            pool.append(data)
    print(f"fuzz: {runs} inputs by plain mutation")
    return 0


def _found_in() -> Path:
    path = Path(os.environ.get("VOICEDR_FUZZ_FOUND", "fuzz-found"))
    path.mkdir(parents=True, exist_ok=True)
    return path


if __name__ == "__main__":
    sys.exit(main())
