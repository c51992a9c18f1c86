"""How money, sizes and shares are worded for people, in the active language: «1 234,56 €», «1,7 cœur», «2,4 Gio»."""

from decimal import Decimal

from django.template.defaultfilters import filesizeformat
from django.utils.formats import number_format
from django.utils.html import avoid_wrapping
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from civiparoisse.presentation import NOTHING

SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "CHF": "CHF"}
CENT = Decimal("0.01")


def format_money(amount: Decimal | None, currency: str = "EUR") -> str:
    """Return an amount with its currency, «1 234,56 €»; a dash for None. What is less than a cent keeps two digits
    that count, so that nothing that costs something shows as 0,00 €."""
    if amount is None:
        return NOTHING
    decimals = 2
    if amount and abs(amount) < CENT:
        decimals = max(2, 1 - amount.adjusted())
    digits = number_format(round(amount, decimals), decimal_pos=decimals, use_l10n=True, force_grouping=True)
    return avoid_wrapping(f"{digits} {SYMBOLS.get(currency, currency)}")


def format_signed_money(amount: Decimal | None, currency: str = "EUR") -> str:
    """Return a difference with its sign, «+12,00 €» or «−3,50 €»; a dash for None."""
    if amount is None:
        return NOTHING
    sign = "+" if amount > 0 else "−" if amount < 0 else ""
    return f"{sign}{format_money(abs(amount), currency)}"


def format_cores(millicores: int | Decimal | None) -> str:
    """Return CPU in cores, «1,7 cœur»; a dash for None."""
    if millicores is None:
        return NOTHING
    cores = Decimal(millicores) / 1000
    text = number_format(_trim(cores, 3), use_l10n=True, force_grouping=True)
    # The plural follows the language's own rule, which counts 1.7 as one in French.
    return avoid_wrapping(ngettext("%(cores)s core", "%(cores)s cores", _count(cores)) % {"cores": text})


def format_bytes(count: int | Decimal | None) -> str:
    """Return bytes in powers of 1024, «2,4 Gio»; a dash for None."""
    return NOTHING if count is None else filesizeformat(int(count))


def format_percent(share: Decimal | float | None, *, decimals: int = 0) -> str:
    """Return a share (0 to 1) as «42 %»; «no data» for None, which is not 0 %."""
    if share is None:
        return _("no data")
    digits = number_format(round(Decimal(share) * 100, decimals), decimal_pos=decimals, use_l10n=True)
    return avoid_wrapping(_("%(percent)s %%") % {"percent": digits})


def format_number(value: Decimal | int | float | None, *, decimals: int = 2) -> str:
    """Return a number with at most so many decimals; a dash for None."""
    if value is None:
        return NOTHING
    return number_format(_trim(Decimal(str(value)), decimals), use_l10n=True, force_grouping=True)


def format_quantity(value: Decimal, unit: str) -> str:
    """Return a quantity with its unit, «12,5 Gio-h». What is small keeps two digits that count, so that nothing that
    was held shows as 0."""
    decimals = 2
    if value and abs(value) < CENT:
        decimals = max(2, 1 - value.adjusted())
    return avoid_wrapping(f"{format_number(value, decimals=decimals)} {unit}")


def _trim(value: Decimal, decimals: int) -> Decimal:
    """Return `value` rounded, without zeros that say nothing (and without an exponent)."""
    rounded = round(value, decimals).normalize()
    return rounded if rounded.as_tuple().exponent <= 0 else rounded.quantize(Decimal(1))  # type: ignore[operator]


def _count(cores: Decimal) -> int:
    """Return the whole number whose plural `cores` takes: below two, one; English says 1.7 cores."""
    return 1 if cores == 1 else int(cores.to_integral_value(rounding="ROUND_FLOOR")) if cores >= 2 else 0
