"""The headers every answer carries."""

from __future__ import annotations

from collections.abc import Sequence

HSTS_S = 31_536_000
# Nothing of this is used; a script that got in must not have it either.
_DENIED = (
    "accelerometer",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "microphone",
    "midi",
    "payment",
    "usb",
)
PERMISSIONS_POLICY = ", ".join(f"{one}=()" for one in _DENIED)
# Plain forms need no script at all.
_PLAIN = ("/enter", "/login", "/login/answer", "/password", "/accounts", "/leave")
_PLAIN_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)


def content_security_policy(websocket_origins: Sequence[str]) -> str:
    """Return the policy: nothing from any other host; blob: because the page's components are modules in blobs."""
    return "; ".join(
        (
            "default-src 'self'",
            "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob: data:",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "worker-src 'self' blob:",
            f"connect-src 'self' data: blob: {' '.join(websocket_origins)}",
            "frame-ancestors 'none'",
            "base-uri 'self'",
            "form-action 'self'",
        )
    )


def safe_headers(path: str, origins: Sequence[str]) -> list[tuple[bytes, bytes]]:
    """Return the headers to add for these page origins; only versioned files may be kept by the browser."""
    kept = path.startswith(("/static/", "/assets/"))
    websocket_origins = [origin.replace("http", "ws", 1) for origin in origins]
    policy = _PLAIN_POLICY if path in _PLAIN else content_security_policy(websocket_origins)
    headers = [
        (b"content-security-policy", policy.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"same-origin"),  # with no-referrer a form sends the origin "null"
        (b"permissions-policy", PERMISSIONS_POLICY.encode()),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"cross-origin-resource-policy", b"same-origin"),
        (b"cache-control", b"private, max-age=86400" if kept else b"no-store"),
    ]
    if any(origin.startswith("https://") for origin in origins):
        headers.append((b"strict-transport-security", f"max-age={HSTS_S}".encode()))
    return headers
