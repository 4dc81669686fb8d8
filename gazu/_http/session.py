"""The session: requests' own, told what it would look up again for each request."""

import copy
import os
import time
from typing import Any, Dict, Mapping, Optional, Tuple, Union
from urllib.parse import urlsplit

from .failures import RequestException as RequestException  # first: it says what to install

from .failures import downgrade_to  # isort: skip

import requests  # isort: skip
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH, get_environ_proxies, select_proxy

from .connections import Adapter
from .route import PLAIN_URL, origin_of

Timeout = Union[None, float, Tuple[Optional[float], Optional[float]]]

#: The variables of the environment that matter for an address, by its scheme; each look-up takes a microsecond.
_PROXIES = ("all_proxy", "no_proxy", "ALL_PROXY", "NO_PROXY")
_VARIABLES = {
    "http:": ("http_proxy", "HTTP_PROXY", *_PROXIES),
    "https:": ("https_proxy", "HTTPS_PROXY", *_PROXIES, "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
}


def keep_headers(request: Any) -> Any:
    """Authenticate nothing: with an `auth` of its own, a session takes none from .netrc."""
    return request


#: For how long the proxies of the system are kept: in the settings of Windows and macOS they change without a variable.
SETTINGS_TTL_SECONDS = 5.0


class Session(requests.Session):
    """A real requests.Session, minus what it looks up again for each request.

    Proxies and CA bundles are looked up once for a host, and again when a variable
    of the environment changed, after a while, and after a failure.
    """

    def __init__(self) -> None:
        super().__init__()
        self.auth = keep_headers
        self.headers["Accept-Encoding"] = "gzip, deflate"  # others unfold to any size in older versions of urllib3
        self._settings: Dict[Any, Any] = {}
        self.mount("https://", Adapter())
        self.mount("http://", Adapter())

    def __setstate__(self, state: Dict[str, Any]) -> None:
        super().__setstate__(state)
        self._settings = {}

    def merge_environment_settings(self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any) -> Any:
        """Return the settings for *url*; what was set on the session wins over the environment."""
        if proxies or verify is not None or not self.trust_env:
            return super().merge_environment_settings(url, proxies, stream, verify, cert)
        origin = origin_of(url)
        environment = [os.environ.get(name) for name in _VARIABLES.get(origin.split("/", 1)[0], _VARIABLES["https:"])]
        key = (origin, environment, self.verify, dict(self.proxies))
        known = self._settings  # another thread may replace it
        settings = known.get("key") == key and time.monotonic() < known["until"] and known["value"]
        if not settings:
            settings = super().merge_environment_settings(url, {}, None, None, None)
            if self.verify is not True:
                settings["verify"] = self.verify
            self._settings = {"key": key, "value": settings, "until": time.monotonic() + SETTINGS_TTL_SECONDS}
        return dict(settings, stream=stream or self.stream, cert=cert or self.cert)

    def send(self, request: Any, **kwargs: Any) -> Any:
        """Send a finished request; after a failure, the next one looks for another proxy."""
        try:
            return super().send(request, **kwargs)
        except requests.RequestException:
            self._settings = {}
            raise

    def get_redirect_target(self, resp: Any) -> Optional[str]:
        """Return where a response redirects to, or None."""
        try:
            target = super().get_redirect_target(resp)
            urlsplit(target or "")
        except ValueError as error:  # requests 2.34 lets those of the standard library through
            raise requests.exceptions.InvalidURL(f"the server redirects to an invalid address: {error}") from None
        if target and resp.url.lower().startswith("https:") and target.lower().startswith("http:"):
            raise downgrade_to(target)
        return target

    def resolve_redirects(self, resp: Any, req: Any, *args: Any, **kwargs: Any) -> Any:
        """Follow redirects; what `send_prepared` saves a request without cookies is made up for here."""
        if resp.is_redirect:
            req.prepare_cookies(self.cookies)
        return super().resolve_redirects(resp, req, *args, **kwargs)

    def rebuild_auth(self, prepared_request: Any, response: Any) -> None:
        """Keep the token from following a redirect to another host."""
        if self.should_strip_auth(response.request.url, prepared_request.url):
            prepared_request.headers.pop("Authorization", None)

    def rebuild_proxies(self, prepared_request: Any, proxies: Any) -> Any:
        """Return the proxies for a redirect; requests before 2.31 sends their password through the tunnel to https."""
        rebuilt = super().rebuild_proxies(prepared_request, proxies)
        if prepared_request.url.lower().startswith("https:"):
            prepared_request.headers.pop("Proxy-Authorization", None)
        return rebuilt


def send_prepared(
    session: requests.Session, method: str, url: str, headers: Mapping[str, str], data: Any, params: Any,
    timeout: Timeout, stream: bool, redirects: bool,
) -> requests.Response:  # fmt: skip
    """Send one request and return the response.

    `session.send` gets it finished, as requests spends a third of a small call on merging
    settings that are all empty; `session.request` gets what needs more, and whatever somebody,
    such as a test suite, has put in its place.
    """
    if params or not _sends_finished(session) or not PLAIN_URL.fullmatch(url):
        return session.request(
            method, url, headers=dict(headers), data=data, params=params,
            timeout=timeout, stream=stream, allow_redirects=redirects,
        )  # fmt: skip
    prepared = requests.PreparedRequest()
    prepared.method, prepared.url, prepared.body = method, url, data
    prepared.headers = session.headers.copy()  # type: ignore[assignment]
    prepared.headers.update(headers)
    if session.cookies:
        prepared.prepare_cookies(session.cookies)
    if data is not None:
        prepared.headers["Content-Length"] = str(len(data))
    elif method not in ("GET", "HEAD"):
        prepared.headers["Content-Length"] = "0"
    settings = session.merge_environment_settings(url, {}, stream, None, None)
    return session.send(prepared, timeout=timeout, allow_redirects=redirects, **settings)


def _sends_finished(session: requests.Session) -> bool:
    """Return whether `session.request` would add nothing of its own to a request."""
    return (
        type(session) is Session
        and "request" not in vars(session)
        and getattr(Session.request, "__globals__", None) is vars(requests.sessions)  # it is that of requests
        and session.auth is keep_headers
        and not session.params
        and not session.hooks["response"]
    )


def renew_pools(session: requests.Session) -> None:
    """Give a forked child connections of its own: a socket shared with the parent mixes up responses."""
    for prefix, adapter in list(session.adapters.items()):
        if isinstance(adapter, HTTPAdapter):
            # Not cleared: another thread of the parent may have held the locks of the old pools.
            session.mount(prefix, copy.copy(adapter))


def normalized_url(url: str) -> str:
    """Return an address as requests sends it: checked, and quoted where it needs to be.

    Raises:
        requests.exceptions.InvalidURL: the address is not valid; some cases have a subclass of it.
    """
    if PLAIN_URL.fullmatch(url):
        return url
    prepared = requests.PreparedRequest()
    prepared.prepare_url(url, None)
    return str(prepared.url)


def connection_settings(url: str, verify: Any, cert: Any) -> Tuple[Optional[str], Union[bool, str], Any]:
    """Return how requests would connect: proxy, CA bundle (False to trust anybody), client certificate.

    Args:
        verify: that of the client; True leaves it to the environment.
        cert: that of the client.
    """
    if not url.lower().startswith(("http://", "https://")):
        raise requests.exceptions.InvalidSchema(f"No connection adapters were found for {url!r}")
    proxy = select_proxy(url, get_environ_proxies(url, no_proxy=None))
    if verify is True:
        verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or DEFAULT_CA_BUNDLE_PATH
    if proxy and "://" not in proxy:
        proxy = "http://" + proxy
    return proxy, verify, cert
