"""docs/catalog.md: every worked file, put together, is a catalogue without fault."""

import re
from pathlib import Path

from catalog.loader import LISTS, MAPPINGS, load
from catalog.register import FILES, read_register

DOCS = Path(__file__).parents[2] / "docs" / "catalog.md"
_WORKED = re.compile(r"^## (\w+)\.yaml.*?^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)
_CSV = re.compile(r"^`(\w+\.csv)`:\n\n```csv\n(.*?)^```", re.MULTILINE | re.DOTALL)
#: What the examples name and a reader would add.
_MORE = {
    "items": """
- {id: 2, code: turnover_prior, name: {zh: 同期, en: Prior}, unit: 万元, decimals: 2, kind: flow}
- {id: 3, code: tax, name: {zh: 税收, en: Tax}, unit: 万元, decimals: 2, kind: flow}
- {id: 4, code: land_m2, name: {zh: 用地, en: Land}, unit: m2, decimals: 2, kind: stock}
- {id: 5, code: tax_per_mu, name: {zh: 亩均, en: Per mu}, unit: 万元/亩, decimals: 2, kind: ratio}
""",
    "tables": """
- {id: 2, code: tax_monthly, name: {zh: 税收, en: Tax}, frequency: month, source: tax, items: [tax],
   purpose: administrative, legal_basis: 示例}
- {id: 3, code: land_annual, name: {zh: 用地, en: Land}, frequency: year, source: district,
   items: [tax, land_m2], purpose: administrative, legal_basis: 示例}
- {id: 4, code: published, name: {zh: 公布, en: Published}, frequency: year, source: district,
   unit_kind: city, items: [tax_per_mu], purpose: administrative, legal_basis: 示例}
""",
    "indicators": """
- {id: 2, code: turnover_sum, name: {zh: 营收, en: Turnover}, unit: 万元, decimals: 2,
   dimension: operation, table: turnover_monthly, numerator: {turnover: 1},
   measures: [ytd, ytd_yoy_same], levels: [city, district]}
- {id: 3, code: high_tech_share, name: {zh: 高技术, en: High-tech}, unit: "%", decimals: 2,
   dimension: innovation, table: turnover_monthly, numerator: {high_tech_turnover: 1},
   denominator: {turnover: 1}, measures: [rolling12], levels: [city, district]}
""",
    "groupings": """
- {id: 2, code: industry, name: {zh: 行业, en: Industry}, partition: true, members: []}
""",
}


def test_the_worked_files_together_are_a_catalogue_without_fault(tmp_path: Path) -> None:
    text = DOCS.read_text(encoding="utf-8")
    worked = dict(_WORKED.findall(text))
    assert set(worked) == {"city", *LISTS, *MAPPINGS}
    for stem, content in worked.items():
        (tmp_path / f"{stem}.yaml").write_text(content + _MORE.get(stem, ""), encoding="utf-8")
    files = dict(_CSV.findall(text))
    assert set(files) == set(FILES)
    for name, content in files.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    catalogue = load(tmp_path)
    assert len(read_register(tmp_path, catalogue)) == 8
