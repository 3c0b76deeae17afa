"""Reading an upload's multipart form as a stream."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Final

from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

from api.http.problems import Kind, Problem, invalid
from api.http.requests.request_limits import too_large
from claims.text.normalisation import clean
from claims.text.unknown_fields import unknown_fields
from service_layer.attachments.uploads import Upload
from service_layer.errors import FieldError

_LONGEST_FIELD: Final = 1000
_MOST_PARTS: Final = 10
"""More than a form has, so that parts with unknown names can be named."""
_FIELDS: Final = dict.fromkeys(("file", "claim", "measure"))


@asynccontextmanager
async def multipart_upload(request: Request, limit: int) -> AsyncIterator[Upload]:
    """The request's form. The file is a temporary one and gone at the end of the block.

    Raises a 413, 415 or 422 problem.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "multipart/form-data":
        raise Problem(
            Kind.NOT_A_FORM,
            "上传附件须为 multipart/form-data",
            instead="请以表单提交 file 和 claim（或 measure）",
        )
    parser = MultiPartParser(
        request.headers,
        request.stream(),
        max_files=_MOST_PARTS,
        max_fields=_MOST_PARTS,
        max_part_size=_LONGEST_FIELD,
    )
    try:
        yield _upload(await parser.parse(), limit)
    except ClientDisconnect as error:
        raise Problem(Kind.MALFORMED, "上传中断，没有保存", instead="请重新上传") from error
    except MultiPartException as error:
        instead = "请以表单提交 file 和 claim（或 measure）两项"
        raise Problem(Kind.MALFORMED, "表单无法解析，没有保存", instead=instead) from error
    finally:
        # The parser does not close the file of a part that never ends.
        for file in parser._files_to_close_on_error:
            file.close()


def _upload(form: FormData, limit: int) -> Upload:
    file = form.get("file")
    claim, measure = _text(form, "claim"), _text(form, "measure")
    wrong = list(_unknown_or_repeated(form))
    if not isinstance(file, UploadFile):
        wrong.append(FieldError(field="file", problem="缺少此项"))
    if not (claim or measure):
        wrong.append(FieldError(field="claim", problem="缺少此项；约谈、问责的扫描件填写 measure"))
    elif claim and measure:
        wrong.append(FieldError(field="measure", problem="与 claim 只填其一"))
    if wrong or not isinstance(file, UploadFile):
        raise invalid(wrong)
    if not file.size:
        raise invalid([FieldError(field="file", problem="文件是空的")])
    if file.size > limit:
        raise too_large(limit)
    return Upload(claim=claim, measure=measure, file_name=file.filename or "", content=file.file)


def _unknown_or_repeated(form: FormData) -> Iterator[FieldError]:
    for place, message in unknown_fields(form, _FIELDS):
        yield FieldError(field=str(place[0]), problem=message)
    for name in _FIELDS:
        if len(form.getlist(name)) > 1:
            yield FieldError(field=name, problem="只能填写一次")


def _text(form: FormData, name: str) -> str:
    given = form.get(name)
    return clean(given).strip() if isinstance(given, str) else ""
