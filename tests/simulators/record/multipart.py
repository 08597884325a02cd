"""Files as they arrive: multipart/form-data (RFC 7578) or the bare bytes."""

from dataclasses import dataclass
from email.parser import BytesParser
from email.policy import HTTP


@dataclass(slots=True)
class Upload:
    name: str
    content_type: str
    data: bytes
    fields: dict[str, str]


def read_upload(body: bytes, headers: dict[str, str], query: dict[str, str]) -> Upload:
    """The first file of the body. A raw body takes its name from `?name=` and its other fields from the query."""
    content_type = headers.get("content-type", "application/octet-stream")
    if not content_type.startswith("multipart/form-data"):
        return Upload(query.get("name", "file"), content_type, body, dict(query))
    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    upload = Upload("file", "application/octet-stream", b"", {})
    for part in message.iter_parts():
        payload = part.get_payload(decode=True)
        data = payload if isinstance(payload, bytes) else b""
        if (name := part.get_filename()) is not None:
            upload.name, upload.content_type, upload.data = name, part.get_content_type(), data
        else:
            field = part.get_param("name", header="content-disposition")
            upload.fields[str(field)] = data.decode()
    return upload
