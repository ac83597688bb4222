"""How people get in at one address and mode: by which origins and cookies, by links or by accounts alone."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from console.auth.oidc import Provider
from console.auth.oidc_settings import read_oidc_settings
from console.door.cookies import Cookies, cookies_for, is_loopback
from console.door.limits import Network, trusted_networks
from console.door.logins import LoginDesk
from console.store_address import without_password
from data.accounts.store import open_accounts
from data.errors import TongzhouError, worded
from data.situation import WorldMode


class EntranceError(ValueError, TongzhouError):
    """People could not get in safely the way it was asked for; says what to do instead."""


@dataclass(frozen=True)
class Entrance:
    """What the door of one served console is built from; ``address`` is what people open."""

    address: str
    origins: tuple[str, ...]
    cookies: Cookies
    logins: LoginDesk
    provider: Provider | None
    trusted_proxies: tuple[Network, ...]
    store_given: str

    def how_to_log_in(self) -> str:
        """Return where to log in, and how to make the first admin where nobody could."""
        lines = f"登录 Log in: {self.address}/login"
        people = self.logins.accounts.people.all()
        if any(one.role == "admin" and not one.is_disabled for one in people) or self.logins.links:
            return lines
        command = f"tongzhou user add NAME --role admin --store {shlex.quote(without_password(self.store_given))}"
        return f"{lines}\n还没有管理员账号。请在终端建立 No admin yet. Make the first one in a terminal:\n  {command}"

    async def close(self) -> None:
        """Write down what is not yet, and release the store of accounts and the provider."""
        await self.logins.settle()
        self.logins.close()
        if self.provider is not None:
            await self.provider.close()


def origins_for(host: str, port: int, given: Sequence[str]) -> tuple[str, ...]:
    """Return the origins pages are opened from, the one people use first.

    Raises EntranceError where passwords would cross a network in the clear.
    """
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host
    own = (f"http://{shown}:{port}", f"http://127.0.0.1:{port}", f"http://localhost:{port}")
    open_to_all = not is_loopback(f"http://{host if ':' not in host else f'[{host}]'}:{port}")
    unsafe = [one for one in given if one.startswith("http://") and not is_loopback(one)]
    if unsafe or (open_to_all and not any(one.startswith("https://") for one in given)):
        at = unsafe[0] if unsafe else f"http://{host}:{port}"
        raise worded(
            EntranceError(
                f"At {at} passwords and positions would cross the network unprotected. Put a proxy with TLS before the "
                "console and name the address people open: --origin https://HOST. Or serve this machine alone: "
                "--host 127.0.0.1"
            ),
            zh=f"在 {at} 上密码和位置会不加保护地经过网络。请在前面加一个 TLS 代理，并写明打开的地址："
            "--origin https://主机名；或只在本机使用：--host 127.0.0.1",
        )
    if open_to_all:
        own = own[1:]
    return tuple(dict.fromkeys((*given, *own)))


def open_entrance(
    store: str,
    mode: WorldMode,
    host: str,
    port: int,
    given_origins: Sequence[str] = (),
    *,
    links: bool = True,
    oidc: Path | None = None,
    trusted_proxies: Sequence[str] = (),
) -> Entrance:
    """Return the way in to a console on this store; login links only for a drill that this machine alone can reach.

    Raises EntranceError, DataFaultsError for the file ``oidc``, AccountsUnreachableError.
    """
    origins = origins_for(host, port, given_origins)
    try:
        proxies = trusted_networks(trusted_proxies)
    except ValueError as error:
        raise worded(
            EntranceError(f"--trusted-proxy takes an IP address or network, e.g. 127.0.0.1 or 10.0.0.0/24: {error}."),
            zh=f"--trusted-proxy 须为 IP 地址或网段，如 127.0.0.1 或 10.0.0.0/24（{error}）。",
        ) from error
    provider = Provider(read_oidc_settings(oidc)) if oidc is not None else None
    by_link = links and mode == "drill" and all(is_loopback(one) for one in origins)
    return Entrance(
        address=origins[0],
        origins=origins,
        cookies=cookies_for(origins, port),
        logins=LoginDesk(open_accounts(store), links=by_link),
        provider=provider,
        trusted_proxies=proxies,
        store_given=store,
    )
