"""The table of moves: every state can be left but the ends, and each move leads somewhere else."""

from domain.campaigns import CAMPAIGN_ENDED, CAMPAIGN_MOVES, CampaignMove, CampaignState, list_moves


def test_every_move_is_declared_and_leads_on() -> None:
    assert set(CAMPAIGN_MOVES) == set(CampaignMove)
    for move, (before, after) in CAMPAIGN_MOVES.items():
        assert before and (after not in before or move is CampaignMove.RETRY)


def test_every_state_is_reached_and_people_can_do_something_in_each_but_a_cancelled_one() -> None:
    reached = {after for _before, after in CAMPAIGN_MOVES.values()} | {CampaignState.PLANNED}
    assert reached == set(CampaignState)
    assert [state for state in CampaignState if not list_moves(state)] == [
        CampaignState.CANCELLING,
        CampaignState.CANCELLED,
    ]
    assert list_moves(CampaignState.DONE) == [CampaignMove.RETRY] and CampaignState.DONE in CAMPAIGN_ENDED
