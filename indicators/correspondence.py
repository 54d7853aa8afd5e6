"""Keys of departments (部门主键): which unit a 户号, 不动产单元号 or old registration number is.

A department knows a unit by keys of its own. The register says which unit a key belongs to and from
when to when; one unit may have several keys of a scheme, a key belongs to one unit at a time.
Everything holds as of a period's last day, as memberships do.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

import numpy as np

from indicators.arrays import Flags, Ids, Index
from indicators.modelling import Code, Model, Name
from indicators.register_fold import KEY_PREFIX

if TYPE_CHECKING:
    from indicators.catalogue import Catalogue
    from indicators.register import Register

#: Kind of units that feeds bring and that no table may be about.
CANDIDATE: Final = "candidate"


class KeyScheme(Model):
    """correspondences.yaml: a department's way to name units; `source` is who keeps the keys."""

    code: Code
    name: Name
    unit_kind: Code = "enterprise"
    source: Code


def scheme_faults(catalogue: "Catalogue") -> Iterator[str]:
    """Faults of the schemes, and of tables whose units are named by them: `path: sentence`."""
    kinds = {table.unit_kind for table in catalogue.tables}
    kinds |= {kind for grouping in catalogue.groupings for kind in grouping.unit_kinds}
    for position, scheme in enumerate(catalogue.correspondences):
        at = f"correspondences.{position}"
        if scheme.source not in catalogue.source:
            yield f"{at}.source: no source {scheme.source!r}"
        if scheme.code in kinds | {CANDIDATE, scheme.unit_kind}:
            yield f"{at}.code: {scheme.code!r} is a kind of unit already"
    for position, table in enumerate(catalogue.tables):
        if table.keys is None:
            continue
        named = catalogue.scheme.get(table.keys)
        if named is None:
            yield f"tables.{position}.keys: no scheme of keys {table.keys!r}"
        elif named.unit_kind != table.unit_kind:
            yield (
                f"tables.{position}.keys: keys of {named.code!r} are those of {named.unit_kind!r},"
                f" the table is about {table.unit_kind!r}"
            )


class Correspondence:
    """Every key of one scheme that the register knows, and its unit at a period.

    Of one state of the register, which must not change meanwhile. `keys` are (keys,) codes.
    """

    def __init__(
        self, register: "Register", scheme: KeyScheme, key_id: Callable[[str, str], int]
    ) -> None:
        """`key_id` as the register was made with: (scheme, key) → 64-bit id."""
        self.scheme = scheme
        self._register = register
        self._key_id = key_id
        spans = register.spans(scheme.unit_kind, KEY_PREFIX + scheme.code)
        self.keys = list(dict.fromkeys(span.member for span in spans))
        self._ids: Ids = np.array([self.id_of(key) for key in self.keys], np.uint64)
        self._owners: dict[int, Index] = {}

    def id_of(self, key: str) -> int:
        """The id under which the key is stored where it has no unit."""
        return self._key_id(self.scheme.code, key)

    def free(self, key_ids: Ids) -> Flags:
        """(n,) whether a key's id is no unit's too, as 64 bits allow."""
        taken = np.zeros(len(key_ids), bool)
        for kind in self._register.kinds():
            if kind != self.scheme.code:
                taken |= self._register.index_of_any(kind, key_ids) >= 0
        return ~taken

    def named(self, key_ids: Ids) -> Flags:
        """(n,) whether the register has the key as a thing of its own, so that it can be shown."""
        return self._register.index_of_any(self.scheme.code, key_ids) >= 0

    def unit_of(self, key_ids: Ids, period: int) -> Index:
        """(n,) index of the unit of each key at the period; -1 where it has none."""
        kind, scheme = self.scheme.unit_kind, self.scheme.code
        return self._register.unit_of_keys(kind, scheme, key_ids, period)

    def how_many(self, period: int) -> Index:
        """(units,) keys that each unit has at the period."""
        owners = self._owners_at(period)
        size = self._register.size(self.scheme.unit_kind)
        return np.bincount(owners[owners >= 0], minlength=size).astype(np.int32)

    def keys_of(self, unit: int, period: int) -> list[str]:
        """Keys of the unit at the period."""
        return [self.keys[at] for at in np.flatnonzero(self._owners_at(period) == unit)]

    def unit_codes(self, units: Index) -> list[str]:
        """Codes of units by index."""
        codes = self._register.codes(self.scheme.unit_kind)
        return [codes[at] for at in units.tolist()]

    def unit_ids(self, units: Index) -> Ids:
        """(n,) stored ids of units by index."""
        return self._register.ids(self.scheme.unit_kind)[units]

    def _owners_at(self, period: int) -> Index:
        """(keys,) index of the unit of every known key."""
        found = self._owners.get(period)
        if found is None:
            found = self._owners[period] = self.unit_of(self._ids, period)
        return found
