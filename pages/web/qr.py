"""QR codes, which carry a link or a receipt from a screen or a sheet to a phone."""

from io import BytesIO
from urllib.parse import quote

import segno
from markupsafe import Markup


def image(text: str, alt: str) -> Markup:
    """Return the QR code (ISO/IEC 18004, error correction M) of a text, dark on light, as an SVG image."""
    drawn = BytesIO()
    segno.make(text, error="m", micro=False).save(
        drawn, kind="svg", border=4, dark="#000", light="#fff", xmldecl=False, omitsize=True
    )
    return Markup('<img class="qr" alt="{}" src="data:image/svg+xml,{}">').format(alt, quote(drawn.getvalue()))
