"""The answers to the four questions, as they stand in the address while somebody goes from one to the next: nothing is
written before the last, and the browser's way back works."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from domain.parish_requests import Cause, RequestScope, Wish
from parish_requests.moments import Moment, propose

SHOW_FIRST = "show_first"
# What a restore may be of, and to be shown it first.
EXTENTS = (*(scope.value for scope in RequestScope), SHOW_FIRST)


@dataclass(frozen=True, slots=True)
class Answers:
    """What was answered so far; "" or None where nothing (that there is) was. `extent`: a scope, or to be shown first;
    `part`: "tree/path" of one file or folder."""

    cause: str
    moment: Moment | None
    extent: str
    part: str

    @property
    def wish(self) -> Wish:
        """What is asked for."""
        return Wish.SHOW_FIRST if self.extent == SHOW_FIRST else Wish.RESTORE

    @property
    def scope(self) -> RequestScope:
        """How much; a copy that is shown holds everything."""
        return RequestScope.EVERYTHING if self.extent == SHOW_FIRST else RequestScope(self.extent)

    @property
    def needs_part(self) -> bool:
        """Whether the file or folder is still to be named."""
        return self.extent == RequestScope.PART and not self.part

    @property
    def query(self) -> str:
        """The answers as they stand in an address."""
        return urlencode(self.fields)

    @property
    def fields(self) -> dict[str, str]:
        """The answers as a form's hidden fields."""
        moment = self.moment.backup.backup_id if self.moment is not None else ""
        given = {"cause": self.cause, "moment": moment, "extent": self.extent, "part": self.part}
        return {name: value for name, value in given.items() if value}


def read_answers(given: Mapping[str, str], moments: Sequence[Moment]) -> Answers:
    """Return the answers in `given` (a query, or a form). A moment counts where it is one of `moments` (the parish's
    own) to which one can go back, an extent where the moment holds it."""
    cause = given.get("cause", "")
    name = given.get("moment", "")
    moment = next((one for one in moments if name and one.backup.backup_id == name and not one.why_not), None)
    extent = given.get("extent", "")
    is_held = moment is not None and extent in list_extents(moment)
    return Answers(
        cause=cause if cause in set(Cause) else "",
        moment=moment,
        extent=extent if is_held else "",
        part=given.get("part", "").strip() if is_held and extent == RequestScope.PART else "",
    )


def list_extents(moment: Moment) -> list[str]:
    """Return what can be put back of a moment."""
    return [extent for extent in EXTENTS if moment.fits(_SCOPES[extent])]


def propose_moment(answers: Answers, moments: Sequence[Moment]) -> str:
    """Return the identifier of the moment that is offered for what happened; "" for none."""
    if answers.moment is not None:
        return answers.moment.backup.backup_id
    _scope, moment = propose(answers.cause, moments)
    return moment.backup.backup_id if moment is not None else ""


def propose_extent(answers: Answers) -> str:
    """Return how much is offered for what happened, of the moment that was chosen."""
    if answers.extent or answers.moment is None:
        return answers.extent
    scope, _moment = propose(answers.cause, [answers.moment])
    possible = list_extents(answers.moment)
    return scope.value if scope in possible else possible[0]


_SCOPES = {**{scope.value: scope for scope in RequestScope}, SHOW_FIRST: RequestScope.EVERYTHING}
