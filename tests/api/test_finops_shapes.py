"""The shapes say exactly what the documents hold: a field more or less in either would be a promise not kept."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.serializers import BaseSerializer, ListSerializer

from api import finops_shapes as shapes
from finops.advice.findings import CostedWaste, finding_as_dict
from finops.advice.recommendations import list_recommendations, recommendation_as_dict
from finops.advice.waste import Finding, Waste
from finops.calendar import compute_month
from finops.months.reports import MonthReader, lines_as_dicts, make_report_document, make_trend, trend_as_dict
from finops.scenarios.comparison import WhatIfParameters, compare, comparison_as_dict
from tests.finops.cases import make_sheet
from tests.finops.fleets import make_recorded

pytestmark = pytest.mark.django_db


def check(shape: BaseSerializer[Any], document: Any) -> None:
    """Assert that the shape's fields are the document's, however deep."""
    if isinstance(shape, ListSerializer):
        for item in document:
            check(shape.child, item)
        return
    fields = getattr(shape, "fields", None)
    if fields is None or document is None:
        return
    assert set(fields) == set(document), type(shape).__name__
    for name, field in fields.items():
        if isinstance(field, BaseSerializer):
            check(field, document[name])


def test_documents_have_the_fields_that_the_schema_promises() -> None:
    now = timezone.now()
    make_sheet(engine="")
    make_recorded(since=now - timedelta(days=40))
    month = compute_month(now)
    reader = MonthReader(now=now)
    waste = CostedWaste(waste=Waste(finding=Finding.IDLE, name="a", engine="b"), cost=None, currency="")
    for shape, document in (
        (shapes.MonthReportSerializer(), make_report_document(month, now=now)),
        (shapes.TrendSerializer(), trend_as_dict(make_trend(month, reader))),
        (shapes.CostLineSerializer(many=True), lines_as_dicts(reader.read(month).lines)),
        (
            shapes.RecommendationSerializer(many=True),
            [recommendation_as_dict(o) for o in list_recommendations(now=now)],
        ),
        (shapes.WasteSerializer(), finding_as_dict(waste)),
        (shapes.ComparisonSerializer(), comparison_as_dict(compare(WhatIfParameters(), now=now))),
    ):
        check(shape, document)
