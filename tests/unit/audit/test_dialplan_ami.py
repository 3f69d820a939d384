"""The dialplan that AMI lists."""

from __future__ import annotations

from fastagi.audit.dialplan import Include, Switch
from fastagi.audit.dialplan_ami import LOADED, UNTOLD, dialplan_of


def listed(context: str, **fields: str) -> dict[str, str]:
    """Return one event of the list."""
    return {"Event": "ListDialplan", "Context": context, "Registrar": "pbx_config", **fields}


def step(
    extension: str, priority: str, application: str = "NoOp", **fields: str
) -> dict[str, str]:
    """Return the event of one step of `[inside]`."""
    call = {"Application": application, "AppData": "x", **fields}
    return listed("inside", Extension=extension, Priority=priority, **call)


def test_a_list_is_read() -> None:
    """Steps, labels, includes with their hours, switches; hints and ignored digits are none."""
    dialplan = dialplan_of(
        [
            {"Response": "Success", "EventList": "start"},
            step("100", "hint"),
            step("100", "1", AppData="a;b,${X}"),
            step("100", "2", "Dial", ExtensionLabel="again"),
            listed("inside", IncludeContext="shop,9:00-17:00,mon-fri,*,*"),
            listed("inside", IncludeContext="other"),
            listed("inside", IgnorePattern="9"),
            listed("inside", Switch="Realtime/@/x"),
            listed("parked", Extension="700", Priority="1", Application="Park", AppData=""),
            listed("digits", IgnorePattern="9"),
            {"Event": "ListDialplan"},
            {"Event": "ShowDialPlanComplete", "ListContexts": "3"},
        ],
        {"TRUNK": "pstn"},
    )
    assert list(dialplan.contexts) == ["inside", "parked", "digits"]
    assert dialplan.variables == {"TRUNK": "pstn"}
    inside = dialplan.contexts["inside"]
    assert [
        (each.extension, each.priority, each.label, each.application, each.arguments)
        for each in inside.steps
    ] == [("100", 1, "", "NoOp", "a;b,${X}"), ("100", 2, "again", "Dial", "x")]
    assert inside.includes == (
        Include("shop", "9:00-17:00,mon-fri,*,*", LOADED),
        Include("other", "", LOADED),
    )
    assert inside.switches == (Switch("Realtime", "@/x", LOADED),)
    assert dialplan.contexts["parked"].steps[0].application == "Park"
    assert str(inside.place) == "the loaded dialplan"


def test_extensions_for_some_callers_are_marked() -> None:
    """Of one name, all but the last are such; for whom is not told."""
    dialplan = dialplan_of(
        [
            *(step("100", "1"), step("100", "2")),
            *(step("100", "1"), step("100", "2"), step("100", "3")),
            *(step("100", "1"), step("100", "5")),
            *(step("200", "1"), step("200", "2")),
        ]
    )
    marks = [each.caller_id for each in dialplan.contexts["inside"].steps]
    assert marks == [UNTOLD] * 5 + [""] * 4


def test_a_hint_tells_two_extensions_apart() -> None:
    """It comes first; and a dash in a name does not count."""
    dialplan = dialplan_of([step("100", "1"), step("1-00", "hint"), step("1-00", "2")])
    marks = [each.caller_id for each in dialplan.contexts["inside"].steps]
    assert marks == [UNTOLD, ""]


def test_nothing_listed_is_nothing() -> None:
    """An Asterisk without a dialplan answers with an empty list."""
    assert dialplan_of([]).contexts == {}
