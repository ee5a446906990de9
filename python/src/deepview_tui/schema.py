"""The rules of run.json and of a line of epochs.jsonl: the JSON Schemas that the program is checked by, and what they
cannot say. The sentences are the program's."""

from __future__ import annotations

import json
import math
import re
from functools import cache
from importlib import resources
from typing import Any

__all__ = ["NAME_LENGTH", "Invalid", "check_header", "check_record", "most_probe_images"]

Path = tuple[str | int, ...]
#: Characters of a name that readers keep.
NAME_LENGTH = 200
RUN_FORMAT = 2


class Invalid(ValueError):
    """A value that is not as the format has it: ``network.layers[0].units is missing; it must be ...``."""

    def __init__(self, path: Path, problem: str) -> None:
        way = "".join(f"[{one}]" if isinstance(one, int) else f".{one}" if at else one for at, one in enumerate(path))
        super().__init__(f"{way or 'its content'} {problem}")


@cache
def _schema(name: str) -> dict[str, Any]:
    text = resources.files(__package__).joinpath("schemas").joinpath(f"{name}.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def most_probe_images() -> int:
    """How many images a probe may have."""
    labels = _inner(_inner(_schema("run")["properties"]["probe"])["properties"]["labels"])
    return int(labels["maxItems"])


def check_header(header: Any) -> None:
    """Checks run.json.

    :raises Invalid: naming the field
    """
    form = header.get("format") if isinstance(header, dict) else None
    if isinstance(form, int) and form > RUN_FORMAT:
        raise Invalid((), f"is of format {form}; this package knows formats up to {RUN_FORMAT}")
    _check(header, _schema("run"), ())
    layers = header["network"]["layers"]
    names: set[str] = set()
    for place, layer in enumerate(layers):
        path: Path = ("network", "layers", place)
        index = layer.get("index")
        if index is not None and index != place + 1:
            raise Invalid((*path, "index"), f"is {index}, not {place + 1}: layers are numbered from 1 in order")
        if layer["name"] in names:
            raise Invalid((*path, "name"), f'repeats "{layer["name"]}"')
        names.add(layer["name"])
        span = layer.get("range")
        if span and span[0] >= span[1]:
            raise Invalid((*path, "range"), "does not begin below its end")
    probe = header.get("probe") or {}
    labels = probe.get("labels")
    classes = (header.get("dataset") or {}).get("classes") or []
    if labels and classes:
        for place, label in enumerate(labels):
            if label >= len(classes):
                raise Invalid(("probe", "labels", place), f"is {label}, not 0 to {len(classes) - 1}")
    indices = probe.get("indices")
    if labels and indices is not None and len(indices) != len(labels):
        problem = f"has {len(indices)} entries where probe.labels has {len(labels)}"
        raise Invalid(("probe", "indices"), problem)


def check_record(record: Any, header: dict[str, Any], where: str) -> None:
    """Checks a line of epochs.jsonl of a run.

    :param where: ``line 3``
    :raises Invalid: naming line and field
    """
    epoch, step = _schema("run-record")["anyOf"]
    _check(record, step if header.get("clock") == "step" else epoch, (where,))
    layers = len(header["network"]["layers"])
    for metric, values in (record.get("layers") or {}).items():
        if len(values) != layers:
            raise Invalid((where,), f"has {len(values)} values of {metric}, not {layers}")


def _inner(schema: dict[str, Any]) -> dict[str, Any]:
    """What a field that may be left out is otherwise."""
    choices = schema.get("anyOf", [])
    inner: dict[str, Any] = choices[0] if len(choices) == 2 and choices[1] == {"type": "null"} else schema
    return inner


_TYPES: dict[str, tuple[type, ...]] = {
    **{"object": (dict,), "array": (list, tuple), "string": (str,), "boolean": (bool,), "null": (type(None),)},
    **{"integer": (int, float), "number": (int, float)},
}


def _check(value: Any, schema: dict[str, Any], path: Path) -> None:
    problem = _problem(value, schema)
    if problem:
        raise Invalid(path, problem)
    alternatives = schema.get("anyOf") or schema.get("oneOf")
    if alternatives:
        # What is inside is said of the one that has its type.
        _check(value, next((one for one in alternatives if not _problem(value, one)), alternatives[0]), path)
    elif isinstance(value, dict):
        for name in schema.get("required", []):
            if name not in value:
                raise Invalid((*path, name), f"is missing; it must be {_words(schema['properties'][name])}")
        named = schema.get("properties", {})
        for name, one in value.items():
            inside = named.get(name) or schema.get("additionalProperties")
            if isinstance(inside, dict):
                _check(one, inside, (*path, name))
    elif isinstance(value, (list, tuple)) and "items" in schema:
        for place, one in enumerate(value):
            _check(one, schema["items"], (*path, place))


def _problem(value: Any, schema: dict[str, Any]) -> str | None:
    """What is wrong with a value itself, not with what is in it."""
    return None if _fits(value, schema) else f"must be {_words(schema)}; it is {_shown(value)}"


def _fits(value: Any, schema: dict[str, Any]) -> bool:
    alternatives = schema.get("anyOf") or schema.get("oneOf")
    if alternatives:
        return any(_fits(value, one) for one in alternatives)
    if "enum" in schema:
        return value in schema["enum"]
    kind: str = schema["type"]
    given: Any = value
    if not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean"):
        return False
    if kind in ("integer", "number"):
        return _is_within(given, schema, whole=kind == "integer")
    size = len(given) if kind in ("array", "object", "string") else 0
    low, high = {"array": ("minItems", "maxItems"), "string": ("", "maxLength")}.get(kind, ("", "maxProperties"))
    if not schema.get(low, 0) <= size <= schema.get(high, math.inf):
        return False
    return kind != "string" or "pattern" not in schema or re.search(schema["pattern"], given) is not None


def _is_within(value: float, schema: dict[str, Any], *, whole: bool) -> bool:
    if not math.isfinite(value) or (whole and value != int(value)):
        return False
    low, high = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
    above, below = schema.get("exclusiveMinimum", -math.inf), schema.get("exclusiveMaximum", math.inf)
    return bool(low <= value <= high and above < value < below)


def _words(schema: dict[str, Any]) -> str:
    """What a schema asks for, to be read after `must be`."""
    schema = _inner(schema)
    if "anyOf" in schema or "oneOf" in schema:
        return _listed([_words(one) for one in schema.get("anyOf") or schema["oneOf"]])
    if "enum" in schema:
        return _listed([f'"{one}"' for one in schema["enum"]])
    kind: str = schema["type"]
    if kind in ("integer", "number"):
        return _number_words(schema, "whole number" if kind == "integer" else "number")
    if kind == "array":
        low, high = schema["minItems"], schema["maxItems"]
        return f"a list of {'' if low == high else f'{low} to '}{high}, each {_words(schema['items'])}"
    if kind == "object":
        names = list(schema.get("properties", {}))
        return f"an object with {_listed(names, 'and')}" if names else "an object"
    return {"string": "a text", "boolean": "true or false"}.get(kind, kind)


def _number_words(schema: dict[str, Any], noun: str) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    begin = f" above {above}" if above is not None else f" from {low}" if low is not None else ""
    end = f" below {below}" if below is not None else f" to {high}" if high is not None else ""
    return f"a {noun}{begin}{end}"


def _listed(words: list[str], last: str = "or") -> str:
    return f"{', '.join(words[:-1])} {last} {words[-1]}" if len(words) > 1 else "".join(words)


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return json.dumps(value[:60], ensure_ascii=False)
    if isinstance(value, (list, tuple)):
        return f"a list of {len(value)}"
    return "an object" if isinstance(value, dict) else json.dumps(value) if value is None else str(value)[:60]
