"""Sizes with units and texts line by line, in forms."""

import pytest
from django.core.exceptions import ValidationError
from django.forms import inlineformset_factory

from console.plans.forms import PlanContainerForm, PlanContainerFormSet, ReleaseForm, TextsField
from domain.specs import CONTAINERS
from tenants.models import Plan, PlanContainer
from tests.rows import make_plan_row


def test_texts_are_lines() -> None:
    field = TextsField(required=False)
    texts = {"db": "registry:5000/db:1", "httpd": "web:2"}
    shown = field.prepare_value(texts)
    assert shown == "db: registry:5000/db:1\nhttpd: web:2"
    assert field.clean(shown) == texts
    assert field.clean(" \n db : a \r\n\n") == {"db": "a"}
    assert field.clean("") == {}
    assert not field.has_changed(texts, shown) and field.has_changed(texts, "db: a")


@pytest.mark.parametrize("typed", ["db", "db:", ": a", "db: a\ndb: b"])
def test_lines_of_another_form_are_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        TextsField(required=False).clean(typed)


@pytest.mark.django_db
def test_a_release_without_texts_has_none() -> None:
    form = ReleaseForm({"name": "1.0"})
    assert form.is_valid(), form.errors
    assert (form.cleaned_data["images"], form.cleaned_data["versions"]) == ({}, {})


@pytest.mark.django_db
def test_the_containers_still_missing_are_offered_by_name() -> None:
    formset = inlineformset_factory(
        Plan, PlanContainer, form=PlanContainerForm, formset=PlanContainerFormSet, extra=len(CONTAINERS)
    )
    assert [form.initial["container"] for form in formset(instance=Plan()).forms] == list(CONTAINERS)
    plan = make_plan_row()
    plan.containers.exclude(container__in=("cron", "backup")).delete()
    missing = [form.initial["container"] for form in formset(instance=plan).extra_forms if form.initial]
    assert missing == [name for name in CONTAINERS if name not in ("cron", "backup")]
    assert PlanContainerForm().has_changed()
