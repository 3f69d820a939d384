"""In which order tables and keys are written: that of the models which say what there is."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, get_args

from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Order: TypeAlias = "Mapping[tuple[str, ...], Sequence[str]]"
"""Of each table the keys in order; of the empty path, the tables themselves."""


def order_of(model: type[BaseModel]) -> Order:
    """Return the order in which a model, and the models inside it, have their keys."""
    return dict(_tables(model, ()))


def _tables(
    model: type[BaseModel], path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Sequence[str]]]:
    names = {name: field.alias or name for name, field in model.model_fields.items()}
    yield path, list(names.values())
    for name, field in model.model_fields.items():
        for inner in _models(field.annotation):
            yield from _tables(inner, (*path, names[name]))


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    """Return the models in a type: of `list[Rule]`, of `Rule | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for each in get_args(annotation):
        yield from _models(each)
