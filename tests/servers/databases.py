"""Databases that keep records of calls: MariaDB and PostgreSQL, each with folders of its own.

They are what `make databases` unpacked. Neither is a daemon of the machine's, and the kernel kills
it when the process that started it dies.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from tests.servers.node import HOST, ServerError, free_ports, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

ROOT: Final = Path(__file__).parents[2] / ".cache" / "databases"
PASSWORD: Final = "p@ss/word:of-records"
"""Of the user who may read; with what has to be escaped in a URL."""

IN_A_URL: Final = "p%40ss%2Fword%3Aof-records"
NOBODY: Final = 65_534
"""PostgreSQL refuses to be run by root."""


class Database:
    """A server that is started and stopped with a block.

    Attributes:
        url: What dialguard is told; a password is in it.
    """

    scheme = ""

    def __init__(self) -> None:
        # Not in a folder of pytest's: nobody but its owner sees into those.
        self.folder = Path(tempfile.mkdtemp(prefix="dialguard-database-"))
        (self.port,) = free_ports(1)
        self.url = f"{self.scheme}://dialguard:{IN_A_URL}@{HOST}:{self.port}/asteriskcdrdb"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Database:
        try:
            self._prepare()
            with (self.folder / "log").open("ab") as log:
                self._process = subprocess.Popen(
                    ["setpriv", "--pdeathsig", "KILL", *self._words()],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                )
            wait_until(self._answers, f"{self.scheme} at port {self.port} answers")
        except BaseException:  # also Ctrl-C: a folder of a database is not left behind
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End it, and forget what it held."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, *statements: str, rows: Iterable[dict[str, object]] = ()) -> None:
        """Run statements; the last one with each of the rows, if there are any."""
        engine = create_engine(self._owner())
        with engine.begin() as connection:
            for each in statements[:-1] if rows else statements:
                connection.execute(text(each))
            if rows:
                connection.execute(text(statements[-1]), list(rows))
        engine.dispose()

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            said = (self.folder / "log").read_text(errors="replace")[-1500:]
            raise ServerError(f"the database at port {self.port} ended at once:\n{said}")
        engine = create_engine(self._owner())
        try:
            with engine.connect():
                return True
        except SQLAlchemyError:
            return False
        finally:
            engine.dispose()

    def _owner(self) -> str:
        raise NotImplementedError

    def _prepare(self) -> None:
        raise NotImplementedError

    def _words(self) -> list[str]:
        raise NotImplementedError


class MariaDB(Database):
    """MariaDB, as FreePBX has it."""

    scheme = "mysql+pymysql"

    def _owner(self) -> str:
        return self.url.replace("dialguard:", "owner:")

    def _prepare(self) -> None:
        share = ROOT / "usr/share/mysql"
        tables = "".join(
            (share / name).read_text()
            for name in ("mysql_system_tables.sql", "mysql_system_tables_data.sql")
        )
        (self.folder / "data").mkdir()
        subprocess.run(
            [*self._common(), "--bootstrap"],
            input=f"create database mysql;\nuse mysql;\n{tables}".encode(),
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        (self.folder / "init.sql").write_text(
            "CREATE DATABASE asteriskcdrdb CHARACTER SET utf8mb4;\n"
            f"CREATE USER owner@'%' IDENTIFIED BY '{PASSWORD}';\n"
            "GRANT ALL ON *.* TO owner@'%';\n"
            f"CREATE USER dialguard@'%' IDENTIFIED BY '{PASSWORD}';\n"
            "GRANT SELECT ON asteriskcdrdb.* TO dialguard@'%';\n"
        )

    def _words(self) -> list[str]:
        more = [f"--port={self.port}", f"--bind-address={HOST}", "--skip-name-resolve"]
        return [*self._common(), *more, f"--init-file={self.folder}/init.sql"]

    def _common(self) -> list[str]:
        user = ["--user=root"] if os.geteuid() == 0 else []
        return [
            *(str(ROOT / "usr/sbin/mariadbd"), "--no-defaults", *user),
            *(f"--datadir={self.folder}/data", f"--socket={self.folder}/socket"),
            *(f"--pid-file={self.folder}/pid", f"--tmpdir={self.folder}"),
            *(f"--lc-messages-dir={ROOT}/usr/share/mysql/english", "--skip-log-bin"),
            f"--plugin-dir={ROOT}/usr/lib/mysql/plugin",
        ]


class PostgreSQL(Database):
    """PostgreSQL."""

    scheme = "postgresql+pg8000"

    def _owner(self) -> str:
        return self.url.replace("dialguard:", "postgres:")

    def _prepare(self) -> None:
        password = self.folder / "password"
        password.write_text(f"{PASSWORD}\n")
        if os.geteuid() == 0:
            os.chown(self.folder, NOBODY, NOBODY)
            os.chown(password, NOBODY, NOBODY)
        programs = ROOT / "usr/lib/postgresql/15/bin"
        subprocess.run(
            [
                *(*self._nobody(), str(programs / "initdb"), "-D", str(self.folder / "data")),
                *("-U", "postgres", "--auth=scram-sha-256", f"--pwfile={password}"),
                *("--locale=C", "--encoding=UTF8", "--no-sync"),
            ],
            check=True,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            env={"PATH": f"{programs}:{os.environ['PATH']}"},
        )
        subprocess.run(
            [
                *(*self._nobody(), str(programs / "postgres"), "--single"),
                *("-D", str(self.folder / "data"), "postgres"),
            ],
            input=(
                "CREATE DATABASE asteriskcdrdb\n"
                f"CREATE USER dialguard PASSWORD '{PASSWORD}'\n"
                "GRANT pg_read_all_data TO dialguard\n"
            ).encode(),
            check=True,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
        )

    def _words(self) -> list[str]:
        return [
            *(*self._nobody(), str(ROOT / "usr/lib/postgresql/15/bin/postgres")),
            *("-D", str(self.folder / "data"), "-p", str(self.port), "-h", HOST),
            *("-k", str(self.folder), "-c", "fsync=off"),
        ]

    def _nobody(self) -> list[str]:
        if os.geteuid() != 0:
            return []
        return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
