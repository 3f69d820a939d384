"""PJSIP's endpoints with all that belongs to them, of `pjsip.conf` and `pjsip_wizard.conf`.

What the wizard makes of a section is made here likewise (res_pjsip_config_wizard.c).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from fastagi.audit.conf import Section, Setting
from fastagi.audit.configuration.values import every, is_true, last, listed, number, value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from fastagi.audit.configuration.files import Files
    from fastagi.audit.place import Place

ANONYMOUS: Final = "anonymous"
"""Who comes without a name is taken for it, or `anonymous@domain`, as a last resort
(res_pjsip_endpoint_identifier_anonymous.c)."""

WIZARD_MARKS: Final = "endpoint/", "aor/", "inbound_auth/", "outbound_auth/", "identify/"


class Role(Enum):
    """What an endpoint is."""

    PHONE = "phone"
    """It registers, or nobody can dial it."""
    TRUNK = "trunk"
    """It has an address of its own, or we log in there."""
    GUEST = "guest"
    """Whoever comes without a name."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint, and what it names.

    Attributes:
        section: Its own settings.
        auths: With what it logs in here; one that is named and missing lets nobody in.
        outbound_auths: With what we log in there.
        aors: Where it is dialled.
        identifies: Who is taken for it by address or header.
        is_open: Whether it has no `auth` at all: nobody is asked for a password.
        role: What it is.
    """

    section: Section
    auths: tuple[Section, ...]
    outbound_auths: tuple[Section, ...]
    aors: tuple[Section, ...]
    identifies: tuple[Section, ...]
    is_open: bool
    role: Role

    @property
    def name(self) -> str:
        """What the policy and the dialplan know it by."""
        return self.section.name

    @property
    def place(self) -> Place:
        """Where it is written first."""
        return self.section.place

    @property
    def context(self) -> str:
        """Where its calls come in."""
        return value(self.section, "context", "default")

    def at(self, *names: str) -> Place:
        """Return where the last of these settings is written, else where the endpoint is."""
        found = every(self.section, *names)
        return found[-1].place if found else self.place

    @property
    def may_transfer(self) -> bool:
        """Whether a REFER of it is followed; it is, where nothing is said."""
        return is_true(value(self.section, "allow_transfer", "yes"))

    def variable(self, name: str) -> Setting | None:
        """Return the `set_var` of a variable, inherited (`__NAME`) or not; None for no such.

        Its value is that of the variable.
        """
        found = None
        for each in every(self.section, "set_var"):
            written, _, text = each.value.partition("=")
            if written.strip().lstrip("_") == name:
                found = Setting(name, text.strip(), each.place, each.arrow)
        return found

    def sent_by(self, name: str, variables: Mapping[str, str]) -> tuple[str, Place]:
        """Return the context that a variable sends its calls to, else its own; and what says so.

        The channel's variable counts, even an empty one; without it the global one
        (main/pbx_variables.c pbx_builtin_getvar_helper()).

        Args:
            name: `TRANSFER_CONTEXT` or `FORWARD_CONTEXT`.
            variables: `[globals]`.
        """
        said = self.variable(name)
        context = said.value if said else variables.get(name, "").strip()
        if not context:
            return self.context, self.at("context")
        return context, said.place if said else self.at("context")

    @property
    def identified_by(self) -> tuple[str, ...]:
        """How a caller is taken for it."""
        return listed(value(self.section, "identify_by", "username,ip").lower())


def read_endpoints(files: Files) -> tuple[Endpoint, ...]:
    """Return every endpoint, in the order of the files."""
    objects = _objects(files)
    by_kind: dict[str, dict[str, list[Section]]] = {}
    for kind, section in objects:
        by_kind.setdefault(kind, {}).setdefault(section.name, []).append(section)
    identifies: dict[str, list[Section]] = {}
    for section in _flat(by_kind.get("identify", {}).values()):
        identifies.setdefault(value(section, "endpoint"), []).append(section)
    registered = {
        value(section, "endpoint") for section in _flat(by_kind.get("registration", {}).values())
    }

    def find(kind: str, names: str) -> tuple[Section, ...]:
        known = by_kind.get(kind, {})
        return tuple(_flat(known.get(each, []) for each in listed(names)))

    endpoints = []
    for kind, section in objects:
        if kind != "endpoint":
            continue
        aors = find("aor", value(section, "aors"))
        own = tuple(identifies.get(section.name, []))
        # A login that goes both ways is a phone's, as sip_to_pjsip.py writes it.
        elsewhere = {*listed(value(section, "outbound_auth"))} - {*listed(value(section, "auth"))}
        logs_in = bool(elsewhere) or section.name in registered
        endpoints.append(
            Endpoint(
                section=section,
                auths=find("auth", value(section, "auth")),
                outbound_auths=find("auth", value(section, "outbound_auth")),
                aors=aors,
                identifies=own,
                is_open=not value(section, "auth"),
                role=_role(section.name, aors, own, logs_in=logs_in),
            )
        )
    return tuple(endpoints)


def read_objects(files: Files, kind: str) -> tuple[Section, ...]:
    """Return all of PJSIP's objects of a kind: `transport`, `acl`, `global`, `auth`."""
    return tuple(section for found, section in _objects(files) if found == kind)


def _role(
    name: str, aors: Iterable[Section], identifies: tuple[Section, ...], *, logs_in: bool
) -> Role:
    if name == ANONYMOUS or name.startswith(f"{ANONYMOUS}@"):
        return Role.GUEST
    if logs_in or any(value(each, "contact") for each in aors):
        return Role.TRUNK
    if any(number(value(each, "max_contacts")) for each in aors):
        return Role.PHONE
    return Role.TRUNK if identifies else Role.PHONE


def _flat(groups: Iterable[Iterable[Section]]) -> Iterator[Section]:
    for group in groups:
        yield from group


def _objects(files: Files) -> list[tuple[str, Section]]:
    """Return what is written, and what the wizard makes, with its kind."""
    found = []
    for section in files.sections("pjsip.conf"):
        kind = value(section, "type").lower()
        found.append((kind or section.name.lower(), section))
    for section in files.sections("pjsip_wizard.conf"):
        if value(section, "type").lower() == "wizard":
            found += _made_of(section)
    return found


# ----------------------------------------------------------------------------- the wizard


def _made_of(wizard: Section) -> Iterator[tuple[str, Section]]:
    """Make what the wizard makes of a section."""
    hosts = listed(value(wizard, "remote_hosts"))
    kept = {mark: _kept(wizard, mark) for mark in WIZARD_MARKS}

    def says(name: str) -> bool:
        return is_true(value(wizard, name))

    endpoint = [*kept["endpoint/"], _made(wizard, "aors", wizard.name)]
    if says("sends_auth"):
        endpoint.append(_made(wizard, "outbound_auth", f"{wizard.name}-oauth"))
        yield "auth", _named(wizard, "-oauth", kept["outbound_auth/"])
    if says("accepts_auth"):
        endpoint.append(_made(wizard, "auth", f"{wizard.name}-iauth"))
        yield "auth", _named(wizard, "-iauth", kept["inbound_auth/"])
    yield "endpoint", _named(wizard, "", endpoint)

    # `accepts_registrations` sets no `max_contacts`: without one nobody can register.
    aor = kept["aor/"]
    if not any(each.name == "contact" for each in aor):
        aor = [*aor, *(_made(wizard, "contact", f"sip:{host}") for host in hosts)]
    yield "aor", _named(wizard, "", aor)

    if hosts and not says("accepts_registrations"):
        identify = [*kept["identify/"], _made(wizard, "endpoint", wizard.name)]
        if not any(each.name == "match" for each in identify):
            identify += [_made(wizard, "match", host.partition(":")[0]) for host in hosts]
        yield "identify", _named(wizard, "-identify", identify)


def _kept(wizard: Section, mark: str) -> list[Setting]:
    """Return what is handed on: `endpoint/context` as `context`."""
    return [
        Setting(each.name.lower().removeprefix(mark), each.value, each.place, each.arrow)
        for each in wizard.settings
        if each.name.lower().startswith(mark)
    ]


def _made(wizard: Section, name: str, text: str) -> Setting:
    named = last(wizard, "remote_hosts" if name in {"contact", "match"} else "type")
    return Setting(name, text, named.place if named else wizard.place, arrow=False)


def _named(wizard: Section, ending: str, settings: Iterable[Setting]) -> Section:
    return Section(wizard.name + ending, tuple(settings), wizard.place, is_template=False)
