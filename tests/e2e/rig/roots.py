"""Where the real Asterisk, SIPp and Valkey come from: root folders, built once and kept.

Debian 12 has neither Asterisk nor Valkey; Debian unstable has Asterisk 22 and Valkey, Debian 11
has Asterisk 16. `mmdebstrap` builds a root folder of either, and `chroot` runs it beside the
host, on the host's loopback.
`python -m tests.e2e.rig.roots` builds both; the tests ask for them by version.
`python -m tests.e2e.rig.roots valkey` builds what the stores' tests need, and nothing more.

Environment:
    DIALGUARD_RIG_CACHE: where the roots are kept; `.cache/rig` in the repository if unset.
    DIALGUARD_ASTERISK: an `asterisk` of your own, used in place of both roots.
    DIALGUARD_SIPP: a `sipp` 3.8 or later of your own, built with PCAP and TLS.
    DIALGUARD_VALKEY: a `valkey-server` of your own.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

REPOSITORY: Final = Path(__file__).resolve().parents[3]


class RigError(Exception):
    """The rig cannot be had on this machine; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a root is built.

    Attributes:
        version: Asterisk's major version, by which the tests speak of it.
        suite: The Debian suite that has it.
    """

    version: str
    suite: str
    packages: tuple[str, ...]

    @property
    def folder(self) -> Path:
        """Where the finished root is kept."""
        return cache() / f"asterisk-{self.version}"


RECIPES: Final = {
    "22": Recipe(
        "22",
        "sid",
        (
            "asterisk",
            "asterisk-core-sounds-en-wav",
            "asterisk-core-sounds-es-gsm",
            "asterisk-moh-opsound-wav",
            "sip-tester",
            "valkey-server",
            "ca-certificates",
        ),
    ),
    "16": Recipe("16", "bullseye", ("asterisk", "asterisk-core-sounds-en-wav", "ca-certificates")),
}


def cache() -> Path:
    """Return the folder that the roots are kept in."""
    return Path(os.environ.get("DIALGUARD_RIG_CACHE") or REPOSITORY / ".cache" / "rig")


@dataclass(frozen=True, slots=True)
class Root:
    """A file system that has what is tested; `/` itself where the user has one of their own.

    Attributes:
        folder: Where the file system is, as the host sees it.
        asterisk: The Asterisk to run, as the root sees it.
        sipp: The SIPp to run, as the root sees it.
        valkey: The Valkey to run, as the root sees it.
    """

    folder: Path
    asterisk: str = "asterisk"
    sipp: str = "sipp"
    valkey: str = "valkey-server"

    def command(self, *words: str) -> list[str]:
        """Return the command line that runs `words` inside."""
        if self.folder == Path("/"):
            return list(words)
        return ["chroot", str(self.folder), *words]

    def inside(self, path: Path) -> str:
        """Return a host path as the root sees it."""
        return "/" + str(path.relative_to(self.folder))

    def scratch(self, name: str) -> Path:
        """Return a new empty folder that both the host and the root can see."""
        parent = Path("/tmp") if self.folder == Path("/") else self.folder  # noqa: S108 - the user's own Asterisk sees no other place of ours
        folder = parent / "rig" / str(os.getpid()) / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        _forget_the_dead(parent / "rig")
        return folder


def _forget_the_dead(rigs: Path) -> None:
    """Remove what test runs left that are no longer there; the last one's is kept until then."""
    for left in rigs.iterdir():
        if not Path(f"/proc/{left.name}").exists():
            shutil.rmtree(left, ignore_errors=True)


def asterisk_root(version: str) -> Root:
    """Return the root that has Asterisk `version`, building it if need be.

    Raises:
        RigError: It cannot be built here.
    """
    own = os.environ.get("DIALGUARD_ASTERISK")
    if own:
        return Root(Path("/"), asterisk=_existing(own, "DIALGUARD_ASTERISK"))
    return Root(_built(RECIPES[version]))


def sipp_root() -> Root:
    """Return the root that has SIPp 3.8, building it if need be.

    Raises:
        RigError: It cannot be built here.
    """
    own = os.environ.get("DIALGUARD_SIPP")
    if own:
        return Root(Path("/"), sipp=_existing(own, "DIALGUARD_SIPP"))
    return Root(_built(RECIPES["22"]))


def valkey_root() -> Root:
    """Return the root that has Valkey, building it if need be.

    Raises:
        RigError: It cannot be built here.
    """
    own = os.environ.get("DIALGUARD_VALKEY")
    if own:
        return Root(Path("/"), valkey=_existing(own, "DIALGUARD_VALKEY"))
    return Root(_built(RECIPES["22"]))


def _existing(program: str, variable: str) -> str:
    found = shutil.which(program)
    if found is None:
        message = f"`{variable}` names `{program}`, which is no program here: give its full path"
        raise RigError(message)
    return found


def _built(recipe: Recipe) -> Path:
    """Return the recipe's root; one process builds, others wait for it."""
    cache().mkdir(parents=True, exist_ok=True)
    with (cache() / f"asterisk-{recipe.version}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _has_all(recipe):
            _build(recipe)
    _name_this_machine(recipe.folder)
    return recipe.folder


def _has_all(recipe: Recipe) -> bool:
    """Whether the root is there and has every package; one of an earlier recipe may lack some."""
    status = recipe.folder / "var" / "lib" / "dpkg" / "status"
    if not status.exists():
        return False
    told = status.read_text().split("\n\n")
    installed = {
        each.partition("\n")[0].removeprefix("Package: ")
        for each in told
        if "\nStatus: install ok installed\n" in each
    }
    return installed >= set(recipe.packages)


def _build(recipe: Recipe) -> None:
    _need_root()
    _need_mmdebstrap()
    unfinished = recipe.folder.with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    print(f"building a root with Asterisk {recipe.version} in {recipe.folder} …", flush=True)
    _run(
        "mmdebstrap",
        "--variant=apt",
        "--mode=root",
        '--aptopt=APT::Install-Recommends "false"',
        # Unstable's release file is past its date wherever mirrors are frozen or slow.
        '--aptopt=Acquire::Check-Valid-Until "false"',
        "--include=" + ",".join(recipe.packages),
        recipe.suite,
        str(unfinished),
    )
    # What runs in the root of an earlier recipe goes on in the folder that is moved away.
    former = recipe.folder.with_suffix(".former")
    shutil.rmtree(former, ignore_errors=True)
    if recipe.folder.exists():
        recipe.folder.rename(former)
    unfinished.rename(recipe.folder)
    shutil.rmtree(former, ignore_errors=True)


def _need_root() -> None:
    if os.geteuid() != 0:
        message = (
            "the tests build and enter root folders with Asterisk and Valkey: run them as root, "
            "or name an Asterisk, a SIPp and a Valkey of your own in DIALGUARD_ASTERISK, "
            "DIALGUARD_SIPP and DIALGUARD_VALKEY"
        )
        raise RigError(message)


def _need_mmdebstrap() -> None:
    if shutil.which("mmdebstrap"):
        return
    if shutil.which("apt-get") is None:
        message = "`mmdebstrap` is not here, and no `apt-get` to fetch it: install it, then retry"
        raise RigError(message)
    _run("apt-get", "update", "-qq")
    _run("apt-get", "install", "-y", "-qq", "--no-install-recommends", "mmdebstrap")


def _name_this_machine(root: Path) -> None:
    """Let the root's Asterisk find its own host name: look-ups block it for 5 s otherwise."""
    hosts = root / "etc" / "hosts"
    line = f"127.0.0.1 localhost {socket.gethostname()}\n"
    if not hosts.exists() or line not in hosts.read_text():
        hosts.write_text(line)


def _run(*words: str) -> None:
    done = subprocess.run(
        words,
        check=False,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
    )
    if done.returncode != 0:
        tail = "\n".join(done.stdout.splitlines()[-15:])
        message = f"`{words[0]}` failed with status {done.returncode}:\n{tail}"
        raise RigError(message)


def main(versions: Sequence[str] = ()) -> int:
    """Build the roots that are not there yet, and say which Asterisk (or Valkey) each has."""
    try:
        for version in versions or RECIPES:
            if version == "valkey":
                root = valkey_root()
                asked = root.command(root.valkey, "--version")
            else:
                root = asterisk_root(version)
                asked = root.command(root.asterisk, "-V")
            said = subprocess.run(asked, check=True, text=True, stdout=subprocess.PIPE)
            print(f"{said.stdout.strip()} in {root.folder}")
    except RigError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
