"""`python -m tests.fuzz [--runs N] [--seconds S] [TARGET…]`: drive every `fuzz_*.py` beside this.

A target is a module with `one_input(data: bytes) -> None`, which may raise nothing, and where it
helps `SEEDS`, a few inputs to begin from. Where atheris is installed (dependency group `fuzz`) the
inputs follow the code's coverage; else they are seeds, mutated blindly, which needs nothing.

An input that raises is kept in `.cache/fuzz/`, and `--replay FILE TARGET` runs it once more.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import importlib.util
import random
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType

HERE: Final = Path(__file__).parent
KEPT: Final = HERE.parents[1] / ".cache" / "fuzz"

LONGEST: Final = 4096  # bytes of one input: over every limit on a line, and still quick
TOKENS: Final = (b"\n", b"\r", b"\0", b" ", b"=", b'"', b"\\", b"#", b"&", b",", b"\xff", b"200")
"""What means something to one parser or another."""

CHECK_EVERY: Final = 64  # inputs between two looks at the clock


def main() -> int:
    """Run the targets; 1 if any of them raised."""
    asked = _arguments()
    targets = asked.targets or sorted(each.stem for each in HERE.glob("fuzz_*.py"))
    if asked.replay is not None:
        for target in targets:
            _target(target).one_input(asked.replay.read_bytes())
        return 0
    guided = importlib.util.find_spec("atheris") is not None and not asked.blind
    runs = None if asked.runs is None else max(1, asked.runs // max(1, len(targets)))
    seconds = 10.0 if asked.seconds is None and runs is None else asked.seconds
    held = True
    for target in targets:
        if guided:
            held &= _guided(target, runs, seconds)
        else:
            held &= _blind(target, _target(target), runs, seconds, asked.seed)
    return 0 if held else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="fuzz_…; all, if none")
    parser.add_argument("--runs", type=int, help="inputs in all, shared among the targets")
    parser.add_argument("--seconds", type=float, help="for each target (10, if nothing is said)")
    parser.add_argument("--seed", type=int, default=None, help="repeat a blind run")
    parser.add_argument("--blind", action="store_true", help="do without atheris")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="run one kept input")
    return parser.parse_args()


def _target(name: str) -> ModuleType:
    return importlib.import_module(f"tests.fuzz.{name}")


def _seeds(module: ModuleType) -> tuple[bytes, ...]:
    return tuple(getattr(module, "SEEDS", ())) or (b"",)


# ------------------------------------------------------------------- blind


def _blind(
    name: str, module: ModuleType, runs: int | None, seconds: float | None, seed: int | None
) -> bool:
    """Feed mutated seeds until the runs or the seconds are over."""
    chosen = random.SystemRandom().getrandbits(32) if seed is None else seed
    chance = random.Random(chosen)  # noqa: S311 - inputs of a fuzzer are no secrets
    seeds = _seeds(module)
    one_input: Callable[[bytes], None] = module.one_input
    began = time.monotonic()
    done = 0
    while runs is None or done < runs:
        late = seconds is not None and time.monotonic() - began >= seconds
        if done % CHECK_EVERY == 0 and late:
            break
        data = seeds[done] if done < len(seeds) else mutated(chance, seeds)
        done += 1
        try:
            one_input(data)
        except KeyboardInterrupt:
            raise
        except BaseException:  # whatever an input raises is the finding
            traceback.print_exc()
            _keep(name, data)
            return False
    _report(name, done, time.monotonic() - began, f"blind, --seed {chosen}")
    return True


def mutated(chance: random.Random, seeds: Sequence[bytes]) -> bytes:
    """Return a seed with a few things done to it, or now and then plain noise."""
    if chance.random() < 0.05:
        return chance.randbytes(chance.randrange(256))
    data = bytearray(chance.choice(seeds))
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        at = chance.randrange(len(data) + 1)
        until = min(len(data), at + chance.choice((1, 1, 2, 8, 64)))
        match chance.randrange(6):
            case 0:  # overwrite
                data[at:until] = chance.randbytes(until - at)
            case 1:  # cut out
                del data[at:until]
            case 2:  # say twice
                data[at:at] = data[at:until]
            case 3:  # put in what means something
                data[at:at] = chance.choice(TOKENS)
            case 4:  # cross with another seed
                other = chance.choice(seeds)
                data[at:] = other[chance.randrange(len(other) + 1) :]
            case _:  # flip one bit
                if at < len(data):
                    data[at] ^= 1 << chance.randrange(8)
    return bytes(data[:LONGEST])


# ------------------------------------------------------------------- guided by coverage


GUIDED: Final = """
import sys, atheris
with atheris.instrument_imports(include=["fastagi"]):
    import tests.fuzz.{name} as target
atheris.Setup(sys.argv, target.one_input)
atheris.Fuzz()
"""


def _guided(name: str, runs: int | None, seconds: float | None) -> bool:
    """Let libFuzzer drive the target, in a process of its own: it ends the process it runs in."""
    KEPT.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(_seeds(_target(name))):
            (Path(corpus) / str(number)).write_bytes(seed)
        bounds = [f"-runs={runs}"] if runs is not None else []
        bounds += [f"-max_total_time={max(1, round(seconds))}"] if seconds is not None else []
        done = subprocess.run(
            [
                *(sys.executable, "-c", GUIDED.format(name=name), corpus, *bounds),
                *(f"-max_len={LONGEST}", f"-artifact_prefix={KEPT}/{name}-"),
                *("-print_final_stats=1", "-verbosity=0"),
            ],
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    if done.returncode:
        print(done.stderr)
        return False
    stats = dict(
        line.removeprefix("stat::").split(":", 1)
        for line in done.stderr.splitlines()
        if line.startswith("stat::")
    )
    count = int(stats.get("number_of_executed_units", "0"))
    _report(name, count, time.monotonic() - began, "guided by coverage")
    return count >= (runs or 1)  # fewer, and something ended it early


# ------------------------------------------------------------------- what came of it


def _report(name: str, done: int, took_s: float, how: str) -> None:
    print(f"{name}: {done} inputs in {took_s:.1f} s ({done / took_s:.0f} a second; {how})")


def _keep(name: str, data: bytes) -> None:
    KEPT.mkdir(parents=True, exist_ok=True)
    kept = KEPT / f"{name}-{hashlib.sha256(data).hexdigest()[:12]}"
    kept.write_bytes(data)
    print(f"{name}: raised on {data!r}\nrepeat it: python -m tests.fuzz --replay {kept} {name}")


if __name__ == "__main__":
    sys.exit(main())
