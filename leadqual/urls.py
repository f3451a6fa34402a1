from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path
from django.utils.translation import gettext_lazy as _

from leadqual.common.health import healthz
from leadqual.common.pages import language

# Sign-in with its limits and its second factor, also for the admin.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_header = "leadqual"
admin.site.site_title = "leadqual"
admin.site.index_title = _("Admin")

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("language/", language, name="language"),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("journeys/", include("journeys.urls")),
    path("handoff/", include("handoff.urls")),
    path("inbox/", include("handoff.inbox_urls")),
    path("segments/", include("segments.urls")),
    path("scoring/", include("leadqual.scoring.urls")),
    path("improvement/", include("leadqual.improvement.urls")),
    path("api/v1/", include("leadqual.api.urls")),
    path("", include("leadqual.desk.urls")),
]
