"""The client of the tenant's server: found by vendor, configured by a private file, its answers parsed safely."""

import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from programs.run.environment import ServerAccess
from programs.run.failures import ProgramError
from programs.run.streams import run_command

QUERY_SECONDS = 300.0
CONNECT_SECONDS = 20
PACKET_MARGIN_BYTES = 1024  # beside a statement's own bytes: the command, query attributes, a longer DEFINER
OPTION_FILE = "client.cnf"
END_MARK = "END OF ANSWER"  # no value travels as text: it is in none
# Lost connections (2002 2003 2006 2013 2055), lock waits and deadlocks (1205 1213), a table altered under the
# snapshot (1412, and 1146 1356 1054 when it is gone), the server stopping (1053), too many connections (1040 1203).
TRANSIENT_ERRORS = frozenset({1040, 1053, 1203, 1205, 1213, 1412, 2002, 2003, 2006, 2013, 2055})
_ERROR_NUMBER = re.compile(r"(?:ERROR |Got error: |error: )(\d{4})\b|\((\d{4})\)", re.I)

Row = tuple[str | None, ...]


def format_option(value: str) -> str:
    """A value as an option file takes it: between double quotes, with its escapes (option files, MySQL manual)."""
    table = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b"}
    return '"' + "".join(table.get(c, c) for c in value) + '"'


def find_error_number(text: str) -> int | None:
    """The server's or the client's error number in what a program said."""
    match = _ERROR_NUMBER.search(text)
    return int(match[1] or match[2]) if match else None


@dataclass(frozen=True)
class Vendor:
    """The server's make and version, and the programs that go with it."""

    name: str  # mariadb or mysql
    version: str
    client: str
    dump: str
    client_version: str


class Client:
    """Runs statements with the mysql or mariadb program; the password is only in a 0600 file of `scratch`."""

    def __init__(self, access: ServerAccess, *, scratch: Path) -> None:
        """Write the option file. `scratch`: a private directory that the caller removes."""
        self.access = access
        self.scratch = scratch
        self.option_file = scratch / OPTION_FILE
        lines = [
            "[client]",
            f"user={format_option(access.user)}",
            f"password={format_option(access.password)}",
            *_make_address(access),
            "default-character-set=utf8mb4",
        ]
        descriptor = os.open(self.option_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")

    def make_command(self, program: str, *options: str) -> list[str]:
        """A command line with our option file alone: no other configuration of the machine is read."""
        return [program, f"--defaults-file={self.option_file}", *options]

    def run(self, sql: str, *, program: str | None = None, seconds: float = QUERY_SECONDS) -> bytes:
        """Run statements, each ended by a semicolon; return the raw batch output, whole. Raise ProgramError
        database_failed, _unreachable or answer_cut."""
        found = program or find_programs("mariadb")[0]
        options = ("--batch", "--skip-column-names", "--binary-mode", f"--connect-timeout={CONNECT_SECONDS}")
        command = self.make_command(found, *options, "--max-allowed-packet=1G")
        # The client ends with 0 when it could not write: an answer is whole once its last line is this one.
        asked = f"{sql}\nSELECT '{END_MARK}';\n".encode()
        try:
            output = run_command(command, timeout_seconds=seconds, data=asked, home=self.scratch)
        except ProgramError as error:
            raise make_database_error(error) from error
        answer, mark, rest = output.rpartition(f"{END_MARK}\n".encode())
        if not mark or rest or not (not answer or answer.endswith(b"\n")):
            hint = "make room on the disk, then run again"
            raise ProgramError("answer_cut", "the database client's answer is cut short", hint=hint, retryable=True)
        return answer

    def query(self, columns: Sequence[str], rest: str) -> list[Row]:
        """Rows of `SELECT columns rest`, as text; None is NULL. Values travel as hexadecimal, so that no tab,
        newline, backslash or word NULL in them can be taken for anything else."""
        parts = (f"IFNULL(HEX(CONVERT({column} USING utf8mb4)),'-')" for column in columns)
        output = self.run(f"SET SESSION sql_quote_show_create=1; SELECT {', '.join(parts)} {rest};")
        rows = (line.split("\t") for line in output.decode("ascii").splitlines())
        return [tuple(None if cell == "-" else _parse_hex(cell) for cell in row) for row in rows]

    def observe_vendor(self) -> Vendor:
        """The server's vendor and version. Raise ProgramError client_mismatch without a client of that vendor."""
        version = self.query(["VERSION()"], "")[0][0] or ""
        name = "mariadb" if "mariadb" in version.lower() else "mysql"
        client, dump = find_programs(name)
        return Vendor(name, version, client, dump, observe_program(dump, vendor=name))


def observe_longest_packet(client: Client) -> int:
    """How many bytes the server takes as one statement."""
    return int(client.query(("@@max_allowed_packet",), "")[0][0] or 0)


def _make_address(access: ServerAccess) -> list[str]:
    if access.socket is not None:
        return ["host=localhost", f"socket={format_option(access.socket)}", "protocol=SOCKET"]
    return [f"host={format_option(access.host)}", f"port={access.port}", "protocol=TCP"]


def _parse_hex(cell: str) -> str:
    return bytes.fromhex(cell).decode(errors="surrogateescape")


def find_programs(vendor: str) -> tuple[str, str]:
    """The client and the dump program to use for a vendor, by absolute path."""
    names = (("mariadb", "mysql"), ("mariadb-dump", "mysqldump"))
    found = []
    for pair in names:
        order = pair if vendor == "mariadb" else pair[::-1]
        path = next((path for name in order if (path := shutil.which(name))), None)
        if path is None:
            hint = "install the client programs of the server's vendor"
            raise ProgramError("program_missing", f"neither {pair[0]} nor {pair[1]} is installed", hint=hint)
        found.append(path)
    return found[0], found[1]


def observe_program(path: str, *, vendor: str) -> str:
    """What a client program says of its version. Raise ProgramError client_mismatch if of the other vendor."""
    text = run_command([path, "--version"], timeout_seconds=30).decode(errors="replace").strip()
    if ("mariadb" in text.lower()) != (vendor == "mariadb"):
        message = f"the server is {vendor}, and {os.path.basename(path)} is not of that vendor"
        hint = "install the client programs of the server's vendor: dumps of the other are not faithful"
        raise ProgramError("client_mismatch", message, hint=hint, params={"vendor": vendor})
    return " ".join(text.split()[1:])[:120]


def make_database_error(error: ProgramError) -> ProgramError:
    """Name a failure of the client by the number it gave."""
    number = find_error_number(error.message)
    params = {**error.params, "number": number or 0}
    if number in (2002, 2003, 2005, 2006, 2013, 2055):
        hint = "check that the database server runs, then run again"
        message = f"the database server does not answer: {error.message}"
        return ProgramError("database_unreachable", message, hint=hint, retryable=True, params=params)
    if number in (1044, 1045, 1142, 1143, 1227, 1370):
        hint = "check the account's password and privileges"
        message = f"the database server refused the account: {error.message}"
        return ProgramError("database_refused", message, hint=hint, params=params)
    retryable = error.retryable or number in TRANSIENT_ERRORS
    return ProgramError(
        "database_failed", error.message, hint="read the log of the run", retryable=retryable, params=params
    )


def quote_name(name: str) -> str:
    """An identifier between backquotes."""
    return "`" + name.replace("`", "``") + "`"


def quote_text(text: str) -> str:
    """A string literal, as hexadecimal: the same in every SQL mode."""
    return f"CONVERT(0x{text.encode(errors='surrogateescape').hex()} USING utf8mb4)" if text else "''"
