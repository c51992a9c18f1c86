"""The action of each kind of operation: POST to its address below an instance's, made of what the kind declares."""

from collections.abc import Callable
from typing import Any

from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from api.operation_bodies import make_body
from api.operation_requests import begin_operation, describe_start
from api.resources.instances import InstanceViewSet
from api.resources.operations import OperationFilter, OperationViewSet
from api.serializers import StrictSerializer, TextField, read_body
from operations.declarations import KindDefinition
from operations.registry import list_kinds
from operations.subjects import find_subject

View = type[GenericViewSet[Any]]
# A method called `delete` Django would take for the handler of every DELETE.
PREFIX = "begin_"


def add_kind_actions() -> None:
    """Give instances the action of every registered kind, and operations those of kinds that are about no instance;
    what was given before goes. Operations can be narrowed to each."""
    narrowing = OperationFilter.base_filters["kind"]
    narrowing.extra["choices"] = [(kind.code, kind.label) for kind in list_kinds()]
    vars(narrowing).pop("_field", None)
    for view in (InstanceViewSet, OperationViewSet):
        for name in [name for name in vars(view) if name.startswith(PREFIX)]:
            delattr(view, name)
            del view.permissions_required[name]
    for kind in list_kinds():
        if kind.of_objects:
            _add_action(OperationViewSet, kind, body=_make_named_body(kind), begin=_begin_on_object)
        else:
            _add_action(InstanceViewSet, kind, body=make_body(kind), begin=_begin_on_instance)


Begin = Callable[[Any, Request, KindDefinition, dict[str, Any]], Response]


def _add_action(view: Any, kind: KindDefinition, *, body: type[StrictSerializer], begin: Begin) -> None:
    def answer(self: Any, request: Request, **_names: str) -> Response:
        return begin(self, request, kind, read_body(request, body))

    name = f"{PREFIX}{kind.path}"
    answer.__name__, answer.__doc__ = name, f"Begin `{kind.code}`."
    route = action(detail=not kind.of_objects, methods=["post"], url_path=kind.path, url_name=kind.path)
    setattr(view, name, describe_start(body, kind.summary, has_version=not kind.of_objects)(route(answer)))
    view.permissions_required[name] = kind.permissions


def _begin_on_instance(view: Any, request: Request, kind: KindDefinition, parameters: dict[str, Any]) -> Response:
    return begin_operation(request, kind.code, view.get_object(), parameters=parameters)


def _begin_on_object(_view: Any, request: Request, kind: KindDefinition, parameters: dict[str, Any]) -> Response:
    name = parameters.pop("name")
    return begin_operation(request, kind.code, find_subject(kind, name, parameters), parameters=parameters)


def _make_named_body(kind: KindDefinition) -> type[StrictSerializer]:
    own = make_body(kind)
    named = TextField(max_length=253, help_text="The name under which the engine has it.")
    return type(f"{own.__name__}OfObject", (own,), {"name": named, "__doc__": kind.summary})
