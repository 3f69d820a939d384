"""Finds the settings, reads them, and says what is wrong where.

A variable wins over the file; lists in variables are written with commas. Paths in the file are
relative to the file's folder, paths in variables to the current one.
"""

from __future__ import annotations

import difflib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, ValidationError

from fastagi import toml_lines
from fastagi.errors import Problem, SettingsError, TomlError
from fastagi.settings.model import DELIMITER, PREFIX, Settings
from fastagi.toml_lines import WHOLE_FILE, TomlDocument

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydantic_core import ErrorDetails

    from fastagi.toml_lines import TomlPath

POINTER: Final = "DIALGUARD_SETTINGS"  # the variable that names the file
PLACES: Final = (Path("dialguard.toml"), Path("/etc/dialguard/dialguard.toml"))
LISTS: Final = {"ami": "secret_file", "webhook": "secret_file", "alert": "urls_file"}
"""Tables that there may be several of, each with a file of secrets, and the key that names it."""

NOT_FOUND: Final = (
    f"this file is not here, nor is `{PLACES[1]}`; "
    f"name the settings with `--settings` or `${POINTER}`"
)


def find() -> Path | None:
    """Find the settings file: `$DIALGUARD_SETTINGS`, this folder's, `/etc`'s; None if none is.

    What the variable names is returned even if it is not there, for `load` to complain.
    """
    if named := os.environ.get(POINTER):
        return Path(named)
    return next((place for place in PLACES if place.is_file()), None)


def load(path: Path | None) -> Settings:
    """Read the settings.

    Args:
        path: The file; None for what the environment says alone.

    Raises:
        SettingsError: With every problem there is, and its file and line, or its variable.
    """
    source = path or PLACES[0]
    document = TomlDocument({}, {}) if path is None else _read(path)
    if problems := [*_misplaced_tables(source, document), *_misnamed_variables()]:
        raise SettingsError(problems)
    try:
        settings = Settings(**document.data)  # type: ignore[arg-type]  # pydantic looks at them
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        if path is None and any(each["type"] == "missing" for each in details):
            raise SettingsError([Problem(source, WHOLE_FILE, NOT_FOUND)]) from None
        raise SettingsError(_problem(source, document, each) for each in details) from None
    return settings if path is None else _anchored(settings, path.parent).read_from(path)


def origin(settings: Settings, table: str, key: str = "") -> Path:
    """Return where a setting (or any of its table) was made: its variable, or the file."""
    keys = [key] if key else _keys(table)
    variables = (_variable((table, each)) for each in keys)
    if variable := next(filter(None, variables), None):
        return Path(f"${variable}")
    return settings.source or PLACES[0]


def _read(path: Path) -> TomlDocument:
    try:
        return toml_lines.parse(path.read_bytes())
    except TomlError as error:
        raise SettingsError([Problem(path, error.line, error.what)]) from None
    except OSError as error:
        what = f"the settings cannot be read: {(error.strerror or str(error)).lower()}"
        raise SettingsError([Problem(path, WHOLE_FILE, what)]) from error


def _anchored(settings: Settings, folder: Path) -> Settings:
    """Make relative paths of the file relative to its folder."""
    moved: dict[str, object] = {
        name: _table_anchored(table, (name,), folder)
        for name, table in settings
        if isinstance(table, BaseModel)
    }
    for name, key in LISTS.items():
        if _variable((name, key)) is None:
            moved[name] = tuple(
                each.model_copy(update={key: folder / getattr(each, key)})
                for each in getattr(settings, name)
            )
    return settings.model_copy(update=moved)


def _table_anchored(table: BaseModel, where: TomlPath, folder: Path) -> BaseModel:
    moved: dict[str, object] = {}
    for key, value in table:
        if isinstance(value, BaseModel):
            moved[key] = _table_anchored(value, (*where, key), folder)
        elif isinstance(value, Path) and _variable((*where, key)) is None:
            moved[key] = folder / value  # which leaves an absolute path as it is
    return table.model_copy(update=moved)


# ----------------------------------------------------------------------------- what is wrong


def _misplaced_tables(source: Path, document: TomlDocument) -> Iterable[Problem]:
    """Find what is no table of ours; before pydantic, whose own arguments begin with `_`."""
    for name in document.data:
        if name not in Settings.model_fields:
            what = f"there is no table `[{name}]`" + _meant(name, Settings.model_fields)
            yield Problem(source, document.line((name,)), what)


def _misnamed_variables() -> Iterable[Problem]:
    """Find variables that look like settings and name none.

    Others that begin with `DIALGUARD_` are let be: Kubernetes makes some up for every service.
    """
    tables = "|".join(Settings.model_fields).upper()
    names = "|".join(DELIMITER.join(each) for each in _tables()).upper()
    for name in os.environ:
        rest = name.upper().removeprefix(PREFIX)
        if rest == name.upper() or re.fullmatch(rf"({names}){DELIMITER}[A-Z]+(_[A-Z]+)*", rest):
            continue
        if DELIMITER in rest or re.match(rf"({tables})(_|\Z)", rest):
            what = f"this names no setting; write `{PREFIX}TABLE{DELIMITER}KEY`"
            yield Problem(Path(f"${name}"), WHOLE_FILE, what)


def _problem(source: Path, document: TomlDocument, error: ErrorDetails) -> Problem:
    """Say one of pydantic's errors in the user's words, and where."""
    where: TomlPath = error["loc"]
    name = where[0] if where else ""
    if name in LISTS and where[1:2] == (0,) and not isinstance(document.data.get(name), list):
        where = (name, *where[2:])  # the one table was made a list of
        error = {**error, "loc": where}
    what = _in_plain_words(error)
    if (variable := _variable(where) or _blamed(where, what)) is not None:
        return Problem(Path(f"${variable}"), WHOLE_FILE, what)
    return Problem(source, document.line(where), what)


def _blamed(where: TomlPath, what: str) -> str | None:
    """Return the variable of a key that a complaint about a whole table names, if one set it."""
    if len(where) != 1:
        return None
    variables = (_variable((*where, key)) for key in re.findall(r"`(\w+)", what))
    return next(filter(None, variables), None)


def _in_plain_words(error: ErrorDetails) -> str:
    *within, key = (str(each) for each in error["loc"])
    tables = [each for each in within if not each.isdecimal()]  # one of several has no name
    table = ".".join(tables)
    given = error.get("ctx", {})
    match error["type"]:
        case "value_error":
            return str(given["error"])
        case "missing" if not tables:
            return f"`[{key}]` is missing" + _example(key)
        case "missing":
            return f"`{key}` is missing in `[{table}]`"
        case "extra_forbidden":
            return f"there is no `{key}` in `[{table}]`" + _meant(key, _keys(*tables))
        case "model_type":
            whole = ".".join((*tables, key))
            return f"`{key}` is a table; write `[{whole}]` and its keys below"
        case "string_too_short":
            return f"`{key}` is empty"
        case "string_too_long":
            return f"`{key}` must have {given['max_length']} characters or fewer"
        case "int_type" | "int_parsing" | "int_from_float":
            return f"`{key}` must be a whole number"
        case "greater_than_equal":
            return f"`{key}` must be {given['ge']} or more"
        case "less_than_equal":
            return f"`{key}` must be {given['le']} or less"
        case "tuple_type":
            return f"`{key}` must be a list"
        case _:
            return f"`{key}` must be text in quotes"


def _example(table: str) -> str:
    """Show the one table that cannot be left out."""
    return f'; write `[{table}]` and below it `file = "policy.toml"`'


def _tables(model: type[BaseModel] = Settings) -> Iterator[tuple[str, ...]]:
    """Name every table, those within others too."""
    for name, field in model.model_fields.items():
        if (table := _model(field.annotation)) is not None:
            yield (name,)
            yield from ((name, *within) for within in _tables(table))


def _keys(*names: str) -> Iterable[str]:
    """List the keys of a table."""
    model: type[BaseModel] = Settings
    for name in names:
        model = _model(model.model_fields[name].annotation) or model
    return model.model_fields


def _model(annotation: object) -> type[BaseModel] | None:
    """Return the table that a key is, also where it may be left out, or be there several times."""
    for each in (annotation, *getattr(annotation, "__args__", ())):
        if isinstance(each, type) and issubclass(each, BaseModel):
            return each
    return None


def _meant(word: str, known: Iterable[str]) -> str:
    """Name what was probably meant, or all there is."""
    known = list(known)
    if near := difflib.get_close_matches(word, known, n=1):
        return f"; did you mean `{near[0]}`?"
    return "; there is " + ", ".join(f"`{each}`" for each in known)


def _variable(where: TomlPath) -> str | None:
    """Return the variable that sets what stands at `where`, if there is one, as it is spelled."""
    for depth in range(len(where), 1, -1):
        wanted = (PREFIX + DELIMITER.join(str(each) for each in where[:depth])).upper()
        if found := next((name for name in os.environ if name.upper() == wanted), None):
            return found
    return None
