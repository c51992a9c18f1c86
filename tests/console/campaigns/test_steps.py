"""What may be done with a campaign follows from its state, its failures and the person."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User

from campaigns.models import Campaign
from console.campaigns.steps import STEPS, NotesForm, ReasonForm, list_steps
from domain.campaigns import CAMPAIGN_MOVES, NOTES_LENGTH, CampaignMove, CampaignState

# Moves of the manager itself.
BY_ITSELF = {CampaignMove.STOP, CampaignMove.FINISH, CampaignMove.CLOSE}


def test_every_move_of_people_has_its_step() -> None:
    assert {step.move for step in STEPS} - {None} == set(CampaignMove) - BY_ITSELF
    assert len({step.code for step in STEPS}) == len(STEPS)


@pytest.mark.parametrize("state", list(CampaignState), ids=str)
def test_what_is_offered_is_what_the_state_allows(state: CampaignState) -> None:
    campaign = Campaign(state=state.value)
    for step in STEPS:
        is_allowed = step.move is None or state in CAMPAIGN_MOVES[step.move][0]
        assert step.is_possible(campaign, failed=1) is is_allowed, step.code
    assert not any(step.code == "retry" and step.is_possible(campaign, failed=0) for step in STEPS)


@pytest.mark.django_db
def test_what_begins_operations_takes_what_their_kind_takes() -> None:
    person: Any = User.objects.create_user("omar", is_staff=True)
    campaign = Campaign(state="planned", kind="backup")
    assert list_steps(campaign, person, failed=0) == []
    person.user_permissions.add(Permission.objects.get(codename="change_campaign"))
    person = User.objects.get(pk=person.pk)
    assert [step.code for step in list_steps(campaign, person, failed=0)] == ["cancel", "notes"]
    person.user_permissions.add(
        Permission.objects.get(codename="view_instance"), Permission.objects.get(codename="add_operation")
    )
    person = User.objects.get(pk=person.pk)
    assert [step.code for step in list_steps(campaign, person, failed=0)] == ["start", "cancel", "notes"]


def test_forms_have_the_limits_of_what_they_write() -> None:
    assert ReasonForm({"reason": "x" * 501}).errors and not ReasonForm({}).errors
    assert NotesForm({"notes": "x" * (NOTES_LENGTH + 1)}).errors and not NotesForm({"notes": ""}).errors
