"""Budgets: what a month may cost, looked at on actual and on forecast; one alert per threshold and month."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from domain.errors import CiviparoisseError
from finops.calendar import compute_month
from finops.models import AlertBasis, Budget, BudgetAlert
from finops.months.costs import MonthCosts, compute_month_costs
from finops.months.forecast import compute_forecast

log = logging.getLogger("finops")

THRESHOLDS = (50, 80, 100)
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetState:
    """How a budget stands. `actual`, `forecast`: of the month so far, and at its end. `reached`: the thresholds that
    are reached, each with what reached it; actual before forecast."""

    budget: Budget
    actual: Decimal
    forecast: Decimal
    reached: tuple[tuple[int, AlertBasis], ...]

    @property
    def percent(self) -> Decimal:
        """Actual as a percentage of the budget, one decimal."""
        return (self.actual * 100 / self.budget.amount).quantize(Decimal("0.1"))

    @property
    def forecast_percent(self) -> Decimal:
        """Forecast as a percentage of the budget, one decimal."""
        return (self.forecast * 100 / self.budget.amount).quantize(Decimal("0.1"))


def compute_budget_states(
    budgets: Iterable[Budget], *, actual: MonthCosts, forecast: MonthCosts
) -> tuple[BudgetState, ...]:
    """Return how each budget stands. Pure: the same figures as every report."""
    spent, foreseen = actual.parishes, forecast.parishes
    states = []
    for budget in budgets:
        now = spent.get(budget.tenant, ZERO) if budget.tenant else actual.bill
        later = foreseen.get(budget.tenant, ZERO) if budget.tenant else forecast.bill
        reached = []
        for threshold in THRESHOLDS:
            limit = budget.amount * threshold / 100
            if now >= limit:
                reached.append((threshold, AlertBasis.ACTUAL))
            elif later >= limit:
                reached.append((threshold, AlertBasis.FORECAST))
        states.append(BudgetState(budget=budget, actual=now, forecast=later, reached=tuple(reached)))
    return tuple(states)


def check_budgets(*, now: datetime) -> list[BudgetAlert]:
    """Raise the alerts of the present month that are due, and return the new ones. One that was raised on the forecast
    says so until the actual cost reaches it too; that is no second alert. Where costs cannot be computed there are
    none, and the log says why."""
    budgets = list(Budget.objects.all())
    if not budgets:
        return []
    month = compute_month(now)
    try:
        actual, forecast = compute_month_costs(month, now=now), compute_forecast(month, now=now)
    except CiviparoisseError as error:
        log.error("budgets of %s: %s %s", month, error.code, error.params)
        return []
    raised = []
    for state in compute_budget_states(budgets, actual=actual, forecast=forecast):
        for threshold, basis in state.reached:
            alert, is_new = BudgetAlert.objects.get_or_create(
                budget=state.budget,
                month=str(month),
                threshold=threshold,
                defaults={
                    "basis": basis.value,
                    "cost": state.actual if basis is AlertBasis.ACTUAL else state.forecast,
                    "limit": state.budget.amount,
                    "raised_at": now,
                },
            )
            if is_new:
                raised.append(alert)
                log.warning("budget %s: %d %% of %s reached (%s)", alert.budget, threshold, alert.limit, basis.value)
            elif basis is AlertBasis.ACTUAL and alert.basis != basis:
                BudgetAlert.objects.filter(pk=alert.pk).update(basis=basis.value, cost=state.actual)
    return raised
