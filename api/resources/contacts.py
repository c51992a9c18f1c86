"""Contacts of parishes: who may ask at the door of parishes, and who is informed."""

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.operation_requests import get_requester
from api.queries import StrictQueryMixin
from api.resources.request_bodies import ContactBody, NewContactBody
from api.serializers import read_body
from domain.errors import NotFound
from parish_requests.contacts import add_contact, change_contact, remove_contact, resend_confirmation
from parish_requests.documents import ContactSerializer, list_contacts
from parish_requests.models import ParishContact
from tenants.registry import get_tenant

SEE, CHANGE = "parish_requests.view_parishcontact", "parish_requests.change_parishcontact"
ADD, DELETE = "parish_requests.add_parishcontact", "parish_requests.delete_parishcontact"


class ContactFilter(filters.FilterSet):
    """`tenant`: a sub-domain; `mail`: an address in lower case."""

    tenant = filters.CharFilter(field_name="tenant__slug")
    mail = filters.CharFilter()

    class Meta:
        model = ParishContact
        fields = ("tenant", "mail")


class ContactViewSet(StrictQueryMixin, viewsets.GenericViewSet[ParishContact]):
    """Contacts, by parish and name."""

    parish_path = "tenant"
    queryset = ParishContact.objects.none()
    permissions_required = {
        "list": (SEE,),
        "retrieve": (SEE,),
        "create": (ADD,),
        "partial_update": (CHANGE,),
        "resend": (CHANGE,),
        "destroy": (DELETE,),
    }
    serializer_class = ContactSerializer
    filterset_class = ContactFilter
    lookup_field = "pk"
    lookup_url_kwarg = "id"
    lookup_value_regex = "[^/]+"

    def get_queryset(self) -> QuerySet[ParishContact]:
        """Return every contact."""
        return list_contacts()

    @extend_schema(description="Contacts, by parish and name.", responses=ContactSerializer(many=True))
    def list(self, request: Request) -> Response:  # noqa: ARG002 - DRF's signature
        """Answer a page of contacts."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(ContactSerializer(page or [], many=True).data)

    @extend_schema(description="One contact.", responses=ContactSerializer)
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002, ARG002 - the name in the address
        """Answer one contact."""
        return Response(ContactSerializer(_find(id)).data)

    @extend_schema(
        description="Record a contact; the address is confirmed by a mail, and counts from then on.",
        request=NewContactBody,
        responses={201: ContactSerializer},
        parameters=[OpenApiParameter("Location", str, OpenApiParameter.HEADER, response=[201])],
    )
    def create(self, request: Request) -> Response:
        """Record a contact."""
        asked = read_body(request, NewContactBody)
        tenant = get_tenant(asked.pop("tenant"))
        contact = add_contact(tenant, **asked, by=get_requester(request), now=timezone.now())
        headers = {"Location": reverse("contact-detail", args=[contact.pk])}
        return Response(ContactSerializer(contact).data, status.HTTP_201_CREATED, headers=headers)

    @extend_schema(
        description="Change the name, or what the contact may do; what is absent keeps its value.",
        request=ContactBody,
        responses=ContactSerializer,
    )
    def partial_update(self, request: Request, id: str) -> Response:  # noqa: A002 - the name in the address
        """Change a contact."""
        asked = read_body(request, ContactBody)
        with transaction.atomic():
            contact = _find(id)
            kept = {"name": contact.name, "may_ask": contact.may_ask, "is_informed": contact.is_informed}
            changed = change_contact(contact, **{**kept, **asked})
        return Response(ContactSerializer(changed).data)

    @extend_schema(
        description="Remove a contact at once: what it has open at the door of parishes ends.", responses={204: None}
    )
    def destroy(self, request: Request, id: str) -> Response:  # noqa: A002, ARG002 - the name in the address
        """Remove a contact."""
        remove_contact(_find(id), now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        description="Send the mail of confirmation again; the link before opens nothing any more.",
        request=None,
        responses={200: ContactSerializer},
    )
    @action(detail=True, methods=["post"])
    def resend(self, request: Request, id: str) -> Response:  # noqa: A002, ARG002 - the name in the address
        """Send it again."""
        return Response(ContactSerializer(resend_confirmation(_find(id), now=timezone.now())).data)


def _find(number: str) -> ParishContact:
    """Return the contact of an address. Raise NotFound, for what is no number too."""
    is_number = number.isascii() and number.isdigit() and len(number) <= 18
    contact = list_contacts().filter(pk=int(number)).first() if is_number else None
    if contact is None:
        raise NotFound(what="contact", name=number)
    return contact
