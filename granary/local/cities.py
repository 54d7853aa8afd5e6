"""Bringing a catalogue folder into force as a city: partition, tokens, catalogue, register."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from catalog.changes import RegisterRow, row_fields
from granary.clock import SystemClock
from granary.local.instance import changing, load_instance
from granary.settings import Settings
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
        text = self.catalogue.model_dump_json() + repr([row_fields(row) for row in self.register])
        return hashlib.sha256(text.encode()).hexdigest()


def read_city(directory: Path) -> CityFolder:
    """Read and check a catalogue folder with its register.

    Raises:
        CatalogueError, RegisterError: everything that is wrong in it.
    """
    from catalog.loader import load
    from catalog.register import read_register

    catalogue = load(directory)
    return CityFolder(directory.name, catalogue, read_register(directory, catalogue))


def install(settings: Settings, folder: CityFolder) -> str:
    """Assign the city, give every reporter a token once, ask for catalogue and register where they
    differ from what is in force. Safe to repeat; a crash between the steps is made good by the next
    start. A folder that has not changed since the last start asks for nothing: catalogue or
    register may have been loaded from elsewhere meanwhile, and a restart does not undo that. Nor
    does it for a folder whose catalogue is older than the one in force: the answer is then a
    sentence to warn with, otherwise it is empty.

    1. city and partition (control store, one transaction);
    2. tokens: issued in the control store, their texts kept in `instance.json`; a crash between the
       two leaves a token nobody knows, and the next start issues another;
    3. catalogue, then register, as intents for the log;
    4. the folder's hash, kept in `instance.json`; before it, step 3 is repeated without effect.

    Raises:
        CatalogueChangeError: the folder's catalogue differs under the version in force.
    """
    from granary.loads import catalogue_in_force, submit_catalogue, submit_register

    catalogue = folder.catalogue
    with schema.engine(settings.control_url).begin() as connection:
        city = cities.assign(connection, catalogue.city.code, catalogue=folder.name)
        in_force = catalogue_in_force(connection, city.id)
    outdated = in_force is not None and catalogue.version < in_force.version
    newest = in_force if in_force is not None and outdated else catalogue
    _give_tokens(settings, city, [reporter.code for reporter in newest.reporters])
    digest = folder.digest()
    if load_instance(settings.data).installed.get(city.code) == digest:
        return ""
    if outdated:
        return (
            f"the folder {folder.name} has changed, but holds version {catalogue.version} of"
            f" {city.code}; version {newest.version} stays in force and nothing of the folder is"
            " loaded. Raise `version` in its city.yaml, or start with the newer folder."
        )
    submit_catalogue(settings.control_url, city.id, catalogue)
    submit_register(settings.control_url, city.id, folder.register)
    with changing(settings.data) as instance:
        instance.installed[city.code] = digest
    return ""


def _give_tokens(settings: Settings, city: cities.City, reporters: Sequence[str]) -> None:
    """One for each reporter that has none in force, and one that reads the whole city."""
    now_ms = SystemClock().now_ms()
    with changing(settings.data) as instance:
        known = instance.tokens.setdefault(city.code, {})
        with schema.engine(settings.control_url).begin() as connection:
            for reporter in (tokens.READER, *reporters):
                secret = known.get(reporter)
                if secret is None or tokens.verify(connection, secret) is None:
                    known[reporter] = tokens.issue(connection, city.id, reporter, now_ms)
