"""The headers every answer carries."""

from __future__ import annotations


def content_security_policy(websocket_origins: tuple[str, ...]) -> str:
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


def safe_headers(path: str, websocket_origins: tuple[str, ...]) -> list[tuple[bytes, bytes]]:
    """Return the headers to add; only versioned files may be kept by the browser."""
    kept = path.startswith(("/static/", "/assets/"))
    return [
        (b"content-security-policy", content_security_policy(websocket_origins).encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"cross-origin-resource-policy", b"same-origin"),
        (b"cache-control", b"private, max-age=86400" if kept else b"no-store"),
    ]
