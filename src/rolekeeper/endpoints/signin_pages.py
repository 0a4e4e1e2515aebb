"""The pages of the sign-in: plain HTML without any script, each with a policy that allows none.

Everything that is put into a page is escaped here, and nowhere else: a page is made of `Markup` and of text.
Sources: the HTML Living Standard; Content Security Policy Level 3; RFC 6265 and its successor's SameSite.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from html import escape

from rolekeeper.wire.http import HttpResponse

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem}"
    "label{display:block;margin:.8rem 0}"
    "input:not([type=radio]){display:block;width:100%;font:inherit}"
    "button{font:inherit;margin:.8rem .8rem 0 0}dt{font-weight:bold}"
    "dd{margin:0 0 .5rem;overflow-wrap:anywhere}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'{{}}; "
    "frame-ancestors 'none'; base-uri 'none'"
)
_SAFE = (
    ("cache-control", "no-store"),
    ("x-frame-options", "DENY"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),  # without a referrer a form's Origin would be `null`
    ("cross-origin-opener-policy", "same-origin"),
)
SAFE = (("content-security-policy", _POLICY.format("")), *_SAFE)
"""Headers of every answer."""


class Markup(str):
    """Text that is HTML already."""


def page(
    title: str, *parts: Markup, status: int = 200, cookies: Iterable[str] = (), leads_to: str | None = None
) -> HttpResponse:
    """A whole page. `leads_to` is an origin to which the answer to its form may redirect."""
    policy = _POLICY.format("" if leads_to is None else f" {leads_to}")
    body = (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><meta name="referrer" content="same-origin">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{''.join(parts)}</main></body></html>"
    )
    return HttpResponse(
        status=status,
        headers=(
            ("content-type", "text/html; charset=utf-8"),
            ("content-security-policy", policy),
            *_SAFE,
            *(("set-cookie", cookie) for cookie in cookies),
        ),
        body=body.encode(),
    )


def redirect(to: str, *, cookies: Iterable[str] = ()) -> HttpResponse:
    """See there, by GET."""
    return HttpResponse(
        status=303,
        headers=(("location", to), *SAFE, *(("set-cookie", cookie) for cookie in cookies)),
    )


def words(text: str) -> Markup:
    """A paragraph."""
    return Markup(f"<p>{escape(text)}</p>")


def alert(text: str | None) -> Markup:
    """What went wrong, if anything."""
    return Markup(f'<p role="alert"><strong>{escape(text)}</strong></p>' if text else "")


def facts(pairs: Mapping[str, str]) -> Markup:
    """Names and what they are."""
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in pairs.items())
    return Markup(f"<dl>{rows}</dl>")


def links(found: Iterable[tuple[str, str]]) -> Markup:
    """A list of addresses on this server, each with what it is called."""
    rows = "".join(f'<li><a href="{escape(to)}">{escape(name)}</a></li>' for to, name in found)
    return Markup(f"<ul>{rows}</ul>")


def form(action: str, button: str, *fields: Markup, **hidden: str) -> Markup:
    """A form that is sent by POST, with fields that are not seen."""
    unseen = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in hidden.items()
    )
    return Markup(
        f'<form method="post" action="{escape(action)}">{unseen}{"".join(fields)}'
        f"<button>{escape(button)}</button></form>"
    )


def field(label: str, name: str, value: str = "", *, kind: str = "text", complete: str = "off") -> Markup:
    """A line to fill in."""
    return Markup(
        f'<label>{escape(label)}<input name="{escape(name)}" type="{kind}" value="{escape(value)}" '
        f'autocomplete="{complete}"></label>'
    )


def choice(name: str, value: str, label: str) -> Markup:
    """One of several, of which one is chosen."""
    return Markup(
        f'<label><input type="radio" name="{escape(name)}" value="{escape(value)}" required> '
        f"{escape(label)}</label>"
    )
