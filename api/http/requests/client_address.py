"""The client's address, behind proxies that the settings name."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from starlette.requests import Request

_SUBSCRIBER: Final = 64
"""Bits of an IPv6 address that one subscriber has for itself."""
Address = IPv4Address | IPv6Address


def client_address(request: Request, trusted: str) -> str:
    """Return the peer's address; of a trusted proxy, the last address of `X-Forwarded-For` that is none of
    theirs. Such headers from anybody else are ignored.

    `trusted`: addresses and networks, separated by commas.
    """
    peer = request.client.host if request.client else ""
    forwarded = ",".join(request.headers.getlist("x-forwarded-for")).split(",")
    address = _address(peer)
    while address is not None and forwarded and _is_trusted(address, trusted):
        before = _address(forwarded.pop().strip())
        if before is None:
            break
        address = before
    return _shown(address) if address is not None else peer


def peer_address(peer: str, trusted: str) -> str:
    """Return a connection's address; empty for a trusted proxy's, and for an invalid one."""
    address = _address(peer)
    return "" if address is None or _is_trusted(address, trusted) else _shown(address)


def _address(text: str) -> Address | None:
    try:
        found = ip_address(text.strip("[]"))
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def _is_trusted(address: Address, trusted: str) -> bool:
    networks = (ip_network(one.strip(), strict=False) for one in trusted.split(",") if one.strip())
    return any(address.version == network.version and address in network for network in networks)


def _shown(address: Address) -> str:
    if isinstance(address, IPv4Address):
        return str(address)
    return str(ip_network((address, _SUBSCRIBER), strict=False))
