"""Who is never banned, by the settings: machines that this one needs."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fastagi.bans.allow import Never

if TYPE_CHECKING:
    from fastagi.settings import Settings


def never_of(settings: Settings) -> Never:
    """Return the allow list that the settings make; its own addresses, and friends, it finds."""
    networks = [(each, "it may ask the gate") for each in settings.agi.allow]
    if settings.console is not None:
        proxies = settings.console.proxies
        networks += [(each, "it is a proxy of the console") for each in proxies]
    hosts = {each.host: "an Asterisk is there" for each in settings.ami}
    hosts |= dict.fromkeys(_hosts_of(settings.store.url), "the store is there")
    return Never(networks, hosts)


def _hosts_of(url: str) -> list[str]:
    """Return the hosts of a store's URL; none of one that is a file."""
    places = urlsplit(url).netloc.rpartition("@")[2].split(",")
    hosts = [urlsplit(f"//{each}").hostname or "" for each in places]
    return [each for each in hosts if each and not each.startswith(":")]
