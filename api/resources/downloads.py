"""Downloads of a backup: who took one, and taking one, sealed to the caller's own key."""

from django.http import HttpResponseBase, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.operation_requests import get_requester
from api.serializers import StrictSerializer, TextField, read_body
from backups.selectors import get_backup
from civiparoisse.document_fields import Document
from offsite.documents import DownloadSerializer
from offsite.downloads import RECIPIENT, begin_download, begin_stream, list_downloads, stream_download

SEALED = "application/octet-stream"


class DownloadBody(StrictSerializer):
    """`recipient`: the public half of an age key. `parts`: some databases and trees; all without it."""

    recipient = TextField(max_length=62, pattern=RECIPIENT.pattern)
    parts = serializers.ListField(child=TextField(max_length=64), required=False, max_length=100)


class DownloadsSerializer(Document):
    """Who downloaded a set, the newest first."""

    downloads = DownloadSerializer(many=True)


class DownloadActions:
    """Actions of a backup about downloads of it."""

    @extend_schema(description="Who downloaded it, the newest first.", responses=DownloadsSerializer)
    @action(detail=True, url_path="downloads", url_name="downloads")
    def show_downloads(self, request: Request, id: str) -> Response:  # noqa: A002, ARG002 - the name in the address
        """Answer its downloads."""
        return Response(DownloadsSerializer({"downloads": list_downloads(get_backup(id))}).data)

    @extend_schema(
        description="Download it, or some of its databases and trees: a tar, sealed with age to a key of yours.",
        request=DownloadBody,
        responses={(200, SEALED): OpenApiResponse(OpenApiTypes.BINARY, "A sealed file; cut short it does not open.")},
    )
    @show_downloads.mapping.post
    def download(self, request: Request, id: str) -> HttpResponseBase:  # noqa: A002 - the name in the address
        """Stream the sealed file."""
        asked = read_body(request, DownloadBody)
        backup = get_backup(id)
        row = begin_download(
            backup,
            recipient=asked["recipient"],
            parts=asked.get("parts") or (),
            requested_by=get_requester(request),
        )
        answer = StreamingHttpResponse(begin_stream(stream_download(row)), content_type=SEALED)
        answer["Content-Disposition"] = f'attachment; filename="{backup.backup_id}.tar.age"'
        return answer


DOWNLOAD_PERMISSIONS: dict[str, tuple[str, ...]] = {
    "show_downloads": ("backups.view_backup", "offsite.view_download"),
    "download": ("backups.view_backup", "offsite.add_download"),
}
