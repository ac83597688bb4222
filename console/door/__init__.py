"""The one door: login links, logins, and the gate over http and websocket."""
