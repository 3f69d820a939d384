"""Records real conversations: a real Asterisk asks, a script answers, every byte is kept.

    python -m tests.conformance.recording ROOT tests/conformance/recorded

ROOT is a folder with Asterisk in it, to `chroot` into (so: as root). Asterisk binds nothing but a
control socket inside ROOT; the callers are Local channels. The transcripts lack their
`# events:` (and `# odd:`) lines, which are written by whoever has looked at what was recorded.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

PORT = 4599  # also in recording.conf
FOLDER = "tmp/agi-rec"
MODULES = [
    "app_senddtmf",
    "app_stack",
    "app_verbose",
    "app_exec",
    "bridge_simple",
    "codec_gsm",
    "codec_ulaw",
    "codec_alaw",
    "format_gsm",
    "format_pcm",
    "format_wav",
    "func_callerid",
    "app_system",
    "func_channel",
    "func_logic",
    "func_sha1",
    "func_shell",
    "func_strings",
    "func_timeout",
    "pbx_config",
    "res_agi",
    "res_clioriginate",
    "res_speech",
    "res_timing_timerfd",
    "app_playback",
    "app_echo",
]

ASTERISK_CONF = f"""
[directories]
astetcdir => /{FOLDER}
astrundir => /{FOLDER}/run
astdbdir => /{FOLDER}/run
astlogdir => /{FOLDER}/log
astspooldir => /{FOLDER}/spool
astmoddir => %s
astvarlibdir => /var/lib/asterisk
astdatadir => /usr/share/asterisk
"""

DIALPLAN = Path(__file__).with_suffix(".conf")


@dataclass(frozen=True)
class Scene:
    """One call, and what our side says in it.

    Attributes:
        asked: The dialplan's end: `exten@context`.
        caller: What the caller does: an extension of `[caller]`.
        lines: What we say, a line at a time; a number is a pause in seconds, `close` closes.
    """

    name: str
    what: str
    asked: str
    caller: str
    lines: tuple[str | float, ...]


MSET = (
    'EXEC MSet "GUARD_REASON=allowed,GUARD_REF=0427,GUARD_NUMBER=+390612345678,'
    'GUARD_CAUSE=,GUARD_PROMPT=digits/4&digits/2,GUARD_CALL=1.2,GUARD_VERDICT=ALLOW"'
)
ASK = 'GET DATA "beep" "1500" "6"'
SCENES = (
    Scene("allowed", "a call is allowed without a prompt", "call@plain", "waits", ("NOOP", MSET)),
    Scene(
        "unanswered",
        "the channel was not answered",
        "call@unanswered",
        "waits",
        ('SET VARIABLE "TIMEOUT(absolute)" "9"', MSET),
    ),
    Scene(
        "answer",
        "ANSWER on a ringing channel",
        "call@unanswered",
        "waits",
        ("NOOP", "ANSWER", MSET),
    ),
    Scene(
        "challenge",
        "bound, answer, a PIN ended by #, verdict",
        "call@plain",
        "keys-4711#",
        ("NOOP", 'SET VARIABLE "TIMEOUT(absolute)" "60"', "ANSWER", ASK, MSET),
    ),
    Scene(
        "digits-all",
        "as many digits as were asked for",
        "call@plain",
        "keys-123456",
        ("NOOP", ASK),
    ),
    Scene("digits-partial", "12, then silence", "call@plain", "keys-12", ("NOOP", ASK)),
    Scene("digits-none", "silence", "call@plain", "waits", ("NOOP", ASK)),
    Scene("digits-hash", "only #", "call@plain", "keys-#", ("NOOP", ASK)),
    Scene("digits-star", "7*8, then #", "call@plain", "keys-7*8#", ("NOOP", ASK)),
    Scene("digits-letters", "A B C D, then #", "call@plain", "keys-ABCD#", ("NOOP", ASK)),
    Scene(
        "two-sounds",
        "two sounds, one of them missing",
        "call@plain",
        "keys-5#",
        ("NOOP", 'GET DATA "nosuchfile&beep" "1500" "6"'),
    ),
    Scene(
        "hangup-at-prompt",
        "the caller hangs up at the prompt",
        "call@plain",
        "leaves",
        ("NOOP", 'GET DATA "beep" "5000" "6"', MSET),
    ),
    Scene(
        "hangup-while-idle",
        "the caller hangs up while we think",
        "call@plain",
        "leaves",
        ("NOOP", 2.0, 'SET VARIABLE "A" "1"', MSET),
    ),
    Scene(
        "hangup-then-prompt",
        "the caller hangs up, then is asked",
        "call@plain",
        "leaves",
        ("NOOP", 2.0, ASK, "ANSWER", MSET),
    ),
    Scene(
        "exit-on-hangup-at-prompt",
        "the same, with AGIEXITONHANGUP=yes",
        "call@exits",
        "leaves",
        ("NOOP", 'GET DATA "beep" "5000" "6"'),
    ),
    Scene(
        "exit-on-hangup-while-idle",
        "the same, while we think",
        "call@exits",
        "leaves",
        ("NOOP", 2.0),
    ),
    Scene(
        "dead-channel",
        "asked by a hangup handler",
        "call@leaving",
        "leaves",
        ("NOOP", "ANSWER", ASK, 'SET VARIABLE "A" "1"', MSET),
    ),
    Scene(
        "dead-channel-closed", "asked by a hangup handler, we close", "call@leaving", "leaves", ()
    ),
    Scene(
        "unknown-command", "commands there are not", "call@plain", "waits", ("NOSUCH", "", "NOOP")
    ),
    Scene(
        "usage",
        "commands used wrongly",
        "call@plain",
        "waits",
        ("SET VARIABLE", "GET DATA", "EXEC", "NOOP"),
    ),
    Scene(
        "exec",
        "applications that fail",
        "call@plain",
        "waits",
        ("EXEC NoSuchApp", "EXEC MSet", 'EXEC Playback "nosuchfile"', "EXEC Return", "NOOP"),
    ),
    Scene("no-script", "a URL without a path, and no arguments", "call@bare", "waits", ("NOOP",)),
    Scene("name-newline", "a newline in the caller's name", "newline@named", "waits", (0.3,)),
    Scene(
        "name-whole-environment",
        "a whole forged environment in the caller's name",
        "whole@named",
        "waits",
        ("NOOP",),
    ),
    Scene(
        "name-comma",
        "a comma in the caller's name shifts the arguments",
        "comma@named",
        "waits",
        ("NOOP",),
    ),
    Scene("name-latin-1", "a caller's name that is not UTF-8", "latin@named", "waits", ("NOOP",)),
)


def play(scene: Scene, listener: socket.socket) -> list[str]:
    """Take one connection, say the scene's lines, and return the transcript."""
    listener.settimeout(4)
    peer, _ = listener.accept()
    peer.settimeout(4)
    transcript: list[str] = []
    whole = b""

    def listen(until: re.Pattern[bytes]) -> None:
        nonlocal whole
        seen = b""
        with contextlib.suppress(TimeoutError, ConnectionResetError):
            while not until.search(seen):
                got = peer.recv(65536)
                if not got:
                    break
                seen += got
        hear(seen)

    def hear(seen: bytes) -> None:
        for line in seen.splitlines(keepends=True):
            text = line.rstrip(b"\n").decode("latin-1").encode("unicode_escape").decode("ascii")
            transcript.append(
                f"<{' ' + text if text else ''}" if line.endswith(b"\n") else f"<~ {text}"
            )

    listen(re.compile(rb"\n\n"))
    for line in scene.lines:
        if isinstance(line, float):
            time.sleep(line)
            peer.setblocking(False)
            with contextlib.suppress(BlockingIOError, ConnectionResetError):
                seen = peer.recv(65536)
                hear(seen)
            peer.settimeout(4)
            continue
        transcript.append(f"> {line}")
        try:
            peer.sendall(line.encode() + b"\n")
        except OSError:
            break
        listen(re.compile(rb"(?m)^(200|510|511|520) .*\n"))
    peer.shutdown(socket.SHUT_WR)
    transcript.append("> (closes)")
    listen(re.compile(rb"(?!)"))
    transcript.append("< (closes)")
    peer.close()
    return transcript


def main(root: Path, out: Path) -> None:
    """Start Asterisk, play every scene, write one transcript each."""
    home = root / FOLDER
    shutil.rmtree(home, ignore_errors=True)
    for each in ("run", "log", "spool"):
        (home / each).mkdir(parents=True)
    modules = next(root.glob("usr/lib/**/asterisk/modules")).relative_to(root)
    (home / "asterisk.conf").write_text(
        ASTERISK_CONF % f"/{modules}" + "\n[options]\nlive_dangerously = yes\n"
    )
    (home / "modules.conf").write_text(
        "[modules]\nautoload=no\n" + "".join(f"load={each}.so\n" for each in MODULES)
    )
    (home / "logger.conf").write_text("[logfiles]\nfull => notice,warning,error,verbose(3)\n")
    shutil.copy(DIALPLAN, home / "extensions.conf")
    asterisk = ("chroot", str(root), "asterisk", "-C", f"/{FOLDER}/asterisk.conf")
    version = subprocess.run([*asterisk, "-V"], capture_output=True, text=True, check=True).stdout
    number = version.split()[1].split("~")[0].split("+")[0]
    listener = socket.create_server(("127.0.0.1", PORT))
    with (home / "log" / "console").open("w") as console:
        process = subprocess.Popen([*asterisk, "-f", "-n"], stdout=console, stderr=console)
    try:
        subprocess.run(
            [*asterisk, "-rx", "core waitfullybooted"],
            timeout=30,
            check=False,
            capture_output=True,
        )
        time.sleep(2)
        for scene in SCENES:
            subprocess.Popen(
                [
                    *asterisk,
                    "-rx",
                    f"channel originate Local/{scene.asked}/n extension {scene.caller}@caller",
                ],
                stdout=subprocess.DEVNULL,
            )
            try:
                transcript = play(scene, listener)
            except TimeoutError:
                print(f"{scene.name}: nobody called")
                continue
            subprocess.run(
                [*asterisk, "-rx", "channel request hangup all"], check=False, capture_output=True
            )
            head = [f"# asterisk: {number}", f"# what: {scene.what}"]
            path = out / f"{number.split('.')[0]}-{scene.name}.agi"
            path.write_text("\n".join([*head, *transcript]) + "\n")
            print(path.name)
    finally:
        process.terminate()
        process.wait(10)
        listener.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
