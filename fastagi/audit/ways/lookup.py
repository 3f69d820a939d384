"""Which line runs: extensions as Asterisk looks them up (main/pbx.c, pbx_find_extension).

At every step anew: the context's own extensions, exact ones first, then patterns, the most
specific first; its switches; its includes in order, each likewise. An extension that fits but has
no such priority is passed over for the next that fits.

It is one file, though a long one: Asterisk does all that in one function, and what is kept of an
answer must forget just what another answer hangs on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from fastagi.audit.ways.index import Index, places
from fastagi.audit.ways.language import Language, of_pattern, of_text, order, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fastagi.audit.dialplan import Context, Dialplan, Include, Step, Switch

Dialled: TypeAlias = "str | Language"
"""What is looked up: one text, or all that it may be."""

Wanted: TypeAlias = "int | str | None"
"""A priority, a label, or whichever."""


SWITCHES: Final = 1
"""The set of what a switch has: nobody knows which, and so whatever is looked for."""


@dataclass(frozen=True, slots=True)
class Found:
    """A line that may run.

    Attributes:
        step: The line.
        context: The context it stands in, which may be an included one.
        dialled: What is left of what was looked up, if it is this line.
        through: The includes that led to it.
    """

    step: Step
    context: str
    dialled: Dialled
    through: tuple[Include, ...]


@dataclass(slots=True)
class Extension:
    """One extension with its lines."""

    name: str
    caller_id: str
    language: Language | None
    steps: dict[int, Step] = field(default_factory=dict)
    labels: dict[str, int] = field(default_factory=dict)

    def get(self, wanted: Wanted) -> list[Step]:
        """Return the lines that are asked for."""
        if wanted is None:
            return list(self.steps.values())
        priority = wanted if isinstance(wanted, int) else self.labels.get(wanted, 0)
        return [self.steps[priority]] if priority in self.steps else []


@dataclass(slots=True)
class Compiled:
    """One context, sorted.

    Attributes:
        first: The place in the index of its first exact extension; its patterns are behind these.
    """

    context: Context
    first: int = 0
    exact: dict[str, list[Extension]] = field(default_factory=dict)
    patterns: list[Extension] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    taken: dict[tuple[Wanted, str], frozenset[str]] = field(default_factory=dict)

    def exact_of(self, bits: int) -> Iterator[str]:
        """Return the exact extensions of a set."""
        here = bits >> self.first & (1 << len(self.names)) - 1
        return (self.names[place] for place in places(here))

    def patterns_of(self, bits: int) -> Iterator[Extension]:
        """Return the patterns of a set, in their order."""
        here = bits >> self.first + len(self.names) & (1 << len(self.patterns)) - 1
        return (self.patterns[place] for place in places(here))

    def exact_with(self, wanted: Wanted, caller: str) -> frozenset[str]:
        """Return the exact extensions that surely match where this is wanted."""
        key = (wanted, caller)
        if key not in self.taken:
            self.taken[key] = frozenset(
                name
                for name, them in self.exact.items()
                if any(each.caller_id in {"", caller} and each.get(wanted) for each in them)
            )
        return self.taken[key]


def _compile(context: Context) -> Compiled:
    extensions: dict[tuple[str, str], Extension] = {}
    for step in context.steps:
        if step.priority < 1:
            continue
        key = (plain(step.extension), step.caller_id)
        if key not in extensions:
            pattern = step.extension.startswith("_")
            language = of_pattern(step.extension) if pattern else of_text(key[0])
            extensions[key] = Extension(step.extension, step.caller_id, language)
        extensions[key].steps.setdefault(step.priority, step)
        if step.label:
            extensions[key].labels.setdefault(step.label, step.priority)
    compiled = Compiled(context)
    # For some callers only: these are looked at first (ast_add_extension2_lockopt).
    for (name, _), each in sorted(extensions.items(), key=lambda item: not item[0][1]):
        if each.name.startswith("_"):
            compiled.patterns.append(each)
        else:
            compiled.exact.setdefault(name, []).append(each)
    compiled.patterns.sort(key=lambda each: order(each.name))
    compiled.names.extend(compiled.exact)
    return compiled


class Lookup:
    """All contexts, and what was found in them before."""

    def __init__(self, dialplan: Dialplan) -> None:
        self._dialplan: Mapping[str, Context] = dialplan.contexts
        self._compiled: dict[str, Compiled] = {}
        languages: list[Language | None] = [None]  # the place of all switches: they may know it
        for name, context in dialplan.contexts.items():
            here = self._compiled[name] = _compile(context)
            here.first = len(languages)
            languages += [of_text(each) for each in here.names]
            languages += [each.language for each in here.patterns]
        self._index = Index(languages)
        self._within: dict[str, int] = {}
        self._fit: dict[Dialled, int] = {}
        self._includes: dict[str, list[tuple[Include, int]]] = {}
        self._known: dict[
            tuple[str, Dialled, Wanted, str], tuple[tuple[Found | Switch, ...], bool]
        ] = {}

    def __contains__(self, context: str) -> bool:
        """Whether there is such a context."""
        return context in self._dialplan

    def names(self) -> Iterator[str]:
        """Return the names of all contexts."""
        return iter(self._dialplan)

    def compiled(self, context: str) -> Compiled:
        """Return a context, sorted; it must be there."""
        return self._compiled[context]

    def includes(self, context: str) -> list[tuple[Include, int]]:
        """Return what a context includes, each with the set of all extensions within."""
        if context not in self._includes:
            includes = self._compiled[context].context.includes
            self._includes[context] = [(each, self._all(each.context)) for each in includes]
        return self._includes[context]

    def _all(self, context: str) -> int:
        """Return the set of a context's extensions, and of those of all that it includes."""
        if context not in self._within:
            found, seen, waiting = 0, set[str](), [context]
            while waiting:
                name = waiting.pop()
                if name in seen or name not in self._compiled:
                    continue
                seen.add(name)
                here = self._compiled[name]
                count = len(here.names) + len(here.patterns)
                found |= (1 << count) - 1 << here.first
                found |= bool(here.context.switches) * SWITCHES
                waiting += [each.context for each in here.context.includes]
            self._within[context] = found
        return self._within[context]

    def find(
        self, context: str, dialled: Dialled, wanted: Wanted, caller: str = ""
    ) -> tuple[Found | Switch, ...]:
        """Return the lines that may run, in order, and switches that may know others.

        Args:
            context: Where to look; there may be no such.
            dialled: What.
            wanted: Which priority or label.
            caller: What the caller's number is known to fit.
        """
        return self._find(context, dialled, wanted, caller)[0]

    def may_miss(self, context: str, dialled: Dialled, wanted: Wanted, caller: str = "") -> bool:
        """Whether it may be that there is no such extension."""
        return self._find(context, dialled, wanted, caller)[1]

    def _find(
        self, context: str, dialled: Dialled, wanted: Wanted, caller: str
    ) -> tuple[tuple[Found | Switch, ...], bool]:
        key = (context, dialled, wanted, caller)
        if key not in self._known:
            asked = plain(dialled) if isinstance(dialled, str) else dialled
            search = _Search(self, wanted, caller, self._fitting(asked))
            rest = search.through(context, asked, ())
            found = search.found
            if isinstance(wanted, str):
                found = [at for each in found for at in self._at_label(context, each, caller)]
            self._known[key] = tuple(dict.fromkeys(found)), rest is not None
        return self._known[key]

    def _at_label(
        self, context: str, found: Found | Switch, caller: str
    ) -> tuple[Found | Switch, ...]:
        """Return the lines that a label leads to.

        It is but a number: the line of that number is looked up anew, and may be that of another
        extension, which has no such label (main/pbx.c, pbx_parseable_goto).
        """
        if not isinstance(found, Found):
            return (found,)
        who = caller or found.step.caller_id
        return self.find(context, found.dialled, found.step.priority, who)

    def _fitting(self, asked: Dialled) -> int:
        """Return the set of what may be looked for, whichever its priority."""
        if asked not in self._fit:
            language = of_text(asked) if isinstance(asked, str) else asked
            self._fit[asked] = self._index.meeting(language) | SWITCHES
        return self._fit[asked]


class _Search:
    """One look-up.

    Args:
        fitting: The set of extensions that may be what is looked for.
    """

    def __init__(self, lookup: Lookup, wanted: Wanted, caller: str, fitting: int) -> None:
        self.lookup, self.wanted, self.caller = lookup, wanted, caller
        self.fitting = fitting
        self.found: list[Found | Switch] = []
        self.seen: set[str] = set()

    def through(self, name: str, rest: Dialled, through: tuple[Include, ...]) -> Dialled | None:
        """Look through a context; return what nothing in it fits surely."""
        if name in self.seen or name not in self.lookup:
            return rest
        self.seen.add(name)
        here = self.lookup.compiled(name)
        left = self._exact(here, name, rest, through)
        for extension in here.patterns_of(self.fitting):
            if left is None:
                return None
            left = self._pattern(extension, name, left, through)
        if left is None:
            return None
        self.found += here.context.switches
        for include, within in self.lookup.includes(name):
            if not within & self.fitting:
                continue
            after = self.through(include.context, left, (*through, include))
            if include.hours:
                continue
            if after is None:
                return None
            left = after
        return left

    def _exact(
        self, here: Compiled, name: str, rest: Dialled, through: tuple[Include, ...]
    ) -> Dialled | None:
        if isinstance(rest, str):
            names = [rest] if rest in here.exact else []
        else:
            names = [each for each in here.exact_of(self.fitting) if rest.has(each)]
        is_taken = False
        for each in names:
            for extension in here.exact[each]:
                steps = extension.get(self.wanted)
                self.found += [Found(step, name, each, through) for step in steps]
                if steps and extension.caller_id in {"", self.caller}:
                    is_taken = True
                    break
        if isinstance(rest, str):
            return None if is_taken else rest
        if not names:
            return rest
        less = rest.without(texts=here.exact_with(self.wanted, self.caller))
        return None if less.is_empty() else less

    def _pattern(
        self, extension: Extension, name: str, rest: Dialled, through: tuple[Include, ...]
    ) -> Dialled | None:
        steps = extension.get(self.wanted)
        if not steps or extension.language is None:
            return rest
        fits: Dialled | None
        if isinstance(rest, str):
            fits = rest if extension.language.has(rest) else None
        else:
            fits = rest.both(extension.language)
        if fits is None:
            return rest
        self.found += [Found(step, name, fits, through) for step in steps]
        if extension.caller_id not in {"", self.caller}:
            return rest
        if isinstance(rest, str) or rest.within(extension.language):
            return None
        return rest.without(less=extension.language)
