"""Bytes in an S3 bucket: Django's storage by django-storages, with what this server needs beside it.

Reads are ranged requests: what is asked for comes over the wire, and an object of any size costs no memory. One client serves all
threads of a process (a client each would cost 13 MB). What the store says becomes an OSError, as of a folder: callers know no other.
"""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files import File
from storages.backends.s3 import S3Storage
from storages.utils import ReadBytesWrapper, clean_name

FIRST, MOST = 256 * 1024, 8 * 1024 * 1024  # bytes of a ranged request: who reads on gets more at once
PART = 8 * 1024 * 1024  # an upload beyond this goes in parts of this size, two at a time in memory


@contextmanager
def told(key: str) -> Iterator[None]:
    """The store's refusals and silences as OSError: FileNotFoundError, PermissionError, else EIO."""
    try:
        yield
    except ClientError as error:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        code = error.response.get("Error", {}).get("Code", "")
        if status == 404 and code != "NoSuchBucket":
            raise FileNotFoundError(errno.ENOENT, "no such object in the bucket", key) from error
        raise OSError(errno.EACCES if status == 403 else errno.EIO, f"the bucket refuses ({code or status})", key) from error
    except (BotoCoreError, Boto3Error) as error:
        raise OSError(errno.EIO, f"the object store fails ({type(error).__name__}: {error})", key) from error


class Reading(io.RawIOBase):
    """The bytes of an object from `start` to `end` (exclusive), fetched as they are read; positions are the object's own."""

    def __init__(self, client: Any, bucket: str, key: str, start: int, end: int) -> None:
        self._client, self._bucket, self._key = client, bucket, key
        self._at, self._end = start, end
        self._body: Any = None
        self._left = 0  # bytes of the present answer that were not read
        self._window = FIRST

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        place = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._end}[whence]
        if place < 0:
            raise OSError(errno.EINVAL, "a place before the beginning", self._key)
        if place != self._at:
            self._drop()
            self._at, self._window = place, FIRST
        return place

    def readinto(self, buffer: Any) -> int:
        wanted = min(len(buffer), self._end - self._at)
        if wanted <= 0:
            return 0
        with told(self._key):
            try:
                data = self._fetch(wanted)
            except BotoCoreError:  # the line broke in the middle: once more, from here
                self._drop()
                data = self._fetch(wanted)
        if not data:
            raise OSError(errno.EIO, "the object ends early", self._key)
        buffer[: len(data)] = data
        self._at += len(data)
        self._left -= len(data)
        if self._left <= 0:
            self._drop()
        return len(data)

    def _fetch(self, wanted: int) -> bytes:
        if self._body is None:
            until = min(self._end, self._at + max(wanted, self._window))
            answer = self._client.get_object(Bucket=self._bucket, Key=self._key, Range=f"bytes={self._at}-{until - 1}")
            self._body, self._left = answer["Body"], until - self._at
            self._window = min(MOST, self._window * 2)
        return bytes(self._body.read(min(wanted, self._left)))

    def _drop(self) -> None:
        if self._body is not None:
            self._body.close()
            self._body, self._left = None, 0

    def close(self) -> None:
        self._drop()
        super().close()


class Bucket(S3Storage):
    """Options as django-storages has them, and `public`: the store's address for those who pull, "no" where they cannot reach it."""

    def __init__(self, **options: Any) -> None:
        self._made: dict[tuple[int, str], Any] = {}
        style = options.get("addressing_style") or "auto"
        options.setdefault(
            "client_config",
            Config(
                signature_version="s3v4",
                s3={"addressing_style": style},
                connect_timeout=5,
                read_timeout=60,
                retries={"mode": "standard", "max_attempts": 4},
                max_pool_connections=32,
                # Stores that are not Amazon's often do not know the newer checksums; our own sha256 is checked by who reads.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )
        options.setdefault("transfer_config", TransferConfig(multipart_threshold=PART, multipart_chunksize=PART, max_concurrency=2))
        super().__init__(**options)

    def get_default_settings(self) -> dict[str, Any]:
        return super().get_default_settings() | {"public": ""}

    def _resource(self, endpoint: str) -> Any:
        """One for a process and address: connections must not be shared with a child that was forked off."""
        made = self._made.get((os.getpid(), endpoint))
        if made is None:
            session = self._create_session()
            options = {"region_name": self.region_name, "use_ssl": self.use_ssl, "verify": self.verify, "config": self.client_config}
            made = self._made[os.getpid(), endpoint] = session.resource("s3", endpoint_url=endpoint or None, **options)
        return made

    @property
    def connection(self) -> Any:
        return self._resource(self.endpoint_url or "")

    @property
    def client(self) -> Any:
        return self.connection.meta.client

    def _key(self, name: str) -> str:
        return str(self._normalize_name(clean_name(name)))

    def _head(self, name: str) -> Any:
        key = self._key(name)
        with told(key):
            return self.client.head_object(Bucket=self.bucket_name, Key=key)

    def part(self, name: str, start: int, end: int) -> IO[bytes]:
        """Bytes from start to end (exclusive), a file that stands at `start`. Whether there are any shows when it is read."""
        return io.BufferedReader(Reading(self.client, self.bucket_name, self._key(name), start, end))

    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        if mode != "rb":
            raise ValueError("objects are read as they are, and written whole by `save`")
        size = int(self._head(name)["ContentLength"])
        return File(self.part(name, 0, size), name)

    def _save(self, name: str, content: Any) -> str:
        """Whole or not at all, in place of what was there."""
        key = self._key(name)
        if content.seekable():
            content.seek(0)
        body = ReadBytesWrapper(content)
        body.close = lambda: None  # the transfer would close what its caller still reads
        with told(key):
            self.client.upload_fileobj(body, self.bucket_name, key, ExtraArgs=self.get_object_parameters(name), Config=self.transfer_config)
        return str(clean_name(name))

    def get_object_parameters(self, name: str) -> dict[str, Any]:
        """Types are told where bytes are served. Without an ACL an object is private, and buckets that know none take it."""
        return {"ContentType": "application/octet-stream"}

    def delete(self, name: str) -> None:
        key = self._key(name)
        with told(key):
            self.client.delete_object(Bucket=self.bucket_name, Key=key)

    def exists(self, name: str) -> bool:
        try:
            self._head(name)
        except FileNotFoundError:
            return False
        return True

    def listdir(self, name: str) -> tuple[list[str], list[str]]:
        with told(name):
            return super().listdir(name)

    def size(self, name: str) -> int:
        return int(self._head(name)["ContentLength"])

    def get_modified_time(self, name: str) -> Any:
        return self._head(name)["LastModified"]

    def link(self, name: str, *, seconds: int, type: str, disposition: str) -> str | None:
        """The store's own address of the bytes for so long, sent as this type; None where pullers cannot reach the store.

        Nobody can take it back before its time but by deleting the object.
        """
        if self.public == "no":
            return None
        client = self._resource(self.public or self.endpoint_url or "").meta.client
        asked = {"Bucket": self.bucket_name, "Key": self._key(name), "ResponseContentType": type, "ResponseContentDisposition": disposition}
        return str(client.generate_presigned_url("get_object", Params=asked, ExpiresIn=seconds))

    def keeps_versions(self) -> bool:
        """Whether the bucket keeps what is deleted; False also where this may not be asked."""
        try:
            return self.client.get_bucket_versioning(Bucket=self.bucket_name).get("Status") == "Enabled"
        except (ClientError, BotoCoreError):
            return False
