"""What a person may do at a seat: every act by name, each a small function of the seat and the message."""

from __future__ import annotations

# Importing a room of acts enters them in the registry.
from console.actions import deciding, looking, moving, typing_line, viewing
from console.actions.registry import ACTIONS, handle

__all__ = ["ACTIONS", "deciding", "handle", "looking", "moving", "typing_line", "viewing"]
