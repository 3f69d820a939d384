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
from fastagi.audit.ways.applications import run
from fastagi.audit.ways.fixed import Names, fixed
from fastagi.audit.ways.graph import Drawing
from fastagi.audit.ways.language import ANYTHING, of_pattern
from fastagi.audit.ways.lookup import Lookup
from fastagi.audit.ways.memory import Extensions, Memory, returned
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
    Target,
    Tell,
)
from fastagi.audit.ways.setting import ANY_EXTENSION
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
    from collections.abc import Collection

    from fastagi.audit.dialplan import Dialplan
    from fastagi.audit.entry import Devices, Entry
    from fastagi.audit.ways.lookup import Dialled, Found, Wanted
    from fastagi.audit.ways.moves import Move
    from fastagi.audit.ways.values import Value

SPECIAL: Final = ("h", "T", "e", "fax")
"""Extensions to which Asterisk itself sends a channel, in whatever context it is (main/pbx.c)."""

ROUNDS: Final = 40
"""How often one line of a routine is walked with other variables, before these are forgotten."""

CALLERS: Final = 4000
"""How often one routine is walked with other arguments, before these are forgotten."""

MOST: Final = 1_000_000
"""How many lines are walked at most; a dialplan of ten thousand needs some twenty thousand."""


class Walk:
    """One walk."""

    def __init__(
        self, dialplan: Dialplan, devices: Devices, lists: Lists, emergency: frozenset[str]
    ) -> None:
        self._lookup = Lookup(dialplan)
        self._devices, self._lists, self._emergency = devices, lists, emergency
        self._fixed = fixed(dialplan)
        self._read = Names(dialplan)
        self.findings = Findings()
        self.drawing = Drawing()
        self.findings.add(routine.changes(dialplan))
        self._queue: deque[Node] = deque()
        self._arrived: set[tuple[Frame, State, Wanted]] = set()
        self._seen: set[tuple[Frame, State, int]] = set()
        self._rounds, self._starts = Memory(), Memory()
        self._extensions = Extensions()
        self._callers: dict[Frame, list[Node]] = {}
        self._backs: dict[Frame, list[tuple[Node, Move]]] = {}
        self._open: set[tuple[str, Dialled]] = set()
        self._specials: set[tuple[Party, str]] = set()

    # -------------------------------------------------------------- beginning

    def enter(self, entry: Entry) -> None:
        """Begin at an entry."""
        who = graph.entry(entry.who)
        self.drawing.add(who, graph.context(entry.context), "entry", entry.place, gated=False)
        dialled: Dialled = ANYTHING if entry.extension is None else entry.extension
        self._open.add((entry.context, dialled))
        frame = Frame(entry.party)
        state = State(entry.context, dialled, 1)
        node = Node(frame, state, None, "", (), None, entry)
        self._arrive(frame, state, 1, node)

    def go(self) -> None:
        """Walk until there is nothing new."""
        while self._queue:
            if len(self._seen) > MOST:
                self.findings.add_cut_off(self._queue[0])
                return
            self._visit(self._queue.popleft())

    # -------------------------------------------------------------- lines

    def _visit(self, node: Node) -> None:
        step = node.step
        if step is None:  # an entry is no line, and never waits in the queue
            return
        if routine.is_ours(node.context, step.extension):
            if (node.context, step.extension, step.priority) == (
                routine.CONTEXT,
                routine.ASKS,
                1,
            ):
                self._gate(node)
            return
        self._special(node)
        line = Line(
            state=node.state,
            step=step,
            within=node.context,
            application=step.application,
            arguments=step.arguments,
            scope=self._scope(node.state),
            lookup=self._lookup,
            devices=self._devices,
            lists=self._lists,
            party=node.frame.party,
            emergency=self._emergency,
        )
        for move in run(line):
            self._move(node, move)

    def _scope(self, state: State) -> Scope:
        return Scope(
            state.context, state.dialled, state.known(), self._fixed, self._lookup, self._read
        )

    def _gate(self, node: Node) -> None:
        """Go on behind the routine: it comes back with a yes, or goes inside, or not at all."""
        state = node.state
        kept = {
            name: value for name, value in state.known().items() if not name.startswith("GUARD_")
        }
        yes = replace(
            state,
            stage=Stage.YES,
            cleared=True,
            variables=frozenset({**kept, "GUARD_VERDICT": constant("ALLOW")}.items()),
        )
        self._move(node, Back(yes))
        inside = self._fixed.get(routine.INSIDE, "")
        if inside in self._lookup:
            number = self._scope(replace(state, variables=frozenset())).named(NUMBER)
            self._move(node, Begin(Target(constant(inside), number, FIRST)))

    def _special(self, node: Node) -> None:
        """Take in the extensions to which Asterisk sends a channel by itself."""
        context = node.state.context
        if (node.frame.party, context) in self._specials:
            return
        self._specials.add((node.frame.party, context))
        root = Frame(node.frame.party)
        for name in SPECIAL:
            self._arrive(root, State(context, name, 1), 1, node)

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
            case Reach(trunk, is_known):
                box = graph.trunk(trunk) if is_known else graph.unknown(trunk)
                self._draw(node, box, node.state.stage)
            case _:
                assert_never(move)

    def _draw(self, node: Node, target: graph.Node, stage: Stage) -> None:
        if node.step is None:
            return
        self.drawing.add(
            graph.context(node.context),
            target,
            node.step.application.lower(),
            node.step.place,
            gated=stage is Stage.YES,
        )

    # -------------------------------------------------------------- going on

    def _next(self, frame: Frame, state: State, node: Node, inside: Node | None = None) -> None:
        priority = state.priority + 1
        self._arrive(frame, state, priority, node, inside)
        ends = self._lookup.may_miss(state.context, state.dialled, priority, state.caller)
        if frame.kind == "Macro" and ends:
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
        if (frame, state, wanted) in self._arrived:
            return
        self._arrived.add((frame, state, wanted))
        for found in self._lookup.find(state.context, state.dialled, wanted, state.caller):
            if isinstance(found, Switch):
                self._switched(before, state, found)
                continue
            self._queue_line(frame, state, found, before, inside)

    def _queue_line(
        self, frame: Frame, state: State, found: Found, before: Node, inside: Node | None
    ) -> None:
        for include in found.through:
            self.drawing.add(
                graph.context(self._including(state.context, found, include.context)),
                graph.context(include.context),
                "include",
                include.place,
                gated=False,
            )
        step = id(found.step)
        dialled = self._extensions.dialled(
            (frame.party, step), found.dialled, _whole(found), ROUNDS
        )
        at = state.at(state.context, dialled, found.step.priority)
        if found.step.caller_id and not state.caller:
            at = replace(at, caller=found.step.caller_id)
        if (frame, at, step) in self._seen:
            return
        at = self._rounds.state((frame, step, at.dialled, at.stage, at.cleared), at, ROUNDS)
        if (frame, at, step) in self._seen:
            return
        self._seen.add((frame, at, step))
        self._queue.append(
            Node(frame, at, found.step, found.context, found.through, before, before.entry, inside)
        )

    @staticmethod
    def _including(context: str, found: Found, included: str) -> str:
        before = context
        for include in found.through:
            if include.context == included:
                break
            before = include.context
        return before

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
            self._draw_jump(node, at, target)
            self._arrive(node.frame, at, wanted, node)
            self._invalid(node, at)

    def _invalid(self, node: Node, at: State) -> None:
        """Go on at `i`, where there may be no such extension (main/pbx.c, __ast_pbx_run)."""
        if self._lookup.may_miss(at.context, at.dialled, 1):
            root = Frame(node.entry.party)
            self._arrive(root, State(at.context, "i", 1), 1, node)

    def _draw_jump(self, node: Node, at: State, target: Target) -> None:
        if target.context is not None and at.context != node.context:
            self._draw(node, graph.context(at.context), at.stage)

    def _places(self, node: Node, state: State, target: Target) -> list[tuple[State, Wanted]]:
        """Return where a target may be, which priority or label there."""
        dialled = (
            [state.dialled]
            if target.dialled is None
            else [_dialled(each) for each in each_of(target.dialled)]
        )
        contexts = [None] if target.context is None else each_of(target.context)
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
        party = move.party or node.frame.party
        entry = node.entry
        if party is not entry.party:
            entry = replace(entry, party=party)
            self.findings.derived.add(entry)
        for at, wanted in self._places(node, node.state, move.target):
            if entry in self.findings.derived and (at.context, at.dialled) in self._open:
                continue  # whoever begins there by itself finds the same
            arguments = {
                f"{LOCAL}ARG{place}": value for place, value in enumerate(move.arguments, 1)
            }
            state = State(at.context, at.dialled, 1).having(arguments)
            frame = Frame(party)
            self._draw_jump(node, replace(at, stage=Stage.NEVER), move.target)
            begun = replace(node, entry=entry)
            self._arrive(frame, state, wanted, begun)
            self._invalid(begun, state)

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
            frame, start = self._frame(node.frame, move.kind, at, wanted)
            self._draw_jump(node, at, move.target)
            if (at.context, at.dialled) == (routine.CONTEXT, routine.ASKS):
                # It sends transfers and forwards to the context that asks.
                anywhere = Target(constant(node.state.context), ANY_EXTENSION, FIRST)
                self._begin(node, Begin(anywhere, Party.TRANSFER))
            caller = replace(node, state=move.state)
            self._callers.setdefault(frame, []).append(caller)
            self._arrive(frame, start, wanted, node)
            for inside, back in list(self._backs.get(frame, ())):
                self._resume(caller, inside, back)

    def _frame(self, caller: Frame, kind: str, at: State, wanted: Wanted) -> tuple[Frame, State]:
        """Return the frame of a routine, which those share who know the same as it begins."""
        party = caller.party
        place = (party, kind, at.context, wanted)
        dialled = self._extensions.dialled(place, at.dialled, ANYTHING, CALLERS)
        at = at.at(at.context, dialled, 1)
        frame = Frame(party, kind, at, wanted)
        if frame in self._callers:
            return frame, at
        key = (party, kind, at.context, at.dialled, wanted, at.stage, at.cleared)
        within = caller.start
        is_within_itself = within is not None and within.context == at.context
        start = self._starts.state(key, at, ROUNDS if is_within_itself else CALLERS)
        return Frame(party, kind, start, wanted), start

    def _back(self, node: Node, move: Move) -> None:
        """Come back from a routine to all that called it."""
        if node.frame.start is None:
            if isinstance(move, Drop):
                self._next(node.frame, move.state, node)
            return
        if isinstance(move, Back):
            move = Back(move.state.at("", "", 0))  # from where it comes back is all the same
        backs = self._backs.setdefault(node.frame, [])
        if any(back == move for _, back in backs):
            return
        backs.append((node, move))
        for caller in list(self._callers[node.frame]):
            self._resume(caller, node, move)

    def _resume(self, caller: Node, inside: Node, move: Move) -> None:
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
                self._next(caller.frame, after, caller, inside)
            case Drop(state):
                self._next(caller.frame, state, replace(inside, frame=caller.frame))
            case Jump(state, target):
                self._jump(replace(inside, frame=caller.frame), state, target)
            case _:
                raise AssertionError(move)  # nothing else comes back


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
