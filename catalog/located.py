"""YAML read as text, with the line of every value.

Scalars stay text, as written, until the models give them a type: `NO`, `01`, `1e3` and `2019-01-01`
are codes, not booleans or dates, and `0.0015` becomes an exact fraction, never a binary float. An
empty value, `~` and `null` are None. Nothing is constructed: tags, anchors and duplicate keys are
faults.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from catalog.errors import Fault

Place = tuple[str | int, ...]
_PLAIN_TAGS = {
    f"tag:yaml.org,2002:{name}"
    for name in ("map", "seq", "str", "int", "float", "bool", "null", "timestamp", "merge", "value")
}
_NULLS = {"", "~", "null", "Null", "NULL"}


@dataclass(slots=True)
class Located:
    """A file's content (dict, list, str, None), the line of each place in it, and its faults."""

    file: str
    content: Any = None
    lines: dict[Place, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def line(self, place: Place) -> int:
        """Line of the place, or of the nearest one around it that is in the file."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def find(self, line: int, where: str, en: str, zh: str) -> None:
        self.faults.append(Fault(self.file, line, where, en, zh))


def read_located(path: Path) -> Located:
    """Read one YAML file. Never raises for what is in it: what is wrong is in `faults`.

    Raises:
        OSError: the file cannot be read.
    """
    located = Located(path.name)
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        located.find(line, "", "the file is not UTF-8", "文件不是UTF-8编码")
        return located
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):
                line = event.start_mark.line + 1 if event.start_mark else 1
                located.find(line, "", "an alias (*…) is not allowed", "不允许使用别名(*…)")
                return located
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = error.problem or error.context or "cannot be read"
        line = mark.line + 1 if mark else 1
        located.find(line, "", f"not YAML: {problem}", "不是合法的YAML")
        return located
    except yaml.YAMLError as error:
        located.find(1, "", f"not YAML: {error}", "不是合法的YAML")
        return located
    if node is not None:
        located.content = _content(node, (), located)
    return located


def _content(node: Node, place: Place, located: Located) -> Any:
    line = _line(node)
    located.lines.setdefault(place, line)
    if node.tag not in _PLAIN_TAGS:
        located.find(line, _dotted(place), f"tag {node.tag!r} is not allowed", "不允许使用标签")
    if isinstance(node, SequenceNode):
        return [_content(child, (*place, at), located) for at, child in enumerate(node.value)]
    if isinstance(node, MappingNode):
        return _mapping(node, place, located)
    return _text(node)


def _mapping(node: MappingNode, place: Place, located: Located) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = _line(key_node)
        if not isinstance(key_node, ScalarNode):
            located.find(line, _dotted(place), "a key must be plain text", "键必须是文本")
            continue
        key: str = key_node.value
        inner = (*place, key)
        if key in found:
            first = located.lines[inner]
            located.find(
                line,
                _dotted(inner),
                f"the key is here twice (first on line {first})",
                f"键重复(首次出现在第{first}行)",
            )
            continue
        located.lines[inner] = line
        found[key] = _content(value_node, inner, located)
    return found


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1


def _text(node: Node) -> str | None:
    plain = getattr(node, "style", None) is None
    text = str(node.value)
    return None if plain and text in _NULLS else text


def _dotted(place: Place) -> str:
    return ".".join(str(part) for part in place)
