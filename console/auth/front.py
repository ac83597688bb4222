"""What every route of logging in stands on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.auth.notes import NoteAccess, note_nothing
from console.door.cookies import Cookies
from console.door.logins import LoginDesk
from data.situation import WorldMode
from data.text import Text

if TYPE_CHECKING:
    from console.auth.oidc import Provider


@dataclass(frozen=True)
class Front:
    """The door's desk, its cookies, the mode it shows, its journal, and the identity provider if there is one.

    ``public_origin`` is where the provider sends people back to.
    """

    desk: LoginDesk
    cookies: Cookies
    public_origin: str
    mode: WorldMode = "drill"
    note: NoteAccess = note_nothing
    provider: Provider | None = None

    @property
    def provider_label(self) -> Text | None:
        """What the button of the identity provider says."""
        return self.provider.settings.label if self.provider is not None else None
