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
