"""What each address of campaigns takes, for the table of all addresses."""

ASK = {"tenants.view_instance", "operations.add_operation"}
SEE, ADD, CHANGE = ({f"campaigns.{what}_campaign"} for what in ("view", "add", "change"))
CAMPAIGNS: dict[tuple[str, str], set[str]] = {
    ("get", "campaigns"): SEE,
    ("get", "campaigns/x"): SEE,
    ("get", "campaigns/x/members"): SEE,
    ("get", "campaigns/x/events"): SEE,
    # Whoever lets operations begin must be able to ask for them.
    ("post", "campaigns"): ADD | ASK,
    ("post", "campaigns/x/start"): CHANGE | ASK,
    ("post", "campaigns/x/resume"): CHANGE | ASK,
    ("post", "campaigns/x/retry"): CHANGE | ASK,
    ("post", "campaigns/x/pause"): CHANGE,
    ("post", "campaigns/x/cancel"): CHANGE,
    ("post", "campaigns/x/notes"): CHANGE,
}
