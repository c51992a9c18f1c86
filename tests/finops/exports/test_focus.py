"""The FOCUS file against the specification's own rules for version 1.3, checked independently of what writes it.

The rules are those of the specification (column, type, null allowed, allowed values, products of quantity and price).
The specification's own validator needs another Python: it is asked where CIVIPAROISSE_FOCUS_VALIDATOR names its program
(docs/finops.md), with the rules of the directory CIVIPAROISSE_FOCUS_RULES, or else those that it downloads.
"""

import csv
import io
import json
import os
import re
import subprocess
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finops.calendar import PARIS
from finops.exports.focus import Charge, format_focus_csv
from finops.prices.pricing import CostKind

# Column -> (type, may be null): all mandatory columns of FOCUS 1.3.
MANDATORY = {
    "BilledCost": ("decimal", False),
    "BillingAccountId": ("text", False),
    "BillingAccountName": ("text", True),
    "BillingCurrency": ("currency", False),
    "BillingPeriodEnd": ("time", False),
    "BillingPeriodStart": ("time", False),
    "ChargeCategory": ("text", False),
    "ChargeClass": ("text", True),
    "ChargeDescription": ("text", True),
    "ChargePeriodEnd": ("time", False),
    "ChargePeriodStart": ("time", False),
    "ContractedCost": ("decimal", False),
    "EffectiveCost": ("decimal", False),
    "HostProviderName": ("text", True),
    "InvoiceIssuerName": ("text", False),
    "ListCost": ("decimal", False),
    "PricingQuantity": ("decimal", True),
    "PricingUnit": ("text", True),
    "ProviderName": ("text", False),
    "PublisherName": ("text", False),
    "ServiceCategory": ("text", False),
    "ServiceName": ("text", False),
    "ServiceProviderName": ("text", False),
}
# The columns that depend on what a provider has: ours with values, and those of what we do not have, always null.
FILLED = (
    "BillingAccountType ChargeFrequency ConsumedQuantity ConsumedUnit ContractedUnitPrice ListUnitPrice PricingCategory"
    " PricingCurrency PricingCurrencyContractedUnitPrice PricingCurrencyEffectiveCost PricingCurrencyListUnitPrice"
    " ResourceId ResourceName ResourceType ServiceSubcategory SkuId SkuMeter SkuPriceDetails SkuPriceId SubAccountId"
    " SubAccountName SubAccountType Tags"
).split()
NULL = (
    "AllocatedMethodDetails AllocatedMethodId AllocatedResourceId AllocatedResourceName AllocatedTags AvailabilityZone"
    " CapacityReservationId CapacityReservationStatus CommitmentDiscountCategory CommitmentDiscountId"
    " CommitmentDiscountName CommitmentDiscountQuantity CommitmentDiscountStatus CommitmentDiscountType"
    " CommitmentDiscountUnit ContractApplied InvoiceId RegionId RegionName"
).split()
# What the validator is told that we have.
CRITERIA = (
    "ACCOUNT_NAMING_SUPPORTED,BILLING_BASED_ON_PROVISIONED_RESOURCES_SUPPORTED,PUBLIC_PRICE_LIST_SUPPORTED,"
    "RESOURCE_TYPE_ASSIGNMENT_SUPPORTED,SUB_ACCOUNT_SUPPORTED,TAGGING_SUPPORTED,UNIT_PRICING_SUPPORTED,"
    "USAGE_MEASUREMENT_SUPPORTED"
)
CHARGE_CATEGORIES = {"Usage", "Purchase", "Tax", "Credit", "Adjustment"}
SUBCATEGORIES = {
    "Containers": "Compute",
    "Other (Compute)": "Compute",
    "Block Storage": "Storage",
    "Backup Storage": "Storage",
    "Other (Other)": "Other",
}
PATTERNS = {
    "decimal": re.compile(r"-?[0-9]+(\.[0-9]+)?"),
    "currency": re.compile(r"[A-Z]{3}"),
    "time": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"),
    "text": re.compile(r"\S(.*\S)?", re.DOTALL),
}
START, END = datetime(2026, 3, 1, tzinfo=PARIS), datetime(2026, 4, 1, tzinfo=PARIS)


def make_charge(**changes: object) -> Charge:
    values: dict[str, object] = {
        "period_start": START,
        "period_end": END,
        "charge_start": START,
        "charge_end": END,
        "currency": "EUR",
        "tenant": "saint-paul",
        "tenant_name": 'Paroisse "Saint-Paul" d\'Étupes; Ill',
        "instance": "saint-paul",
        "kind": CostKind.CPU,
        "component": "db",
        "storage_class": "",
        "quantity": Decimal("185.75"),
        "unit": "vCPU-h",
        "exact": Decimal("5.87174325"),
        "amount": Decimal("5.87"),
        "price_sheet": 7,
    }
    return Charge(**{**values, **changes})  # type: ignore[arg-type]


def read(*charges: Charge) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(format_focus_csv(charges))))


def check(row: dict[str, str]) -> None:
    """Assert every rule of the specification that a file can break."""
    for column, (kind, may_be_null) in MANDATORY.items():
        assert column in row, f"{column} is mandatory"
        assert row[column] or may_be_null, f"{column} is null"
        assert not row[column] or PATTERNS[kind].fullmatch(row[column]), f"{column}: {row[column]!r} is no {kind}"
    assert row["ChargeCategory"] in CHARGE_CATEGORIES
    assert row["ChargeClass"] in ("", "Correction")
    assert row["BillingPeriodStart"] <= row["ChargePeriodStart"] < row["ChargePeriodEnd"] <= row["BillingPeriodEnd"]
    assert SUBCATEGORIES[row["ServiceSubcategory"]] == row["ServiceCategory"]
    assert row["ChargeCategory"] != "Usage" or (row["PricingQuantity"] and row["PricingUnit"] and row["SkuPriceId"])
    for cost, price in (("ListCost", "ListUnitPrice"), ("ContractedCost", "ContractedUnitPrice")):
        assert Decimal(row[price]) * Decimal(row["PricingQuantity"]) == Decimal(row[cost])
        assert Decimal(row[price]) >= 0
    assert row["ResourceType"] and row["ResourceId"] != row["ResourceName"]
    assert bool(row["SubAccountName"]) == bool(row["SubAccountId"]) == bool(row["SubAccountType"])
    assert row["BillingAccountType"] and row["HostProviderName"] == row["ServiceProviderName"]
    # Prices and bill are in one currency, and what is consumed of a price is what is priced.
    for name, same in (("", "BillingCurrency"), ("EffectiveCost", "EffectiveCost"), ("ListUnitPrice", "ListUnitPrice")):
        assert row[f"PricingCurrency{name}"] == row[same]
    assert (row["ConsumedQuantity"], row["ConsumedUnit"]) == (row["PricingQuantity"], row["PricingUnit"])
    assert not any(row[column] for column in NULL)
    assert isinstance(json.loads(row["Tags"]), dict)
    assert all(row[column].isascii() for column in row if not column.startswith("x_"))
    # The specification's columns first, then our own.
    own = [column for column in row if re.fullmatch(r"x_[A-Z][A-Za-z]*", column)]
    assert list(row) == sorted({*MANDATORY, *FILLED, *NULL}) + own


def test_a_charge_has_every_mandatory_column_and_its_values() -> None:
    (row,) = read(make_charge())
    check(row)
    assert (row["BillingPeriodStart"], row["BillingPeriodEnd"]) == ("2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z")
    assert (row["BilledCost"], row["EffectiveCost"], row["PricingUnit"]) == ("5.87", "5.87", "vCPU-Hours")
    assert (row["SubAccountId"], row["ResourceId"], row["x_Basis"]) == ("saint-paul", "saint-paul/db", "request")
    assert row["SubAccountName"] == 'Paroisse "Saint-Paul" d\'Etupes; Ill'


def test_what_no_parish_pays_is_a_charge_without_a_sub_account() -> None:
    (row,) = read(make_charge(tenant="", tenant_name="", instance="", kind=CostKind.IDLE, component="cpu"))
    check(row)
    assert (row["SubAccountId"], row["ResourceId"]) == ("", "prices-7/idle-cpu")


def test_a_part_of_something_shared_is_one_of_its_kind() -> None:
    (row,) = read(make_charge(kind=CostKind.SHARED, component="ingress", instance="", quantity=Decimal(0), unit="h"))
    check(row)
    assert (row["PricingQuantity"], row["PricingUnit"]) == ("1", "Units")
    assert (row["ResourceId"], row["ResourceName"]) == ("prices-7/ingress", "ingress")


def test_a_pod_and_its_volume_are_two_resources() -> None:
    volume = make_charge(kind=CostKind.STORAGE, storage_class="fast", unit="GB-h")
    assert len({row["ResourceId"] for row in read(make_charge(), make_charge(kind=CostKind.MEMORY), volume)}) == 2


def test_what_an_administrator_named_in_french_is_ascii() -> None:
    (row,) = read(make_charge(kind=CostKind.SHARED, component="répartiteur de l’entrée", instance="", unit="h"))
    check(row)
    assert row["ResourceName"] == "repartiteur de l'entree"
    assert row["x_Component"] == "répartiteur de l’entrée"


def test_the_hour_that_a_change_of_clocks_takes_is_not_lost() -> None:
    rows = read(make_charge())
    times = [datetime.fromisoformat(rows[0][name]) for name in ("BillingPeriodStart", "BillingPeriodEnd")]
    assert (times[1] - times[0]).total_seconds() == 743 * 3600
    assert times[0].tzinfo == UTC


def test_a_service_has_one_category_whatever_is_charged() -> None:
    rows = read(*(make_charge(kind=kind, instance="", unit="h") for kind in CostKind))
    services = {(row["ServiceName"], row["ServiceCategory"], row["ServiceSubcategory"]) for row in rows}
    assert len(services) == len({name for name, _category, _subcategory in services})


def test_a_name_without_a_letter_of_ascii_is_its_slug() -> None:
    (row,) = read(make_charge(tenant_name="教会"))
    assert row["SubAccountName"] == "saint-paul"


def test_an_empty_month_is_a_header() -> None:
    assert set(MANDATORY) <= set(format_focus_csv([]).strip().split(","))


@settings(max_examples=60, deadline=None)
@given(
    kind=st.sampled_from(CostKind),
    quantity=st.decimals(0, 10**9, places=9),
    exact=st.decimals(0, 10**7, places=20),
    instance=st.sampled_from(["", "saint-paul"]),
    name=st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1).filter(str.strip),
)
def test_every_line_keeps_the_rules(
    kind: CostKind, quantity: Decimal, exact: Decimal, instance: str, name: str
) -> None:
    units = {CostKind.CPU: "vCPU-h", CostKind.MEMORY: "GiB-h", CostKind.STORAGE: "GB-h"}
    charge = make_charge(
        kind=kind, quantity=quantity, exact=exact, instance=instance, tenant_name=name, unit=units.get(kind, "h"),
        amount=exact.quantize(Decimal("0.01")),
    )  # fmt: skip
    (row,) = read(charge)
    check(row)
    assert row["x_SubAccountName"] == name
    assert Decimal(row["BilledCost"]) == charge.amount


def list_charges_of_every_kind() -> list[Charge]:
    """A month of two parishes, every kind, with and without a parish that pays, quantities of many digits."""
    units = {CostKind.CPU: "vCPU-h", CostKind.MEMORY: "GiB-h", CostKind.STORAGE: "GB-h", CostKind.BACKUP: "GiB-h"}
    held = [(tenant, kind) for tenant in ("saint-paul", "sainte-marie") for kind in units for _times in range(10)]
    charges = []
    for number, (tenant, kind) in enumerate(held):
        exact = Decimal(number) ** 3 / 11
        known = {"tenant": tenant, "instance": tenant, "kind": kind, "unit": units[kind], "exact": exact}
        known |= {"component": "" if kind is CostKind.BACKUP else "db", "quantity": Decimal(number + 1) / 7}
        known |= {
            "storage_class": "fast" if kind is CostKind.STORAGE else "",
            "amount": exact.quantize(Decimal("0.01")),
        }
        charges.append(make_charge(**known))
    for kind, component, tenant in (
        (CostKind.SHARED, "répartiteur", "saint-paul"),
        (CostKind.OVERHEAD, "répartiteur", ""),
        (CostKind.IDLE, "cpu", ""),
        (CostKind.IDLE, "memory", "saint-paul"),
    ):
        part = {"kind": kind, "component": component, "tenant": tenant, "tenant_name": tenant and "Étupes"}
        charges.append(make_charge(**part, instance="", unit="h"))
    return charges


@pytest.mark.validator
def test_the_specification_s_own_validator_finds_nothing(tmp_path: Path) -> None:
    file = tmp_path / "month.csv"
    file.write_bytes(format_focus_csv(list_charges_of_every_kind()).encode())
    assert "CIVIPAROISSE_FOCUS_VALIDATOR" in os.environ, "name the validator's program there (docs/finops.md)"
    program = Path(os.environ["CIVIPAROISSE_FOCUS_VALIDATOR"]).absolute()
    # It finds its list of currencies only from where it is installed.
    (place,) = program.parent.parent.glob("lib/python3*/site-packages")
    command = [program, "--data-file", file, "--validate-version", "1.3", "--applicability-criteria", CRITERIA]
    if rules := os.environ.get("CIVIPAROISSE_FOCUS_RULES"):
        command += ["--rule-set-path", Path(rules).absolute(), "--block-download"]
    done = subprocess.run(command, cwd=place, capture_output=True, text=True)
    found = re.search(r"^Total: \d+ \| Pass: (\d+) \| Fail: (\d+)", done.stdout, re.MULTILINE)
    assert found, done.stdout[-2000:] + done.stderr[-2000:]
    assert int(found[1]) > 300 and found[2] == "0", re.findall(r"^.*: FAIL .*$", done.stdout, re.MULTILINE)
