"""What `dialguard doctor` looks at of the web: at its own port, and by the URL that browsers use.

It asks for the API's document, which takes no token and no store: any answer but that is somebody
else's.
"""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import httpx
from cryptography import x509

from fastagi.cli.checkup import fail, ok, warn
from fastagi.daemon.places import means_of, policy_place
from fastagi.daemon.reload import load_policies
from fastagi.errors import PolicyError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.cli.checkup import Finding
    from fastagi.settings import Settings
    from fastagi.settings.model import ConsoleSettings

DOCUMENT: Final = "/api/v1/openapi.json"
TITLE: Final = "dialguard"
PATIENCE_S: Final = 5.0
MISDIRECTED: Final = 421
"""What the web says to who asks for a name that is none of its own."""

RENEWED_WITHIN: Final = timedelta(days=14)
"""A certificate that ends sooner should have been renewed: those of 90 days are after 60."""

LOG: Final = "`systemctl status dialguard`, and the service's log: `console-cannot-start` says why"


def web_answers(settings: Settings) -> Iterator[Finding]:
    """Whether the web answers, by the names it is to have, with a certificate that is good."""
    console = settings.console
    if console is None:
        return
    yield from _names_lead_somewhere(settings, console)
    yield from _port_answers(console)
    if console.url:
        yield _url_leads_here(console)


# ------------------------------------------------------------------------------ names


def _names_lead_somewhere(settings: Settings, console: ConsoleSettings) -> Iterator[Finding]:
    """Whether browsers can ask by the URL, and each name of `hosts` is of a site."""
    host = urlsplit(console.public_url).hostname or ""
    if _is_anywhere(host):
        yield fail(
            f"browsers would have to ask for `{console.public_url}`, which is no address",
            'write the `url` that they use into `[console]`: `url = "https://phones.example.org"`',
        )
    try:
        sites = load_policies(policy_place(settings), means_of(settings))
    except PolicyError:  # which is told of where policies are looked at
        return
    for name, site in console.hosts.items():
        if site not in sites:
            known = ", ".join(f"`{each}`" for each in sites)
            yield fail(
                f"`{name}` of `hosts` is to show the page of site `{site}`, which is none",
                f"name one of {known} in `[console] hosts`",
            )


def _is_anywhere(host: str) -> bool:
    try:
        return ip_address(host).is_unspecified
    except ValueError:
        return False


# ------------------------------------------------------------------------------ its port


def _port_answers(console: ConsoleSettings) -> Iterator[Finding]:
    listen, is_bare = console.listen, console.certificate is None
    host = listen.host
    if host.is_unspecified:
        host = ip_address("127.0.0.1" if host.version == 4 else "::1")
    there = f"[{host}]:{listen.port}" if host.version == 6 else f"{host}:{listen.port}"
    name = urlsplit(console.public_url).netloc
    anybody = ssl.create_default_context()  # what it shows is looked at below, not refused here
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    scheme = "http" if is_bare else "https"
    try:
        with (
            httpx.Client(verify=anybody, timeout=PATIENCE_S, trust_env=False) as client,
            client.stream(
                "GET", f"{scheme}://{there}{DOCUMENT}", headers={"Host": name}
            ) as answer,
        ):
            stream = answer.extensions["network_stream"].get_extra_info("ssl_object")
            shown = None if stream is None else stream.getpeercert(True)  # in DER
            answer.read()
    except httpx.ConnectError as error:
        yield fail(f"nobody answers for the web at {there}: {error}", LOG)
        return
    except httpx.HTTPError as error:
        if is_bare and not host.is_loopback:
            what = f"the web at {there} answers its `proxies` only, and this machine is none"
            yield warn(what, "see whether it answers by its `url`")
        else:
            why = str(error) or type(error).__name__
            yield fail(f"what is at {there} does not answer as the web does: {why}", LOG)
        return
    if answer.status_code == MISDIRECTED:
        what = f"the web at {there} does not know the name `{name}`"
        yield fail(what, "restart the service: it runs with a `url` of before")
    elif not _is_ours(answer):
        yield fail(f"something else answers at {there}", "give `[console] listen` another port")
    else:
        yield ok(f"web answers at {there}")
    if shown:
        yield from _certificate_is_good(console, x509.load_der_x509_certificate(shown))


def _is_ours(answer: httpx.Response) -> bool:
    try:
        return bool(answer.json()["info"]["title"] == TITLE)
    except (ValueError, LookupError, TypeError):
        return False


# ------------------------------------------------------------------------------ its certificate


def _certificate_is_good(console: ConsoleSettings, shown: x509.Certificate) -> Iterator[Finding]:
    """Whether the certificate that is shown is in force, for every name, and the one on disk."""
    until, now = shown.not_valid_after_utc, datetime.now(UTC)
    day, is_over = f"{until:%Y-%m-%d}", until <= now
    renew = "renew it; the service reads the file by itself"
    if is_over:
        yield fail(f"the web's certificate ended on {day}", renew)
    elif until - now < RENEWED_WITHIN:
        yield warn(f"the web's certificate ends on {day}", renew)
    wanted = [urlsplit(console.public_url).hostname or "", *console.hosts]
    missing = [each for each in wanted if not _is_for(shown, each)]
    if missing:
        which = ", ".join(f"`{each}`" for each in missing)
        yield fail(f"the web's certificate is not for {which}", "have one made for every name")
    if _is_another(console, shown):
        what = f"the web shows another certificate than `{console.certificate}` holds by now"
        yield warn(what, "it is read when it changes: does the log say `certificate-refused`?")
    elif not is_over and not missing:
        yield ok(f"certificate is for every name, until {day}")


def _is_for(certificate: x509.Certificate, name: str) -> bool:
    """Tell whether it is for a name, also by `*` as its first label (RFC 6125), or an address."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return False
    try:
        return ip_address(name) in names.get_values_for_type(x509.IPAddress)
    except ValueError:
        known = {each.lower() for each in names.get_values_for_type(x509.DNSName)}
        return name in known or f"*.{name.partition('.')[2]}" in known


def _is_another(console: ConsoleSettings, shown: x509.Certificate) -> bool:
    if console.certificate is None:
        return False
    try:
        return x509.load_pem_x509_certificates(console.certificate.read_bytes())[0] != shown
    except (OSError, ValueError):  # that it cannot be used is told of with the settings
        return False


# ------------------------------------------------------------------------------ its URL


def _url_leads_here(console: ConsoleSettings) -> Finding:
    """Whether browsers get here by the URL, as far as this machine can tell."""
    url = console.public_url
    far = "if browsers elsewhere do get here, this machine only cannot reach itself by that name"
    try:
        answer = httpx.get(f"{url}{DOCUMENT}", timeout=PATIENCE_S, trust_env=False)
    except httpx.HTTPError as error:
        why = str(error) or type(error).__name__
        return warn(f"`{url}` does not lead here: {why}", f"see docs/web.md; {far}")
    if _is_ours(answer):
        return ok(f"`{url}` leads here")
    if answer.status_code == MISDIRECTED:
        cure = "let the web server before it pass the `Host` header on (docs/web.md)"
        return fail(f"`{url}` leads here under another name", cure)
    status = answer.status_code
    return warn(f"`{url}` leads elsewhere: its answer is {status}", f"see docs/web.md; {far}")
