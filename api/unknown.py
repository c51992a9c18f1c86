"""Whatever is below the API's root and is not an address."""

from typing import Any, NoReturn

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from api.permissions import StaffOnly


@extend_schema(exclude=True)
class UnknownAddressView(APIView):
    """Asks for a token like every address, then answers 404, whatever the method."""

    permission_classes = (StaffOnly,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> NoReturn:
        """Raise Http404, or what the authentication raises."""
        super().initial(request, *args, **kwargs)
        raise Http404
