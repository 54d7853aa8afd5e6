"""Writes a catalogue's files as YAML that a person can read."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml


def write_catalogue(folder: Path, content: Mapping[str, Any]) -> None:
    """One YAML file a part."""
    for stem, part in content.items():
        head = "# Made by `granary simulate city`. Zones, enterprises and values are invented.\n"
        text = yaml.dump(
            part, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=160,
            default_flow_style=None,
        )  # fmt: skip
        (folder / f"{stem}.yaml").write_text(head + text, encoding="utf-8")


class _Dumper(yaml.SafeDumper):
    """Writes texts that are numbers without quotes: the loader reads every scalar as text."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


_INTEGER, _DECIMAL = re.compile(r"-?(0|[1-9]\d*)"), re.compile(r"-?\d+\.\d+")


def _scalar(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    for pattern, tag in ((_INTEGER, "int"), (_DECIMAL, "float")):
        if pattern.fullmatch(text):
            return dumper.represent_scalar(f"tag:yaml.org,2002:{tag}", text)
    if text in ("true", "false"):
        return dumper.represent_scalar("tag:yaml.org,2002:bool", text)
    return dumper.represent_scalar("tag:yaml.org,2002:str", text)


_Dumper.add_representer(str, _scalar)
