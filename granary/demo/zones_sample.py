"""Writes catalog/zones' register and sample data: `python -m granary.demo.zones_sample`.

Everything is invented and follows from one seed, so that a second run writes the same bytes. The
result is committed: small feeds by which every indicator of the catalogue has a figure.
"""

from pathlib import Path

import catalog
from granary.demo.zones_city import enterprises
from granary.demo.zones_land import Land, land_files
from granary.demo.zones_monthly import monthly_files
from granary.demo.zones_projects import project_files, zone_files
from granary.demo.zones_register import register_files
from granary.demo.zones_stages import stage_files
from granary.demo.zones_tasks import task_files
from granary.demo.zones_yearly import yearly_files


def files() -> dict[str, str]:
    """File name, below catalog/zones, → text of register and data."""
    firms = enterprises()
    land = Land(firms)
    data = {
        **monthly_files(firms),
        **yearly_files(firms, land),
        **land_files(land),
        **project_files(),
        **zone_files(),
        **stage_files(),
        **task_files(),
    }
    return {
        **register_files(firms, land),
        **{f"data/{name}.csv": text for name, text in data.items()},
    }


def zones_folder() -> Path:
    """The catalogue folder of the zones' city."""
    return Path(catalog.__file__).parent / "zones"


def main() -> None:
    for name, text in files().items():
        path = zones_folder() / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
