"""Your data: what is stored about patients, who sees it, for how long, and how they take it back."""

from starlette.requests import Request
from starlette.responses import Response

from pages.streamlit_inside import static
from pages.web import forms


async def show(request: Request) -> Response:
    answer = await forms.show("your_data.html", request, forms.language(request))
    static.squeeze(answer, request)
    return answer
