"""Connections to the very address that was checked: a name may mean another one a moment later."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter


class Pinned(HTTPAdapter):
    """Requests to one host, made to the first of its checked addresses that takes a connection.

    Host header and certificate are those of the host's name. Where a proxy is configured, the proxy
    is told the address.
    """

    def __init__(self, host: str, addresses: Sequence[str]) -> None:
        super().__init__()
        self._host, self._addresses = host, tuple(addresses)
        self._address = self._addresses[0]

    def send(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> requests.Response:
        """Send a request; raises what `requests` raises once no address takes a connection."""
        request.headers.setdefault("Host", urlsplit(request.url or "").netloc.rpartition("@")[2])
        failed: requests.ConnectionError | None = None
        for address in self._addresses:
            self._address = address
            try:
                return super().send(request, *args, **kwargs)
            except requests.ConnectionError as error:
                failed = error
        raise failed or requests.ConnectionError(f"{self._host}: no address", request=request)

    def build_connection_pool_key_attributes(
        self,
        request: requests.PreparedRequest,
        verify: bool | str,
        cert: str | tuple[str, str] | None = None,
    ) -> Any:
        """Return where to connect, and by which name the certificate is checked."""
        where, how = super().build_connection_pool_key_attributes(request, verify, cert)
        named: dict[str, Any] = {**how}
        if where["scheme"] == "https":
            named |= {"server_hostname": self._host, "assert_hostname": self._host}
        return {**where, "host": self._address}, named
