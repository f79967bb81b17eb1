"""Reading uploads off the wire: multipart files with the paths that their sender gave them, and bodies that stream."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from annotate.kernel.errors import Invalid, TooLarge, Unsupported


class _Parser(MultiPartParser):
    """Django's parser, which keeps only the last part of a file's name; this one writes the whole name down."""

    def __init__(self, *args: Any, paths: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._paths = paths

    def sanitize_file_name(self, file_name: str) -> str | None:
        found = super().sanitize_file_name(file_name)
        if found:
            self._paths.append(file_name)
        elif file_name.strip():  # Django would leave such a file out without a word
            raise Invalid(
                _("“%(name)s” is not a file's name.") % {"name": file_name[:100]}, code="bad_file_name", fields={"files": "bad name"}
            )
        return found


def keep_paths(request: HttpRequest) -> None:
    """Have the request's multipart body parsed with whole names, whoever reads it first. Call before anything does."""
    paths: list[str] = []

    def parse(META: Any, post_data: Any) -> tuple[Any, MultiValueDict[str, Any]]:
        request.upload_handlers = list(request.upload_handlers)
        parser = _Parser(META, post_data, request.upload_handlers, request.encoding, paths=paths)
        return parser.parse()

    request.upload_paths = paths  # type: ignore[attr-defined]
    request.parse_file_upload = parse  # type: ignore[method-assign]


def uploaded_files(request: HttpRequest, field: str = "files", also: Sequence[str] = ()) -> list[tuple[str, Any]]:
    """(path, file) of every file in the field; `Invalid` names the field when there is none, and any field that is not known.

    `also` are fields that the caller reads itself.
    """
    if request.content_type != "multipart/form-data":
        raise Unsupported(_("Send the files as multipart/form-data, in the field files."))
    try:
        files, fields = request.FILES, request.POST
    except TooManyFilesSent as error:
        raise TooLarge(
            _("Too many files in one request: send fewer at a time, or an archive."), code="too_many_files"
        ) from error
    except RequestDataTooBig as error:
        raise TooLarge(_("A field that is not a file is too large.")) from error
    except (MultiPartParserError, OSError) as error:
        if "header size" in str(error):
            raise Invalid(
                _("A file's name with its folders is too long to be sent this way (about 900 bytes): shorten it, or send an archive."),
                code="bad_file_name",
                fields={field: "a name is too long"},
            ) from error
        raise Invalid(
            _("The multipart body cannot be read."), code="not_readable", fields={field: "not readable"}
        ) from error
    unknown = sorted({*files, *fields} - {field, "csrfmiddlewaretoken", *also})
    if unknown:
        problems = {name[:60]: "there is no such field" for name in unknown}
        raise Invalid(f"there is no field {unknown[0][:60]!r}; files come in the field {field}", fields=problems)
    found = files.getlist(field)
    if not found:
        raise Invalid(
            _("No file was sent in the field %(field)s.") % {"field": field}, fields={field: _("at least one file")}
        )
    paths: list[str] = getattr(request, "upload_paths", [])
    if len(paths) != len(found):
        return [(file.name or "", file) for file in found]
    return list(zip(paths, found, strict=True))


def body_reader(request: HttpRequest) -> Callable[[int], bytes]:
    """`read(n)` over the raw body, also when it comes in chunks without a length."""
    if request.headers.get("Content-Encoding", "identity").lower() not in ("", "identity"):
        raise Unsupported(_("Send the body without a Content-Encoding."))
    if not request.META.get("CONTENT_LENGTH") and "chunked" in request.headers.get("Transfer-Encoding", "").lower():
        stream = request.META["wsgi.input"]
        return lambda size: stream.read(size)
    return lambda size: request.read(size)
