"""Reads a city's folder of YAML files into the catalogue's models; lists every fault it finds.

Files: city, sources, groupings, items, tables, reporters, indicators; those in `OPTIONAL` may be
absent. The format is described in docs/catalog.md.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, Field, ValidationError

from catalog.checks import Problem, whole_problems
from catalog.errors import CatalogueError, Fault
from catalog.located import Located, Place, read_located
from catalog.wording import in_chinese, wording
from indicators.access.models import Access
from indicators.anomaly_rules import AnomalyRule
from indicators.catalogue import Catalogue, City, Due, Grouping, Indicator, Reporter, Source, Table
from indicators.checks.rules import CheckRule
from indicators.correspondence import KeyScheme
from indicators.frame.models import Frame
from indicators.items import Deflator, Derived, Item
from indicators.modelling import Code, Name
from indicators.policies.models import Assessment, Index, Target
from indicators.register_tables import RegisterTable


class CityFile(City):
    """city.yaml: the city, the catalogue's version, and the groupings that are crossed."""

    version: Annotated[int, Field(ge=1)]
    crosses: list[tuple[Code, Code]] = Field(default_factory=list)


#: Files that hold a list of entries, each of this model.
LISTS: Final[dict[str, type[BaseModel]]] = {
    "sources": Source,
    "groupings": Grouping,
    "items": Item,
    "tables": Table,
    "reporters": Reporter,
    "indicators": Indicator,
    "derived": Derived,
    "deflators": Deflator,
    "indices": Index,
    "targets": Target,
    "assessments": Assessment,
    "calendar": Due,
    "anomalies": AnomalyRule,
    "checks": CheckRule,
    "correspondences": KeyScheme,
    "access": Access,
    "register_tables": RegisterTable,
}
#: Optional files that hold one mapping, each of this model.
MAPPINGS: Final[dict[str, type[BaseModel]]] = {"frame": Frame}
OPTIONAL: Final = frozenset(
    {
        "derived",
        "deflators",
        "indices",
        "targets",
        "assessments",
        "calendar",
        "anomalies",
        "checks",
        "correspondences",
        "access",
        "register_tables",
    }
)


def load(directory: Path) -> Catalogue:
    """The catalogue in `directory`.

    Raises:
        CatalogueError: anything is wrong; every fault is listed with file, line and field.
    """
    folder = _read(directory)
    catalogue = _whole(folder)
    if folder.faults or catalogue is None:
        raise CatalogueError(f"the catalogue in {directory} has faults:", folder.faults)
    return catalogue


@dataclass(slots=True)
class _Folder:
    """What was read: located files, entries that are good by themselves, faults so far."""

    files: dict[str, Located] = field(default_factory=dict)
    city: CityFile | None = None
    good: dict[str, list[BaseModel]] = field(default_factory=dict)
    positions: dict[str, list[int]] = field(default_factory=dict)  # of the good ones in the file
    mappings: dict[str, BaseModel | None] = field(default_factory=dict)
    bad_codes: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)

    def find(self, stem: str, place: Place, en: str, zh: str) -> None:
        located = self.files.get(stem)
        line = located.line(place) if located else 0
        text = ".".join(str(part) for part in place)
        self.faults.append(Fault(f"{stem}.yaml", line, text, en, zh))


def _read(directory: Path) -> _Folder:
    folder = _Folder()
    if not directory.is_dir():
        raise CatalogueError(
            f"{directory} is no folder:",
            [Fault(str(directory), 0, "", "no such folder", "无此目录")],
        )
    stems = {"city", *LISTS, *MAPPINGS}
    for path in sorted([*directory.glob("*.yaml"), *directory.glob("*.yml")]):
        if path.suffix != ".yaml" or path.stem not in stems:
            known = ", ".join(f"{stem}.yaml" for stem in sorted(stems))
            folder.faults.append(
                Fault(
                    path.name, 0, "", f"no such file in a catalogue; there are {known}", "多余文件"
                )
            )
    for stem in ("city", *LISTS):
        path = directory / f"{stem}.yaml"
        if not path.is_file():
            if stem not in OPTIONAL:
                folder.faults.append(Fault(path.name, 0, "", "the file is missing", "缺少文件"))
            continue
        located = folder.files[stem] = read_located(path)
        folder.faults += located.faults
        if stem == "city":
            folder.city = _city(folder, located)
        else:
            _entries(folder, stem, located)
    for stem, model in MAPPINGS.items():
        path = directory / f"{stem}.yaml"
        if path.is_file():
            located = folder.files[stem] = read_located(path)
            folder.faults += located.faults
            folder.mappings[stem] = _mapping(folder, stem, model, located)
    return folder


def _city(folder: _Folder, located: Located) -> CityFile | None:
    try:
        return CityFile.model_validate({} if located.content is None else located.content)
    except ValidationError as error:
        _note(folder, "city", (), located.content, error)
        return None


def _mapping(
    folder: _Folder, stem: str, model: type[BaseModel], located: Located
) -> BaseModel | None:
    try:
        return model.model_validate({} if located.content is None else located.content)
    except ValidationError as error:
        _note(folder, stem, (), located.content, error)
        return None


def _entries(folder: _Folder, stem: str, located: Located) -> None:
    """Validate each entry by itself, so that one bad entry hides no other."""
    content = [] if located.content is None else located.content
    if not isinstance(content, list):
        if not located.faults:
            folder.find(stem, (), "the file must be a list of entries", "文件应为条目列表")
        return
    good = folder.good.setdefault(stem, [])
    positions = folder.positions.setdefault(stem, [])
    for at, entry in enumerate(content):
        try:
            good.append(LISTS[stem].model_validate(entry))
            positions.append(at)
        except ValidationError as error:
            _note(folder, stem, (at,), entry, error)
            if isinstance(entry, dict) and isinstance(entry.get("code"), str):
                folder.bad_codes.add(entry["code"])


def _note(folder: _Folder, stem: str, place: Place, content: Any, error: ValidationError) -> None:
    """Add the faults of one entry; a union's branches come as one fault."""
    seen: set[Place] = set()
    for one in error.errors(include_url=False):
        where = _in_content(content, one["loc"])
        if where in seen:
            continue
        seen.add(where)
        en, zh = wording(one["type"], one["msg"], one.get("ctx", {}))
        folder.find(stem, (*place, *where), en, zh)


def _in_content(content: Any, loc: Sequence[str | int]) -> Place:
    """The error's location less pydantic's names of union branches, which no file has."""
    place: list[str | int] = []
    for step, part in enumerate(loc):
        if isinstance(content, dict):
            if part == "[key]":
                break
            place.append(part)
            if part not in content:
                break
            content = content[part]
        elif isinstance(content, list):
            if not isinstance(part, int):
                continue
            place.append(part)
            if part >= len(content):
                break
            content = content[part]
        elif step == 0:
            break
    return tuple(place)


def _whole(folder: _Folder) -> Catalogue | None:
    """Check the good entries against each other.

    Sentences that name an entry which is already faulty by itself are left out: they would vanish
    with its correction.
    """
    if any(stem not in folder.files and stem not in OPTIONAL for stem in ("city", *LISTS)):
        return None
    city = folder.city
    body = {
        "version": city.version if city else 1,
        "city": City.model_validate(city.model_dump(include=set(City.model_fields)))
        if city
        else _NO_CITY,
        "crosses": city.crosses if city else [],
        **{stem: folder.good.get(stem, []) for stem in LISTS},
        **folder.mappings,
    }
    problems: list[Problem] = []
    catalogue: Catalogue | None = None
    try:
        catalogue = Catalogue.model_validate(body)
    except ValidationError as error:
        for one in error.errors(include_url=False):
            problems += _model_problems(str(one["ctx"]["error"]))
    # The loader's own checks need no faultless catalogue, only its lists.
    unchecked = Catalogue.model_construct(**body)  # type: ignore[arg-type]
    problems += whole_problems(unchecked, city_known=city is not None)
    for place, en, zh in problems:
        if city is None and "crosses" in en:
            continue
        if any(repr(code) in en for code in folder.bad_codes):
            continue
        stem, *rest = place
        if rest and stem in folder.positions and isinstance(rest[0], int):
            rest[0] = folder.positions[str(stem)][rest[0]]
        folder.find(str(stem), tuple(rest), en, zh)
    return None if folder.faults else catalogue


_NO_CITY = City(code="-", name=Name(zh="-", en="-"))


def _model_problems(sentences: str) -> Iterable[Problem]:
    """The model's own sentences about the whole, `stem.position.field: sentence` each."""
    for line in sentences.splitlines():
        path, _, sentence = line.partition(": ")
        place = tuple(int(part) if part.isdigit() else part for part in path.split("."))
        yield place, sentence, in_chinese(sentence)
