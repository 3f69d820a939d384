"""The walk: every line that a call may come to, with each thing that may be known there.

Breadth first, so that what is found first is found by a shortest way. A routine is walked once for
all that call it with the same knowledge: who calls it is remembered beside it, and whatever comes
back goes to each of them. So recursion ends as well; loops that count end because after some
rounds what differs between them is forgotten (`memory`).

It is longer than others: all of it turns round one queue and what was seen.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Final, assert_never

from fastagi.audit.dialplan import Switch
from fastagi.audit.entry import Party
from fastagi.audit.finding import Kind, Severity
from fastagi.audit.ways import graph, routine
from fastagi.audit.ways.alike import alike
from fastagi.audit.ways.applications import run
from fastagi.audit.ways.behalf import NAMED, Behalf
from fastagi.audit.ways.fixed import Names, fixed
from fastagi.audit.ways.graph import Drawing
from fastagi.audit.ways.language import ANYTHING, of_pattern
from fastagi.audit.ways.lookup import Lookup
from fastagi.audit.ways.memory import Extensions, Memory, Visits, returned
from fastagi.audit.ways.moves import (
    FIRST,
    Back,
    Begin,
    Drop,
    Enter,
    Jump,
    Line,
    Lists,
    Next,
    Reach,
    Site,
    Target,
    Tell,
)
from fastagi.audit.ways.setting import ANY_EXTENSION, KEYED
from fastagi.audit.ways.state import LOCAL, Frame, Node, Stage, State
from fastagi.audit.ways.substitution import NUMBER, Scope
from fastagi.audit.ways.telling import Findings
from fastagi.audit.ways.values import (
    constant,
    each_of,
    holes,
    language_of,
    spelled,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from fastagi.audit.dialplan import Dialplan, Step
    from fastagi.audit.entry import Devices, Entry
    from fastagi.audit.ways.lookup import Dialled, Found, Wanted
    from fastagi.audit.ways.moves import Move
    from fastagi.audit.ways.state import Who
    from fastagi.audit.ways.values import Value

SPECIAL: Final = ("h", "T", "e", "fax")
"""Extensions to which Asterisk itself sends a channel, in whatever context it is (main/pbx.c)."""

ROUNDS: Final = 40
"""How often one line of a routine is walked with other variables, before these are forgotten."""

CALLERS: Final = 4000
"""How often one routine is walked with other arguments, before these are forgotten."""

KEPT: Final = frozenset({NAMED})
"""What holds on where somebody keys an extension on the same channel."""

ROOT: Final = Frame()
"""The channel itself."""

MOST: Final = 1_000_000
"""How many lines are walked at most; a dialplan of ten thousand needs some twenty thousand."""


class Walk:
    """One walk."""

    def __init__(
        self, dialplan: Dialplan, devices: Devices, lists: Lists, emergency: frozenset[str]
    ) -> None:
        self._lookup = Lookup(dialplan)
        self._site = Site(self._lookup, devices, lists, emergency)
        self._alike = alike(dialplan)
        self._entered_at = set[str]()
        self._used = set[tuple[str, str, str]]()
        self._asked_in: dict[str, dict[int, Node]] = {}
        self._drawn: set[int] = set()
        self._arrows: set[tuple[int, graph.SeenNode, bool]] = set()
        self._moves: dict[tuple[State, int], tuple[Move, ...]] = {}
        self._fixed = fixed(dialplan)
        self._read = Names(dialplan)
        self.findings = Findings()
        self.drawing = Drawing()
        self.findings.add(routine.changes(dialplan))
        self._queue: deque[Node] = deque()
        self._arrived, self._seen = Visits(), Visits()
        self._entered, self._returned = Visits(), Visits()
        self._rounds, self._starts = Memory(), Memory()
        self._extensions = Extensions()
        self._callers: dict[Frame, list[Node]] = {}
        self._backs: dict[Frame, list[tuple[Node, Move]]] = {}
        self._open: set[tuple[str, Dialled]] = set()
        self._specials = Visits()
        self._behalf = Behalf(dialplan)
        self._others: dict[tuple[Entry, Party], Entry] = {}

    # -------------------------------------------------------------- beginning

    def enter(self, who: Who) -> None:
        """Begin at entries that come to the same place."""
        for each in who.values():
            box, entered = graph.entry(each.who), graph.context(each.context)
            self.drawing.add(box, entered, "entry", each.place, gated=False)
            self._entered_at.add(each.context)
        entry = next(iter(who.values()))
        dialled: Dialled = ANYTHING if entry.extension is None else entry.extension
        self._open.add((entry.context, dialled))
        context = self._alike.get(entry.context, entry.context)
        state = State(context, dialled, 1)
        self._arrive(ROOT, state, 1, Node(ROOT, state, None, "", (), None, who))

    def go(self) -> None:
        """Walk until there is nothing new."""
        while self._queue:
            if len(self._seen) > MOST:
                self.findings.add_cut_off(self._queue[0])
                break
            self._visit(self._queue.popleft())
        self._draw_alike()

    # -------------------------------------------------------------- lines

    def _visit(self, node: Node) -> None:
        step = node.step
        if step is None:  # an entry is no line, and never waits in the queue
            return
        if routine.is_ours(node.context, step.extension):
            self._ours(node, step)
            return
        self._special(node)
        for move in self._run(node.state, step, node.context):
            self._move(node, move)

    def _run(self, state: State, step: Step, within: str) -> Iterable[Move]:
        """Run a line: once for all routines and parties that know the same there."""
        key = (state, id(step))
        if key not in self._moves:
            scope = self._scope(state)
            line = Line(state, step, within, step.application, step.arguments, scope, self._site)
            self._moves[key] = tuple(run(line))
        return self._moves[key]

    def _scope(self, state: State) -> Scope:
        return Scope(
            state.context, state.dialled, state.known(), self._fixed, self._lookup, self._read
        )

    def _ours(self, node: Node, step: Step) -> None:
        """Go on behind the gate's own lines, which are not walked."""
        if (node.context, step.extension, step.priority) == (routine.CONTEXT, routine.ASKS, 1):
            self._gate(node)
        elif step.extension not in routine.ENDS:
            # Whatever else is called there, or into the midst of it, is no yes.
            stage = Stage.USED if node.state.stage is Stage.YES else node.state.stage
            is_name = (node.context, step.extension) == (routine.CONTEXT, routine.NAMES)
            self._move(node, Back(node.state if is_name else node.state._replace(stage=stage)))

    def _gate(self, node: Node) -> None:
        """Go on behind the routine: it comes back with a yes, or goes inside, or not at all."""
        state = node.state
        if (told := self._behalf.told(state)) and (asked := node.before) is not None:
            self.findings.tell(asked.of(node.who, asked.as_party), *told)
        # A name holds for the first number that is asked about.
        kept = {
            name: value
            for name, value in state.known().items()
            if not name.startswith("GUARD_") and name != NAMED
        }
        yes = state._replace(
            stage=Stage.YES,
            cleared=True,
            variables=frozenset({**kept, "GUARD_VERDICT": constant("ALLOW")}.items()),
        )
        self._move(node, Back(yes))
        inside = self._fixed.get(routine.INSIDE, "")
        if inside in self._lookup:
            number = self._scope(state.knowing(frozenset())).named(NUMBER)
            self._move(node, Begin(Target(constant(inside), number, FIRST)))

    def _special(self, node: Node) -> None:
        """Take in the extensions to which Asterisk sends a channel by itself."""
        context = node.state.context
        if who := self._specials.new(context, node.who):
            for name in SPECIAL:
                self._arrive(ROOT, State(context, name, 1), 1, _of(node, who))

    def _move(self, node: Node, move: Move) -> None:
        match move:
            case Next(state):
                self._next(node.frame, state, node)
            case Jump(state, target):
                self._jump(node, state, target)
            case Enter():
                self._call(node, move)
            case Back() | Drop():
                self._back(node, move)
            case Begin():
                self._begin(node, move)
            case Tell():
                self.findings.tell(node, move)
            case Reach(parties=parties) if parties and not parties & node.who.keys():
                pass
            case Reach(trunk, is_known):
                box = graph.trunk(trunk) if is_known else graph.unknown(trunk)
                self._draw(node, box, node.state.stage)
            case _:
                assert_never(move)

    def _draw(self, node: Node, target: graph.SeenNode, stage: Stage) -> None:
        gated = stage is Stage.YES
        if node.step is None or (arrow := (id(node.step), target, gated)) in self._arrows:
            return
        self._arrows.add(arrow)
        application = node.step.application.lower()
        source = graph.context(node.context)
        self.drawing.add(source, target, application, node.step.place, gated=gated)

    # -------------------------------------------------------------- going on

    def _next(self, frame: Frame, state: State, node: Node, inside: Node | None = None) -> None:
        priority = state.priority + 1
        self._arrive(frame, state, priority, node, inside)
        if frame.kind == "Macro" and self._lookup.may_miss(
            state.context, state.dialled, priority, state.caller
        ):
            self._back(replace(node, frame=frame), Back(state))

    def _arrive(
        self,
        frame: Frame,
        state: State,
        wanted: Wanted,
        before: Node,
        inside: Node | None = None,
    ) -> None:
        """Queue every line that may be the next: once, however many lines lead there alike."""
        who = self._arrived.new((frame, state, wanted), before.who)
        if not who:
            return
        before = _of(before, who)
        for found in self._lookup.find(state.context, state.dialled, wanted, state.caller):
            if isinstance(found, Switch):
                self._switched(before, state, found)
                continue
            self._queue_line(frame, state, found, before, inside)

    def _queue_line(
        self, frame: Frame, state: State, found: Found, before: Node, inside: Node | None
    ) -> None:
        if found.through:
            self._draw_includes(state.context, found)
        for at, who in self._new(frame, state, found, before.who).items():
            self._queue.append(
                Node(frame, at, found.step, found.context, found.through, before, who, inside)
            )

    def _new(self, frame: Frame, state: State, found: Found, who: Who) -> Mapping[State, Who]:
        """Return with what known a line is come to for the first time, and by whom.

        Each party's rounds are counted for themselves.
        """
        step, whole = id(found.step), _whole(found)
        known = (state.stage, state.cleared, state.variables, state.caller or found.step.caller_id)
        new: dict[State, dict[Party, Entry]] = {}
        before: Collection[Party] = ()
        dialled, at = None, state
        for party, entry in who.items():
            one = self._extensions.dialled((party, step), found.dialled, whole, ROUNDS)
            if one is not dialled:
                dialled, at = one, State(state.context, one, found.step.priority, *known)
                before = self._seen.who((frame, at, step))
            if party in before:
                continue
            place = (party, frame, step, dialled, at.stage, at.cleared)
            now = self._rounds.state(place, at, ROUNDS)
            if now is at or not self._seen.has((frame, now, step), party):
                new.setdefault(now, {})[party] = entry
        return {now: self._seen.new((frame, now, step), some) for now, some in new.items()}

    def _draw_includes(self, context: str, found: Found) -> None:
        if id(found) in self._drawn:  # the look-up keeps what it found, for this context alone
            return
        self._drawn.add(id(found))
        for include in found.through:
            source, target = graph.context(context), graph.context(include.context)
            self.drawing.add(source, target, "include", include.place, gated=False)
            self._used.add((context, include.context, include.hours))
            context = include.context

    def _draw_alike(self) -> None:
        """Draw for contexts that another was walked for what was drawn for that."""
        for name in self._entered_at:
            walked = self._alike.get(name, name)
            if walked == name:
                continue
            for each in self._lookup.compiled(name).context.includes:
                if (walked, each.context, each.hours) in self._used:
                    source, target = graph.context(name), graph.context(each.context)
                    self.drawing.add(source, target, "include", each.place, gated=False)
            for node in self._asked_in.get(walked, {}).values():
                self._draw(node, graph.context(name), Stage.NEVER)

    def _switched(self, node: Node, state: State, switch: Switch) -> None:
        said = f"switch => {switch.kind}/{switch.data}"
        self.drawing.add(
            graph.context(state.context),
            graph.unknown(said),
            "switch",
            switch.place,
            gated=state.stage is Stage.YES,
        )
        self.findings.tell(
            node,
            Tell(
                Kind.UNKNOWN,
                Severity.MEDIUM,
                f"`{said}` of context `{state.context}` has extensions that cannot be known here",
                "write them into a context of files, or see that none of them dials a trunk",
            ),
            switch.place,
        )

    def _jump(self, node: Node, state: State, target: Target) -> None:
        for at, wanted in self._places(node, state, target):
            start = node.frame.start
            if node.frame.kind == "Macro" and start is not None and at.context != start.context:
                # A macro that is left by a jump is over (apps/app_macro.c).
                self._back(node, Jump(at, Target(None, None, target.priority)))
                continue
            self._draw_jump(node, at.context, at.stage, target)
            self._arrive(node.frame, at, wanted, node)
            self._invalid(node, at)

    def _invalid(self, node: Node, at: State) -> None:
        """Go on at `i`, where there may be no such extension (main/pbx.c, __ast_pbx_run)."""
        if self._lookup.may_miss(at.context, at.dialled, 1):
            self._arrive(ROOT, State(at.context, "i", 1), 1, node)

    def _draw_jump(self, node: Node, context: str, stage: Stage, target: Target) -> None:
        if target.context is not None and context != node.context:
            self._draw(node, graph.context(context), stage)

    def _places(self, node: Node, state: State, target: Target) -> list[tuple[State, Wanted]]:
        """Return where a target may be, which priority or label there."""
        dialled = (
            [state.dialled]
            if target.dialled is None
            else [_dialled(each) for each in each_of(target.dialled)]
        )
        contexts = [None] if target.context is None else each_of(target.context)
        state = self._behalf.jumped(state, target.dialled)
        return [
            (state.at(name, each, 1), _wanted(priority, state.priority))
            for context in contexts
            for name in self._contexts(node, state, context)
            for each in dialled
            for priority in each_of(target.priority)
        ]

    def _contexts(self, node: Node, state: State, value: Value | None) -> Collection[str]:
        if value is None:
            return (state.context,)
        name = text_of(value)
        if name is not None:
            return (name,) if name in self._lookup else ()
        if all(part in holes(value) for part in value):
            said = spelled(value)
            self._draw(node, graph.unknown(said), state.stage)
            self.findings.tell(
                node,
                Tell(
                    Kind.UNKNOWN,
                    Severity.MEDIUM,
                    f"which context `{said}` is cannot be known: it may be one that dials a trunk",
                    "write the context's name into the line",
                ),
            )
            return ()
        may_be = language_of(value)
        return [each for each in self._lookup.names() if may_be.has(each)]

    def _begin(self, node: Node, move: Begin) -> None:
        """Begin another channel, or later: with nothing known but where."""
        kept = KEPT if move.target.dialled is KEYED else frozenset[str]()
        known = {name: value for name, value in node.state.variables if name in kept}
        known |= {f"{LOCAL}ARG{place}": value for place, value in enumerate(move.arguments, 1)}
        begins = node.state.knowing(frozenset(known.items()))
        places = self._places(node, begins, move.target)
        for begun in self._begun(node, move.party):
            for at, wanted in places:
                who = begun.who
                if (at.context, at.dialled) in self._open:
                    # Whoever begins there by itself finds the same.
                    derived = self.findings.derived
                    who = {party: each for party, each in who.items() if each not in derived}
                if not who:
                    continue
                self._draw_jump(node, at.context, Stage.NEVER, move.target)
                state = State(at.context, at.dialled, 1, variables=at.variables)
                self._arrive(ROOT, state, wanted, _of(begun, who))
                self._invalid(_of(begun, who), state)

    def _begun(self, node: Node, party: Party | None) -> list[Node]:
        """Return a node as that of another party, if it is named; one for each whose it was."""
        if party is None:
            return [node]
        found = []
        for before, entry in node.who.items():
            derived = entry
            if before is not party:
                derived = self._derived(entry, party)
            found.append(node.of({party: derived}, before))
        return found

    def _derived(self, entry: Entry, party: Party) -> Entry:
        """Return an entry as another party's, whose it becomes by what the dialplan does."""
        key = (entry, party)
        if key not in self._others:
            self._others[key] = replace(entry, party=party)
            self.findings.derived.add(self._others[key])
        return self._others[key]

    # -------------------------------------------------------------- routines

    def _call(self, node: Node, move: Enter) -> None:
        given = {f"{LOCAL}ARG{place}": value for place, value in enumerate(move.arguments, 1)}
        given[f"{LOCAL}ARGC"] = constant(str(len(move.arguments)))
        known = {
            name: value
            for name, value in move.state.known().items()
            if not name.startswith(f"{LOCAL}ARG")
        }
        state = move.state.knowing(frozenset({**known, **given}.items()))
        for at, wanted in self._places(node, state, move.target):
            self._draw_jump(node, at.context, at.stage, move.target)
            begins = at if node.step is None else self._behalf.called(at, node.step.place)
            for frame, who in self._frames(node, move.kind, begins, wanted).items():
                self._enter(_of(node, who), move.state, frame, frame.start or begins)

    def _enter(self, node: Node, state: State, frame: Frame, start: State) -> None:
        if (start.context, start.dialled) == (routine.CONTEXT, routine.ASKS):
            # It sends transfers and forwards to the context that asks.
            asked_in = node.state.context
            anywhere = Target(constant(asked_in), ANY_EXTENSION, FIRST)
            self._begin(node, Begin(anywhere, Party.TRANSFER))
            if (id(node.step), graph.context(asked_in), False) in self._arrows:
                self._asked_in.setdefault(asked_in, {})[id(node.step)] = node
        caller = replace(node, state=state)
        self._callers.setdefault(frame, []).append(caller)
        self._arrive(frame, start, frame.wanted, node)
        for inside, back in list(self._backs.get(frame, ())):
            self._resume(caller, inside, back)

    def _frames(self, node: Node, kind: str, at: State, wanted: Wanted) -> Mapping[Frame, Who]:
        """Return the frames of a routine, which those share who know the same as it begins."""
        within = node.frame.start
        is_within_itself = within is not None and within.context == at.context
        found: dict[Frame, dict[Party, Entry]] = {}
        for party, entry in node.who.items():
            place = (party, kind, at.context, wanted)
            dialled = self._extensions.dialled(place, at.dialled, ANYTHING, CALLERS)
            start = at.at(at.context, dialled, 1)
            frame = Frame(kind, start, wanted)
            if not self._entered.has(frame, party):
                key = (*place, dialled, at.stage, at.cleared)
                most = ROUNDS if is_within_itself else CALLERS
                frame = Frame(kind, self._starts.state(key, start, most), wanted)
            found.setdefault(frame, {})[party] = entry
        for frame, who in found.items():
            self._entered.new(frame, who)
        return found

    def _back(self, node: Node, move: Move) -> None:
        """Come back from a routine to all that called it."""
        if node.frame.start is None:
            if isinstance(move, Drop):
                self._next(node.frame, move.state, node)
            return
        if isinstance(move, Back):
            move = Back(move.state.at("", "", 0))  # from where it comes back is all the same
        who = self._returned.new((node.frame, move), node.who)
        if not who:
            return
        node = _of(node, who)
        self._backs.setdefault(node.frame, []).append((node, move))
        for caller in list(self._callers[node.frame]):
            self._resume(caller, node, move)

    def _resume(self, caller: Node, inside: Node, move: Move) -> None:
        who = caller.who
        if who is not inside.who:
            who = {party: entry for party, entry in who.items() if party in inside.who}
            inside = _of(inside, {party: inside.who[party] for party in who})
        match move:
            case Back(state):
                after = State(
                    caller.state.context,
                    caller.state.dialled,
                    caller.state.priority,
                    state.stage,
                    state.cleared,
                    returned(caller.state, state),
                    caller.state.caller,
                )
                self._next(caller.frame, after, _of(caller, who), inside)
            case Drop(state):
                self._next(caller.frame, state, replace(inside, frame=caller.frame))
            case Jump(state, target):
                self._jump(replace(inside, frame=caller.frame), state, target)
            case _:
                raise AssertionError(move)  # nothing else comes back


def _of(node: Node, who: Who) -> Node:
    """Return a node as that of some of those who come there."""
    return node if len(who) == len(node.who) else node.of(who, node.as_party)


def _whole(found: Found) -> Dialled:
    """Return all that may be dialled where a line runs."""
    language = of_pattern(found.step.extension) if found.step.extension[:1] == "_" else None
    return found.dialled if language is None else language


def _dialled(value: Value) -> Dialled:
    text = text_of(value)
    return text if text is not None else language_of(value)


def _wanted(value: Value, priority: int) -> Wanted:
    """Return a priority or a label; None where it may be any."""
    text = text_of(value)
    if text is None:
        return None
    if text.isdigit():
        return int(text)
    if text == "n":
        return priority + 1
    if text[:1] in {"+", "-"} and text[1:].isdigit():
        return priority + int(text)
    return text
