"""One sheet for the tests of every format, with a name that would harm a spreadsheet."""

from decimal import Decimal

from finops.exports.sheets import Column, ColumnKind, Sheet

COLUMNS = (
    Column(name="tenant", label="Paroisse"),
    Column(name="total", label="Total", kind=ColumnKind.MONEY),
    Column(name="cpu_cores", label="CPU", kind=ColumnKind.NUMBER),
    Column(name="efficiency", label="Efficacité", kind=ColumnKind.SHARE),
    Column(name="backup_bytes", label="Sauvegardes", kind=ColumnKind.BYTES),
)


def make_sheet(**changes: object) -> Sheet:
    values: dict[str, object] = {
        "title": "Coûts [mars 2026]",
        "columns": COLUMNS,
        "rows": [
            ("Paroisse Saint-Paul d'Étupes", Decimal("1234.56"), Decimal("1.7"), Decimal("0.425"), 1536 * 1024**2),
            ('=HYPERLINK("x")', Decimal("0.00042"), Decimal("0E-7"), None, None),
        ],
        "total": ("Total", Decimal("1234.56042"), Decimal("1.7"), None, 1536 * 1024**2),
        "notes": ("Prix fictifs.",),
    }
    return Sheet(**{**values, **changes})  # type: ignore[arg-type]
