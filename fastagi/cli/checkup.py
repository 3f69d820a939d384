"""What `dialguard doctor` looks at: each check yields findings, each finding says what to do.

The doctor only looks: it makes no file and no folder. What Asterisk has is `asterisk_checkup`'s. A
little longer than other files: a short function for each thing a service needs of its machine.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from fastagi.call.channel import Argument
from fastagi.cli.handset import Handset
from fastagi.cli.pretend_asterisk import Leg
from fastagi.cli.service import door_of
from fastagi.daemon.keys import OTHERS, open_vault, read_secret
from fastagi.daemon.listening import check_settings
from fastagi.daemon.places import means_of, policy_place, store_file, store_url
from fastagi.daemon.reload import load_policies
from fastagi.errors import ChannelError, DialguardError, PolicyError, SettingsError
from fastagi.policy.checking import check
from fastagi.policy.model import LiveCalls, Then
from fastagi.policy.signing_in import open_from_anywhere
from fastagi.stores.opening import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from fastagi.policy.model import Policy
    from fastagi.settings import Settings


ROOT: Final = 0
"""The user who sees everything."""


class Mark(StrEnum):
    """How a finding is to be taken."""

    OK = "OK"
    WARN = "WARN"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's.

    Attributes:
        what: What was looked at, and how it is.
        cure: What to do about it; empty where there is nothing to do.
    """

    mark: Mark
    what: str
    cure: str = ""


def ok(what: str) -> Finding:
    """Return that something is as it should be."""
    return Finding(Mark.OK, what)


def warn(what: str, cure: str) -> Finding:
    """Return that something is odd, and works."""
    return Finding(Mark.WARN, what, cure)


def fail(what: str, cure: str) -> Finding:
    """Return that something does not work."""
    return Finding(Mark.FAIL, what, cure)


# ------------------------------------------------------------------- this machine's files


def settings_fit(settings: Settings) -> Iterator[Finding]:
    """Whether the service would start with these settings."""
    try:
        check_settings(settings)
    except SettingsError as error:
        for problem in error.problems:
            yield fail(str(problem), "put it right; the service does not start like this")
        return
    source = "environment" if settings.source is None else settings.source.resolve()
    yield ok(f"settings are readable: `{source}`")


def policy_holds(settings: Settings) -> Iterator[Finding]:
    """Whether the policies load, their cases hold, and nothing in them is odd."""
    try:
        policies = load_policies(policy_place(settings).resolve(), means_of(settings))
    except PolicyError as error:
        for problem in error.problems:
            yield fail(str(problem), "the service does not start, nor reload, like this")
        return
    for site, policy in policies.items():
        yield ok(f"policy of `{site}` is valid: `{policy.source}`, version {policy.version}")
        for oddity in check(policy):
            yield warn(str(oddity), "see docs/policy.md")
        yield from _calls_can_be_ended(settings, policy)
        yield from _phones_are_known(settings, policy)
        yield from _bypasses_are_named(settings, policy)


def _calls_can_be_ended(settings: Settings, policy: Policy) -> Iterator[Finding]:
    """Warn of calls that are to be ended where there is no way to Asterisk."""
    signs_in = any(rule.then is Then.SIGN_IN for rule in policy.rules)
    ends = {
        "lockout": policy.lockout.calls is LiveCalls.END,
        "sign-in": policy.sign_in.calls is LiveCalls.END and signs_in,
        "brake": policy.brake is not None and policy.brake.calls is LiveCalls.END,
    }
    for table, wanted in ends.items():
        if wanted and not settings.ami:
            yield warn(
                f"`[{table}]` of `{policy.site.name}` is to end calls, which takes `[ami]`",
                'put `[ami]` into the settings (docs/install.md), or leave `calls = "end"` out',
            )


def _phones_are_known(settings: Settings, policy: Policy) -> Iterator[Finding]:
    """Warn of pages that sign in whatever phone is registered, wherever that is."""
    open_to_all = [] if settings.console is None else open_from_anywhere(policy)
    if open_to_all:
        which = ", ".join(f"`{name}`" for name in open_to_all)
        yield warn(
            f"a thief with a SIP password of `{policy.site.name}` who registers in the phone's "
            f"place is signed in by its person on the page; rules without a `network`: {which}",
            "say in these rules in which `network` such phones are (docs/web.md)",
        )


def _bypasses_are_named(settings: Settings, policy: Policy) -> Iterator[Finding]:
    """Warn of Asterisks that are watched without a word of which trunks are guarded."""
    trunks = ", ".join(f"`{name}`" for name in sorted(policy.bypass.trunks))
    if trunks and settings.ami:
        yield ok(f"calls past the gate to {trunks} are named")
    elif trunks:
        yield warn(
            f"`[bypass]` of `{policy.site.name}` names trunks, and no Asterisk is watched",
            "put `[ami]` into the settings (docs/install.md)",
        )
    elif settings.ami:
        yield warn(
            f"no trunk of `{policy.site.name}` is guarded: a call past the gate is not named",
            'name its trunks in the policy: `[bypass]`, `trunks = ["my-trunk"]` (docs/policy.md)',
        )


def keys_are_private(settings: Settings) -> Iterator[Finding]:
    """Whether there are keys that only their owner can read."""
    file = settings.keys.file.resolve()
    if _is_hidden(file):
        yield _hidden(file)
        return
    if not file.exists():
        yield warn(
            f"there is no key file `{file}` yet",
            "the service makes one when it starts, if nobody is enrolled",
        )
        return
    if file.stat().st_mode & OTHERS:
        yield fail(f"key file `{file}` is open to other users", f"run `chmod 600 {file}`")
        return
    try:
        open_vault(file)
    except DialguardError as error:
        yield fail(str(error), "without its keys no code can be checked; restore them from backup")
        return
    yield ok(f"key file is private: `{file}`")
    yield from _owned_by_us(file)


def store_is_writable(settings: Settings) -> Iterator[Finding]:
    """Whether the store, if there is one yet, can be read and written by who runs the doctor."""
    file = store_file(settings)
    if file is not None:
        file = file.resolve()
        if _is_hidden(file):
            yield _hidden(file)
            return
        if not file.exists():
            yield warn(f"there is no store `{file}` yet", "the service makes it when it starts")
            return

    async def prove() -> None:
        store = open_store(store_url(settings))
        try:
            await store.ready()
        finally:
            await store.close()

    try:
        asyncio.run(prove())
    except DialguardError as error:
        why = f": {error.__cause__}" if error.__cause__ else ""
        hint = (
            "is the server up, and the URL of `[store]` right? docs/redis.md lists the errors"
            if file is None
            else "is the disk full, or the file another user's?"
        )
        yield fail(f"{error}{why}", hint)
        return
    yield ok("store can be read and written" + (f": `{file}`" if file is not None else ""))
    if file is not None:
        yield from _owned_by_us(file)


def decisions_are_writable(settings: Settings) -> Iterator[Finding]:
    """Whether decisions can go on record."""
    file = settings.log.decisions.resolve()
    if _is_hidden(file):
        yield _hidden(file)
        return
    there = file if file.exists() else file.parent
    if not there.exists():
        yield warn(f"`{there}` is not there yet", "the service makes it when it starts")
    elif os.access(there, os.W_OK):
        yield ok(f"decisions can go on record: `{file}`")
        yield from _owned_by_us(there)
    else:
        yield fail(f"`{there}` cannot be written", "give it to the user that the service runs as")


def _is_hidden(file: Path) -> bool:
    try:
        file.exists()
    except PermissionError:
        return True
    return False


def _hidden(file: Path) -> Finding:
    return fail(
        f"`{file}` is hidden from this user", "run `doctor` as the service's user, or root"
    )


def _owned_by_us(file: Path) -> Iterator[Finding]:
    """Warn who can look at it and yet is not its owner; root is, for looking, everybody."""
    owner = file.stat().st_uid
    if os.getuid() not in {owner, ROOT}:
        yield warn(
            f"`{file}` belongs to user {owner}, and this is user {os.getuid()}",
            f"run commands as the service's user: `sudo -u '#{owner}' dialguard …`",
        )


# ------------------------------------------------------------------- the service


def service_answers(settings: Settings) -> Iterator[Finding]:
    """Whether a real question over FastAGI is heard: a release of nothing, kept on no record."""
    host, port = door_of(settings)
    secret_file = settings.agi.secret_file
    leg = Leg("", "0", f"doctor-{time.time():.0f}.{os.getpid()}", f"{host}:{port}")
    site = _any_site(settings)
    began = time.monotonic()
    try:
        secret = "" if secret_file is None else read_secret(secret_file)
        more = {Argument.SITE: site} if site else {}
        heard = Handset((host, port), leg, secret, more).hang_up()
    except (ChannelError, DialguardError) as error:
        yield fail(str(error), "`systemctl status dialguard`, and the service's log")
        return
    took_ms = (time.monotonic() - began) * 1000
    if heard:
        yield ok(f"service answers at {host}:{port}, in {took_ms:.0f} ms")
    else:
        yield fail(
            f"service at {host}:{port} turns us away",
            "its log says why: is this machine in `[agi] allow`, and `secret_file` the same?",
        )


def _any_site(settings: Settings) -> str:
    try:
        policies: Mapping[str, Policy] = load_policies(policy_place(settings))
    except PolicyError:
        return ""
    return next(iter(policies)) if len(policies) > 1 else ""


# ------------------------------------------------------------------- the clock


def clock_is_right() -> Iterator[Finding]:
    """Whether the clock is synchronised: one-time codes bear 30 s, either way."""
    cure = "one-time codes bear 30 s; run an NTP client, on the callers' phones too"
    asked = shutil.which("timedatectl")
    if asked is None:
        yield warn("whether the clock is synchronised cannot be told", cure)
        return
    done = subprocess.run(  # noqa: S603 - by absolute path, without a word of anybody's
        [asked, "show", "--property=NTPSynchronized", "--value"],
        capture_output=True,
        text=True,
        check=False,
        timeout=10,
    )
    if done.stdout.strip() == "yes":
        yield ok("clock is synchronised")
    else:
        yield warn("the clock is not synchronised", cure)
