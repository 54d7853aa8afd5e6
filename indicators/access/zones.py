"""Zones as access policies see them: their types, and the names people give both."""

from typing import TYPE_CHECKING

from indicators.access.models import Access

if TYPE_CHECKING:
    from indicators.catalogue import Catalogue


def zone_types(catalogue: "Catalogue", policy: Access) -> dict[str, str]:
    """Zone → its type, for the zones of the policy's grouping that have one."""
    grouping = catalogue.grouping.get(policy.zone_grouping)
    members = grouping.members if grouping is not None else []
    return {member.code: member.type for member in members if member.type}


def gone(catalogue: "Catalogue", policy: Access) -> dict[str, tuple[str, ...]]:
    """Zones that are on no day of the policy's year → their successors, as far as they have any."""
    grouping = catalogue.grouping.get(policy.zone_grouping)
    first, last = f"{policy.year}-01-01", f"{policy.year}-12-31"
    return {
        member.code: tuple(member.successors)
        for member in (grouping.members if grouping is not None else [])
        if (member.valid_to is not None and member.valid_to <= first)
        or (member.valid_from is not None and member.valid_from > last)
    }
