"""The house as a whole: every module stands alone, has its test, and says what it is."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from subprocess import PIPE, STDOUT, Popen
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "fastagi"
MODULES = sorted(PACKAGE.rglob("*.py"))

ONLY_WORDS = {
    "fastagi/alerts/ports.py",
    "fastagi/attacks/report.py",
    "fastagi/audit/conf_words.py",
    "fastagi/audit/dialplan.py",
    "fastagi/audit/entry.py",
    "fastagi/audit/finding.py",
    "fastagi/audit/graph.py",
    "fastagi/errors.py",
    "fastagi/lookout/ports.py",
    "fastagi/numbering/number.py",
    "fastagi/policy/model.py",
    "fastagi/signs/sighting.py",
    "fastagi/signs/sign.py",
    "fastagi/signs/terms.py",
    "fastagi/stores/records.py",
    "fastagi/stores/sign_ins.py",
    "fastagi/stores/store.py",
    "fastagi/cdr/past_call.py",
    "fastagi/cdr/plan.py",
    "fastagi/rehearsal/wanted.py",
    "fastagi/shadows/ports.py",
    "fastagi/call/channel.py",
    "fastagi/call/ending.py",
    "fastagi/console/operators/ports.py",
    "fastagi/console/oidc/client.py",
    "fastagi/console/ports.py",
}
"""Modules that hold values and Protocols only; whoever uses them tests them."""


def _name(module: Path) -> str:
    return str(module.relative_to(ROOT))


NURSERY = """
import importlib, os, sys, traceback

for library in sys.argv[1:]:
    importlib.import_module(library)
ours = [each for each in sys.modules if each.partition(".")[0] == "fastagi"]
print(*ours, flush=True)
while name := sys.stdin.readline().strip():
    child = os.fork()
    if not child:
        try:
            importlib.import_module(name)
        except BaseException:
            print(traceback.format_exc(), flush=True)
        os._exit(0)
    os.waitpid(child, 0)
    print("(end)", flush=True)
"""
"""Has the libraries, and none of ours. Each module is imported in a child of its own: libraries
take a second to import, which four hundred processes need not spend each."""


def _libraries() -> list[str]:
    """Return what our modules import that is not ours."""
    found: set[str] = set()
    for module in MODULES:
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Import):
                found |= {each.name for each in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module is not None:
                found.add(node.module)
    return sorted(each for each in found if each.partition(".")[0] != "fastagi")


@pytest.fixture(scope="module")
def nursery() -> Iterator[Popen[str]]:
    """Return the process that imports one module at a time, none after another."""
    command = [sys.executable, "-W", "error", "-c", NURSERY, *_libraries()]
    with Popen(command, cwd=ROOT, stdin=PIPE, stdout=PIPE, stderr=STDOUT, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "\n"  # none of ours
        yield process
        assert process.stdin is not None
        process.stdin.close()


@pytest.mark.parametrize("module", MODULES, ids=_name)
def test_a_module_imports_alone(nursery: Popen[str], module: Path) -> None:
    """A module needs nobody to have imported another before it, and warns of nothing."""
    dotted = ".".join(module.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    if dotted.endswith("__main__"):
        return
    assert nursery.stdin is not None
    assert nursery.stdout is not None
    nursery.stdin.write(f"{dotted}\n")
    nursery.stdin.flush()
    assert "".join(iter(nursery.stdout.readline, "(end)\n")) == ""


@pytest.mark.parametrize("module", MODULES, ids=_name)
def test_a_module_has_its_own_test_file(module: Path) -> None:
    """Whoever changes a module finds its tests under the same name."""
    if module.name in {"__init__.py", "__main__.py"} or _name(module) in ONLY_WORDS:
        return
    own = ROOT / "tests" / "unit" / module.relative_to(PACKAGE).with_name(f"test_{module.name}")
    assert own.is_file(), f"{own.relative_to(ROOT)} is missing"


@pytest.mark.parametrize("module", MODULES, ids=_name)
def test_every_public_name_is_documented(module: Path) -> None:
    """A module, and every public class, function and method in it, says what it is."""
    tree = ast.parse(module.read_text())
    assert ast.get_docstring(tree), "the module says nothing of itself"
    silent = [
        f"{_name(module)}:{node.lineno} {node.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
        and not _is_inside_a_function(tree, node)
    ]
    assert silent == []


def _is_inside_a_function(tree: ast.Module, node: ast.AST) -> bool:
    return any(
        node is not outer and node in ast.walk(outer)
        for outer in ast.walk(tree)
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def test_broad_exceptions_are_caught_in_twelve_places_only() -> None:
    """The stories of a call and of a feature code may, as they end in a refusal.

    The decision log's thread must not end.
    What panoramisk cannot read ends a link, a fault of the watcher ends no watch, and none of
    counting keeps a caller from the verdict. One alert that breaks ends none of the others. No
    fault of the lookout ends its hearing, its looking, or what follows. Nothing of a policy in
    shadow is any trouble of a call's, or of the policy's in force.
    """
    places = {
        _name(module)
        for module in MODULES
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"})
    }
    assert places == {
        "fastagi/alerts/desk.py",
        "fastagi/call/flow.py",
        "fastagi/call/reception.py",
        "fastagi/decision_log/writer.py",
        "fastagi/daemon/shadows.py",
        "fastagi/lookout/consequences.py",
        "fastagi/lookout/hearing.py",
        "fastagi/lookout/watch.py",
        "fastagi/metrics/metering.py",
        "fastagi/shadows/background.py",
        "fastagi/watcher/link.py",
        "fastagi/watcher/watch.py",
    }
