"""Land of the zones' sample: parcels, who owns, rents and uses them, and who let what to whom.

Every parcel is owned by some enterprises of its zone; on each the first one lets a tenth of its
land to another. Areas in 0.01 m². Planted for 2025, and named by the findings they must bring:

- of lease RLZ011-1 the tenant tells 50 m² less than the lessor, so that LZ011 is not wholly used
- enterprise 10 tells 300 m² let too much, 31 nothing rented, 42 1,000 m² owned too much
- parcel LZ062 is told 500 m² too large; of a share of the shared building on LZ032 the floor is
  10 % too much; by lease RLZ053-2 enterprise 46 lets to itself
- for 2024 LZ054 is not told as overdue
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from granary.demo.zones_city import LANDLESS, YEARS, ZONES, Enterprise, csv_text, decimal_text

#: Places of a zone's ten enterprises on its four parcels.
_HOSTED: Final = ((0, 1, 2), (3, 4, 5), (6, 7), (8, 9))
#: Parcels with one building that their enterprises share by floor.
SHARED_BUILDINGS: Final = ("LZ013", "LZ032")
TWO_SIDES, TO_ITSELF, OVERDUE_UNTOLD = "RLZ011-1", "RLZ053-2", "LZ054"
TOO_LARGE, TOO_MUCH_FLOOR = "LZ062", ("LZ032", 24)
#: The old tenant of LZ022 left at the start of 2025, another came.
_TENANT_LEFT = "LZ022"
LET_TOO_MUCH, RENTED_UNTOLD, OWNED_TOO_MUCH = 10, 31, 42


@dataclass(frozen=True, slots=True)
class Lease:
    """Land let by an enterprise to another, places of both; in force in years [first, last]."""

    code: str
    parcel: str
    lessor: int
    lessee: int
    area: int
    first: int = 0
    last: int = 9999

    def rented(self, year: int) -> int:
        """What the tenant tells."""
        return self.area - (5_000 if self.code == TWO_SIDES and year == 2025 else 0)


class Land:
    """Who owns what, from which everything else follows."""

    def __init__(self, firms: Sequence[Enterprise]) -> None:
        self._firms = firms
        self.hosted: dict[str, list[int]] = {
            parcel_code(zone, number): [10 * place + at for at in hosted]
            for place, (zone, *_) in enumerate(ZONES)
            for number, hosted in enumerate(_HOSTED)
        }
        self.leases = list(self._let())

    def owned(self, at: int) -> int:
        """Land of the enterprise at this place."""
        return 0 if at == LANDLESS else self._firms[at].size * 700

    def _let(self) -> Iterator[Lease]:
        for parcel, hosted in self.hosted.items():
            lessor, *others = hosted
            tenants = [at for at in others if at != LANDLESS]
            area = self.owned(lessor) // 10
            if parcel == _TENANT_LEFT:
                yield Lease(f"R{parcel}-1", parcel, lessor, tenants[0], area, last=2024)
                yield Lease(f"R{parcel}-2", parcel, lessor, tenants[1], area, first=2025)
                continue
            yield Lease(f"R{parcel}-1", parcel, lessor, tenants[0], area)
            if f"R{parcel}-2" == TO_ITSELF:
                yield Lease(TO_ITSELF, parcel, lessor, lessor, 40_000, first=2025)

    def in_force(self, year: int) -> list[Lease]:
        return [one for one in self.leases if one.first <= year <= one.last]

    def rents(self, at: int, year: int) -> tuple[int, int]:
        """(rented in, rented out) of an enterprise."""
        leases = self.in_force(year)
        return (
            sum(one.rented(year) for one in leases if one.lessee == at),
            sum(one.area for one in leases if one.lessor == at),
        )

    def told(self, at: int, year: int) -> tuple[int, int, int, int]:
        """What land_annual says: own, rented in, rented out, in use."""
        own, (rented_in, rented_out) = self.owned(at), self.rents(at, year)
        if year == 2025:
            own += 100_000 if at == OWNED_TOO_MUCH else 0
            rented_in = 0 if at == RENTED_UNTOLD else rented_in
            rented_out += 30_000 if at == LET_TOO_MUCH else 0
        return own, rented_in, rented_out, own + rented_in - rented_out

    def area(self, parcel: str) -> int:
        return sum(self.owned(at) for at in self.hosted[parcel])

    def built(self, parcel: str, year: int) -> int:
        number = int(parcel[-1]) - 1
        return 0 if number == 3 and year == YEARS[0] else self.area(parcel) * (5 + number) // 10

    def shares(self) -> Iterator[tuple[str, str, int]]:
        """(code, parcel, place of the enterprise)."""
        for parcel, hosted in self.hosted.items():
            for at in hosted:
                if at != LANDLESS:
                    yield share_code(parcel, at), parcel, at


def parcel_code(zone: str, number: int) -> str:
    return f"L{zone}{number + 1}"


def share_code(parcel: str, at: int) -> str:
    """Code of what the enterprise at this place has of the parcel."""
    return f"S{parcel}-{at + 1:02d}"


def land_units(
    firms: Sequence[Enterprise], land: Land
) -> Iterator[tuple[str, str, str, Mapping[str, str]]]:
    """(kind, code, name, attributes) of shares and leases; parcels are the register's own."""
    for code, parcel, at in land.shares():
        split = {"split": "floor"} if parcel in SHARED_BUILDINGS else {}
        name = f"示例地块份额{parcel}-{at + 1:02d}"
        yield "land_share", code, name, {"parcel": parcel, "enterprise": firms[at].code, **split}
    for one in land.leases:
        term = {
            "listed_from": f"{one.first}-01-01" if one.first else "",
            "listed_to": f"{one.last + 1}-01-01" if one.last != 9999 else "",
        }
        parties = {"lessor": firms[one.lessor].code, "lessee": firms[one.lessee].code}
        yield "lease", one.code, f"示例租赁{one.code}", {"parcel": one.parcel, **parties, **term}


def land_files(land: Land) -> dict[str, str]:
    """Table → text of the files about parcels, shares and leases."""
    parcels: list[Sequence[object]] = []
    shares: list[Sequence[object]] = []
    leases: list[Sequence[object]] = []
    for year in YEARS:
        for parcel in land.hosted:
            built = land.built(parcel, year)
            area = land.area(parcel) + (50_000 if (parcel, year) == (TOO_LARGE, 2025) else 0)
            overdue = parcel[-1] == "4" and (parcel, year) != (OVERDUE_UNTOLD, 2024)
            areas = (decimal_text(value, 2) for value in (area, built, 2 * built))
            parcels.append((parcel, year, *areas, int(overdue)))
        for code, parcel, at in land.shares():
            rented_in, rented_out = land.rents(at, year)
            used = land.owned(at) + rented_in - rented_out
            floor = used * 2 * land.built(parcel, year) // land.area(parcel)
            if (parcel, at, year) == (*TOO_MUCH_FLOOR, 2025):
                floor = floor * 11 // 10
            told = (land.owned(at), rented_in, rented_out, used, floor)
            shares.append((code, year, *(decimal_text(value, 2) for value in told)))
        leases += [
            (one.code, year, decimal_text(one.area, 2), decimal_text(one.rented(year), 2))
            for one in land.in_force(year)
        ]
    return {
        "parcel_annual": csv_text(
            ("unit", "period", "parcel_area", "parcel_built", "parcel_floor", "parcel_overdue"),
            parcels),
        "land_share_annual": csv_text(
            ("unit", "period", "share_owned", "share_rented_in", "share_rented_out", "share_used",
             "share_floor"), shares),
        "lease_annual": csv_text(("unit", "period", "let_area", "rented_area"), leases),
    }  # fmt: skip
