"""What runs an application beside the dialplan: feature codes, and what PJSIP's wizard makes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastagi.audit.configuration.applications import SCRIPTS, targets
from fastagi.audit.configuration.devices import read_devices
from fastagi.audit.configuration.values import every, is_true, value
from fastagi.audit.finding import Finding, Kind, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.audit.configuration.applications import Target
    from fastagi.audit.configuration.files import Files
    from fastagi.audit.entry import Devices
    from fastagi.audit.place import Place


@dataclass(frozen=True, slots=True)
class Feature:
    """Keys that run an application.

    Attributes:
        who: Said to people: "feature code `abroad`".
        arguments: The application's, as they are written.
    """

    who: str
    application: str
    arguments: str
    place: Place


def read_features(files: Files) -> tuple[Feature, ...]:
    """Return what is run by keys and stands in no dialplan.

    `[applicationmap]` of features.conf (main/features_config.c) has
    `NAME => KEYS,self|peer[/BY],Application[,arguments[,music]]`, or `Application(arguments)`;
    `hint_application` of pjsip_wizard.conf makes an extension that runs it.
    """
    features = []
    for section in files.named("features.conf", "applicationmap"):
        for each in section.settings:
            _, _, run = each.value.partition(",")
            application, arguments = _parted(run.partition(",")[2])
            who = f"feature code `{each.name}`"
            features.append(Feature(who, application, arguments, each.place))
    for section in files.sections("pjsip_wizard.conf"):
        extension = value(section, "hint_exten")
        if extension and is_true(value(section, "has_hint")):
            for each in every(section, "hint_application"):
                application, arguments = _parted(each.value)
                who = f"extension `{extension}` of the wizard"
                features.append(Feature(who, application, arguments, each.place))
    return tuple(features)


def check_features(files: Files) -> Iterator[Finding]:
    """Find those that dial a trunk, or run what cannot be looked into."""
    devices = read_devices(files)
    for feature in read_features(files):
        known = feature.application.lower() not in SCRIPTS
        for target in targets(feature.application, feature.arguments):
            known = known and bool(target.dialled or target.context)
            if target.dialled and not _is_phone(target, devices):
                yield Finding(
                    Kind.FEATURE,
                    Severity.HIGH,
                    f"{feature.who} dials `{target.dialled}`, and nothing asks the gate",
                    "dial `Local/…` into a context that asks the gate, or take it away",
                    feature.place,
                )
        if not known:
            yield Finding(
                Kind.FEATURE,
                Severity.MEDIUM,
                f"{feature.who} runs {feature.application}, and what that reaches is not known",
                "have it run a routine of the dialplan (Gosub), which the audit follows",
                feature.place,
            )


def _parted(run: str) -> tuple[str, str]:
    """Return application and arguments, however they are written."""
    bracket, comma = run.find("("), run.find(",")
    if bracket >= 0 and (comma < 0 or bracket < comma):
        application, _, rest = run.partition("(")
        arguments = rest[: rest.rfind(")")] if ")" in rest else rest
    else:
        application, _, rest = run.partition(",")
        rest = rest.strip()
        arguments = rest[1:].partition('"')[0] if rest.startswith('"') else rest.partition(",")[0]
    return application.strip(), arguments


def _is_phone(target: Target, devices: Devices) -> bool:
    """Whether a dial string rings a phone of ours and nothing else."""
    technology, _, name = target.dialled.partition("/")
    return technology.upper() == "PJSIP" and name in devices.phones
