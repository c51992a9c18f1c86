"""Filters of the pages: advice that leads to pages, one word for each state of an operation."""

import re

from django import template
from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from domain.states import OperationState
from domain.words import word
from operations.models import Operation
from operations.registry import list_kinds
from tenants.models import Instance

register = template.Library()

COMMAND = re.compile(r"\b([a-z]+_[a-z]+) ([a-z0-9][a-z0-9-]*)((?: --[a-z-]+(?: [a-z0-9][a-z0-9.-]*)?)*)")
OPERATION_ID = re.compile(r"\bop-[0-9a-f]{10}\b")
# How the manager names itself where it does what a parish asked for and UEPAL approved (parish_requests.running).
OF_A_REQUEST = re.compile(r"request ([0-9A-Z]{4}-[0-9A-Z]{4})")
# How it names itself where it does what a campaign asks for (campaigns.asking).
OF_A_CAMPAIGN = re.compile(r"campaign (ca-[0-9a-f]{10})")
LOOKS = frozenset({"instance_status", "backup_list"})
OPERATION_COMMANDS = frozenset({"operation_show", "operation_cancel"})


@register.filter
def link_advice(text: object) -> SafeString:
    """Return advice, escaped, in which commands about an instance and names of operations lead to their pages."""
    advice = str(text)
    commands = {kind.command: kind for kind in list_kinds() if kind.command}
    names = {found.group(2) for found in COMMAND.finditer(advice)}
    instances = dict(Instance.objects.filter(identifier__in=names).values_list("identifier", "pk")) if names else {}
    named = set(OPERATION_ID.findall(advice))
    operations = dict(Operation.objects.filter(public_id__in=named).values_list("public_id", "pk")) if named else {}

    def link_command(found: re.Match[str]) -> str:
        command, name = found.group(1), found.group(2)
        pk = instances.get(name)
        if pk is not None and command in commands:
            kind = commands[command]
            address = reverse("admin:tenants_instance_ask", args=[pk, kind.code])
            return format_html('<a class="cp-link" href="{}">{} ({})</a>', address, kind.page_label, name)
        if pk is not None and command in LOOKS:
            address = reverse("admin:tenants_instance_change", args=[pk])
            return format_html('<a class="cp-link" href="{}">{}</a>', address, name)
        return found.group(0)

    def link_operation(found: re.Match[str]) -> str:
        pk = operations.get(found.group(0))
        if pk is None:
            return found.group(0)
        address = reverse("admin:operations_operation_change", args=[pk])
        return format_html('<a class="cp-link" href="{}">{}</a>', address, found.group(0))

    return mark_safe(OPERATION_ID.sub(link_operation, COMMAND.sub(link_command, escape(advice))))


@register.filter
def requester(text: str) -> str:
    """Return who asked for something, for people: an account as it is called, a request or a campaign in words."""
    if found := OF_A_REQUEST.fullmatch(text):
        return _("request %(reference)s") % {"reference": found.group(1)}
    if found := OF_A_CAMPAIGN.fullmatch(text):
        return _("campaign %(reference)s") % {"reference": found.group(1)}
    return text


@register.filter
def state_word(operation: Operation) -> str:
    """Return the word for an operation's state: one that pauses between two looks is running, as people see it."""
    state = OperationState.RUNNING.value if operation.state == OperationState.WAITING else operation.state
    return word("state", state)
