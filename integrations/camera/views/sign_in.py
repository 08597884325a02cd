"""Signing in with an account, on the way to a work order's page. Guessing is throttled as everywhere (axes)."""

from urllib.parse import urlencode

from csp.decorators import csp_replace
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.decorators import method_decorator

from integrations.camera.views.shell import POLICY

PAGES = "/field/connector/work_order/"


def address(request: HttpRequest, leads_to: str) -> str:
    """Return the absolute address of the page to sign in on, and to come back from."""
    return request.build_absolute_uri(f"{reverse('camera:sign_in')}?{urlencode({'next': leads_to})}")


@method_decorator(csp_replace(POLICY), name="dispatch")
class SignIn(LoginView):
    template_name = "camera/sign_in.html"
    redirect_authenticated_user = True
    # Who came from nowhere is told to open the camera from the app.
    next_page = f"{PAGES}start"

    def get_redirect_url(self, request: HttpRequest | None = None) -> str:
        """Lead on to a page of the connector, and nowhere else."""
        url: str = super().get_redirect_url()
        return url if url.startswith(PAGES) and "\\" not in url else ""

    def render_to_response(self, context: object, **options: object) -> HttpResponse:
        answer: HttpResponse = super().render_to_response(context, **options)  # type: ignore[arg-type]
        answer["X-Robots-Tag"] = "noindex, nofollow"
        return answer
