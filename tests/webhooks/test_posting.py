"""Where news may go: never to a private machine, in whatever spelling, and nothing is followed or waited for for ever."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from typing import Any

import pytest

from tests.webhooks.conftest import Listening
from workflows.webhooks.posting import Refused, parsed, post, require_public

PRIVATE = (
    "127.0.0.1", "[::1]", "0.0.0.0", "127.1", "2130706433", "0x7f.1", "017700000001", "[::ffff:127.0.0.1]", "169.254.169.254",
    "[fd00:ec2::254]", "metadata.google.internal", "100.64.0.1", "192.0.0.192", "[64:ff9b::7f00:1]", "10.0.0.1", "192.168.1.1",
    "172.16.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "localhost", "LOCALHOST.", "a.localhost", "[2002:7f00:1::]",
)  # fmt: skip


@pytest.mark.parametrize("host", PRIVATE)
def test_a_private_machine_is_refused_when_it_is_typed_and_when_it_is_met(host: str) -> None:
    with pytest.raises(Refused):
        parsed(f"http://{host}/hook")
    with pytest.raises((Refused, OSError)):
        post(f"https://{host}/hook", b"{}", {})


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "gopher://a/", "data:,x", "ftp://a.example/", "https://", "https:///x", "//a.example", "a.example", "",
        "https://user@a.example/", "https://a@b.example/", "https://a.example:22/", "https://a.example:5432/", "https://a.example:99999/",
        "https://a.example/#x", "https://a.example/a b", "https://a.example/\r\nX: y", "https://[::1/", "https://a.example/" + "x" * 2000,
    ],
)  # fmt: skip
def test_what_is_no_address_for_news_is_refused(url: str) -> None:
    with pytest.raises(Refused):
        parsed(url)


def test_public_addresses_pass() -> None:
    for url in ("https://ci.example/hook?x=1", "http://ci.example:8080/", "https://93.184.216.34/hook"):
        parsed(url)
    require_public("2606:2800:220:1:248:1893:25c8:1946")


def test_a_name_that_stands_for_a_private_machine_is_refused_before_anything_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rebinding: the name is resolved once, and what it stands for then is what is checked."""
    asked = []

    def rebinding(host: str, port: Any, *more: Any, **named: Any) -> Any:
        if named.get("flags"):
            raise OSError("no number")
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", port)), (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.9", port))]

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    with pytest.raises(Refused):
        post("https://two-faced.example/hook", b"{}", {})
    assert asked == ["two-faced.example"]


def test_redirects_are_not_followed(listening: Listening) -> None:
    listening.answers = [302]
    assert post(listening.url, b"{}", {}, private=True) == 302
    assert len(listening.got) == 1


def test_who_trickles_is_left() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def trickle() -> None:
            here, _from = server.accept()
            with here:
                try:
                    for _each in range(600):
                        here.sendall(b"H")
                        time.sleep(0.05)
                except OSError:
                    return

        threading.Thread(target=trickle, daemon=True).start()
        with pytest.raises((OSError, http.client.HTTPException)):
            post(f"http://127.0.0.1:{server.getsockname()[1]}/", b"{}", {}, private=True, seconds=0.4)
