"""Parameters of a kind of operation: each declared once; validation, the page's form, the API's body and schema, and
the command's options follow from it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from domain.errors import InvalidValue
from tenants.models import Instance

# The parameter by which a person types the instance's identifier.
CONFIRM = "confirm"


class BackupUse(StrEnum):
    """What an operation does with the backups that a parameter names."""

    READ = "read"
    REMOVED = "removed"


class ParameterType(StrEnum):
    """What a value is: a text, true or false, one of some texts, a whole number, or several texts."""

    TEXT = "text"
    FLAG = "flag"
    CHOICE = "choice"
    NUMBER = "number"
    TEXTS = "texts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of a kind.

    `summary`: what it says, in English, for the API's schema and the command's help. `default`: the value where none is
    given, or what makes it; None leaves it out. `choices`: (value, label) of those accepted; an empty label is not
    offered on the page, which gives "" the label `none_label`. `offers`: (instance) -> the same, of rows that change.
    `least`, `most`: of a number; `most` also of how many texts. `length`: characters at most; `pattern`: what each of
    several texts looks like.

    `label`, `help`: on the page's form, where it is shown once it has a label; `prompt`: said there while it is not
    chosen, so that nothing can be told of what will happen; `needed`: what it is refused with then.
    `told`: its label once it was chosen, the form's unless given; `told_choices`: the same of its values.
    `is_link_only`: only a link brings it to the page.
    `instead_of`: the parameter whose place it takes. `option`: the command's, made of the name unless given; of a flag
    that is true by default it says no. `is_own`: set by this manager itself, and offered at no door.
    `of_backups`: it names backups, and what becomes of them.
    """

    name: str
    type: ParameterType = ParameterType.TEXT
    summary: str = ""
    is_required: bool = False
    default: Any = None
    choices: tuple[tuple[str, Any], ...] = ()
    offers: Callable[[Instance], Sequence[tuple[str, Any]]] | None = None
    none_label: Any = ""
    least: int = 1
    most: int = 0
    length: int = 63
    pattern: str = ""
    label: Any = ""
    help: Any = ""
    prompt: Any = ""
    needed: Any = ""
    told: Any = ""
    told_choices: Sequence[tuple[str, Any]] = ()
    is_link_only: bool = False
    instead_of: str = ""
    option: str = ""
    is_own: bool = False
    of_backups: BackupUse | None = None

    def make_default(self) -> Any:
        """Return the value where none is given; None when it is left out then."""
        return self.default() if callable(self.default) else self.default

    def get_told(self) -> Any:
        """Return its label where people are told what was chosen; "" when they are not."""
        return self.told or self.label if self.name != CONFIRM else ""

    def check(self, value: Any) -> Any:
        """Return `value`, as it is. Raise InvalidValue naming this parameter when it is none of its values."""
        reason = self._find_fault(value)
        if reason:
            raise InvalidValue(field=self.name, reason=reason)
        return value

    def _find_fault(self, value: Any) -> str:
        if self.type is ParameterType.FLAG:
            return "" if isinstance(value, bool) else _("give true or false.")
        if self.type is ParameterType.NUMBER:
            is_number = isinstance(value, int) and not isinstance(value, bool)
            limits = {"least": self.least, "most": self.most}
            fits = is_number and self.least <= value <= self.most
            return "" if fits else _("give a whole number from %(least)s to %(most)s.") % limits
        if self.type is ParameterType.TEXTS:
            return self._find_fault_of_texts(value)
        if not isinstance(value, str):
            return _("give a text.")
        if self.type is ParameterType.CHOICE and value not in dict(self.choices):
            return _("give one of %(names)s.") % {"names": ", ".join(code for code, _label in self.choices)}
        return ""

    def _find_fault_of_texts(self, value: Any) -> str:
        if not isinstance(value, list) or not value or not all(isinstance(text, str) for text in value):
            return _("give a list of texts.")
        return _("give %(most)s at most.") % {"most": self.most} if len(value) > self.most else ""


def check_parameters(declared: Iterable[Parameter], given: dict[str, Any]) -> dict[str, Any]:
    """Return `given` with defaults filled in; what is null, or an empty text that says nothing, is not given.

    Raise InvalidValue for the first parameter that is not declared, is none of its values, or is lacking.
    """
    known = {parameter.name: parameter for parameter in declared}
    for name in sorted(set(given) - known.keys()):
        raise InvalidValue(field=name, reason=_("this operation has no such parameter."))
    replaced = {
        parameter.instead_of: parameter.name
        for parameter in known.values()
        if parameter.instead_of and given.get(parameter.name) is not None
    }
    checked = {}
    for name, parameter in known.items():
        value = given.get(name)
        if name in replaced:
            if value is not None:
                reason = _("give either %(one)s or %(other)s.") % {"one": name, "other": replaced[name]}
                raise InvalidValue(field=name, reason=reason)
            continue
        is_text = parameter.type in (ParameterType.TEXT, ParameterType.CHOICE)
        is_null_flag = value is None and name in given and parameter.type is ParameterType.FLAG
        if (value is None and not is_null_flag) or (value == "" and is_text):
            value = parameter.make_default()
            if value is None and parameter.is_required:
                raise InvalidValue(field=name, reason=_("name one."))
        else:
            parameter.check(value)
        if value is not None:
            checked[name] = value
    return checked
