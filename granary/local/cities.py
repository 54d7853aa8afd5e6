"""Bringing a catalogue folder into force as a city: partition, tokens, catalogue, register."""

import hashlib
from dataclasses import astuple, dataclass
from pathlib import Path

from granary.clock import SystemClock
from granary.local.instance import load_instance
from granary.settings import Settings
from granary.wire import RegisterRow
from indicators.catalogue import Catalogue
from storage.control import cities, schema, tokens


@dataclass(frozen=True, slots=True)
class CityFolder:
    """A catalogue folder as read: its name, the catalogue, the register as puts."""

    name: str
    catalogue: Catalogue
    register: list[RegisterRow]

    def digest(self) -> str:
        """Hash of what the folder says; another order of its files' lines may change it."""
        text = self.catalogue.model_dump_json() + repr([astuple(row) for row in self.register])
        return hashlib.sha256(text.encode()).hexdigest()


def read_city(directory: Path) -> CityFolder:
    """Read and check a catalogue folder with its register.

    Raises:
        CatalogueError, RegisterError: everything that is wrong in it.
    """
    from catalog.loader import load
    from catalog.register import read_register

    catalogue = load(directory)
    rows = read_register(directory, catalogue)
    register = [
        RegisterRow(
            row.action,
            row.kind,
            row.code,
            row.name,
            row.grouping,
            row.member,
            row.valid_from,
            row.valid_to,
            row.attributes,
        )
        for row in rows
    ]
    return CityFolder(directory.name, catalogue, register)


def install(settings: Settings, folder: CityFolder) -> None:
    """Assign the city, give every reporter a token once, ask for catalogue and register where they
    differ from what is in force. Safe to repeat; a crash between the steps is made good by the next
    start. A folder that has not changed since the last start asks for nothing: catalogue or
    register may have been loaded from elsewhere meanwhile, and a restart does not undo that.

    1. city and partition (control store, one transaction);
    2. tokens: issued in the control store, their texts kept in `instance.json`; a crash between the
       two leaves a token nobody knows, and the next start issues another;
    3. catalogue, then register, as intents for the log;
    4. the folder's hash, kept in `instance.json`; before it, step 3 is repeated without effect.
    """
    from granary.loads import submit_catalogue, submit_register

    engine = schema.engine(settings.control_url)
    catalogue = folder.catalogue
    with engine.begin() as connection:
        city = cities.assign(connection, catalogue.city.code, catalogue=folder.name)
    instance = load_instance(settings.data)
    known = instance.tokens.setdefault(city.code, {})
    reporters = [reporter.code for reporter in catalogue.reporters]
    with engine.begin() as connection:
        now_ms = SystemClock().now_ms()
        for reporter in (tokens.READER, *reporters):
            secret = known.get(reporter)
            if secret is None or tokens.verify(connection, secret) is None:
                known[reporter] = tokens.issue(connection, city.id, reporter, now_ms)
    instance.save(settings.data)
    digest = folder.digest()
    if instance.installed.get(city.code) == digest:
        return
    submit_catalogue(settings.control_url, city.id, catalogue)
    submit_register(settings.control_url, city.id, folder.register)
    instance.installed[city.code] = digest
    instance.save(settings.data)
