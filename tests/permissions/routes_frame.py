"""Sign-in by allauth (its routes as they answer without a second factor set up), and the address for load balancers."""

from tests.permissions.table import Route

ROUTES = [
    Route("healthz", {"GET": "200 200 200 200 200"}),
    Route(
        "language",
        {"POST": "302 302 302 302 302"},
        data=lambda world: {"language": "en", "next": "/accounts/inactive/"},
    ),
    Route(
        "account_login",
        {
            "GET": "200 302 302 302 302",
            "POST": "200 302 302 302 302",
            "PUT": "200 302 302 302 302",
            "PATCH": "405 302 302 302 302",
            "DELETE": "405 302 302 302 302",
        },
    ),
    Route("account_logout", {"GET": "302 200 200 200 200", "POST": "302 302 302 302 302"}),
    Route("account_inactive", {"GET": "200 200 200 200 200"}),
    Route(
        "account_signup",
        {
            "GET": "200 302 302 302 302",
            "POST": "200 302 302 302 302",
            "PUT": "200 302 302 302 302",
            "PATCH": "200 302 302 302 302",
            "DELETE": "200 302 302 302 302",
        },
    ),
    Route("account_reauthenticate", {"GET": "login 403 403 403 403"}),
    Route(
        "account_email",
        {"GET": "login 200 200 200 200", "POST": "login 302 302 302 302", "PUT": "login 302 302 302 302"},
    ),
    Route("account_email_verification_sent", {"GET": "200 200 200 200 200"}),
    Route(
        "account_change_password",
        {
            "GET": "login 302 302 302 302",
            "POST": "login 302 302 302 302",
            "PUT": "login 302 302 302 302",
            "PATCH": "login 302 302 302 302",
            "DELETE": "login 302 302 302 302",
        },
    ),
    Route(
        "account_set_password",
        {"GET": "login 200 200 200 200", "POST": "login 200 200 200 200", "PUT": "login 200 200 200 200"},
    ),
    Route(
        "account_reset_password",
        {"GET": "200 200 200 200 200", "POST": "200 200 200 200 200", "PUT": "200 200 200 200 200"},
    ),
    Route(
        "account_confirm_login_code",
        {
            "GET": "302 302 302 302 302",
            "POST": "302 302 302 302 302",
            "PUT": "302 302 302 302 302",
            "PATCH": "302 302 302 302 302",
            "DELETE": "302 302 302 302 302",
        },
    ),
    Route(
        "account_confirm_email",
        arguments=lambda world: {"key": "unknown"},
        cells={"GET": "200 200 200 200 200"},
    ),
    Route("account_reset_password_from_key_done", {"GET": "200 200 200 200 200"}),
    Route(
        "account_reset_password_from_key",
        arguments=lambda world: {"uidb36": "1", "key": "x"},
        cells={
            "GET": "200 200 200 200 200",
            "POST": "200 200 200 200 200",
            "PUT": "200 200 200 200 200",
            "PATCH": "200 200 200 200 200",
            "DELETE": "200 200 200 200 200",
        },
    ),
    Route("account_reset_password_done", {"GET": "200 200 200 200 200"}),
    Route("mfa_index", {"GET": "login 200 200 200 200"}),
    Route(
        "mfa_authenticate",
        {
            "GET": "302 302 302 302 302",
            "POST": "302 302 302 302 302",
            "PUT": "302 302 302 302 302",
            "PATCH": "302 302 302 302 302",
            "DELETE": "302 302 302 302 302",
        },
    ),
    Route("mfa_reauthenticate", {"GET": "login 403 403 403 403"}),
    Route(
        "mfa_activate_totp",
        {"GET": "login 200 200 200 200", "POST": "login 200 200 200 200", "PUT": "login 200 200 200 200"},
    ),
    Route("mfa_deactivate_totp", {"GET": "login 404 404 404 404"}),
    Route("mfa_view_recovery_codes", {"GET": "login 404 404 404 404"}),
    Route(
        "mfa_generate_recovery_codes",
        {"GET": "login 200 200 200 200", "POST": "login 200 200 200 200", "PUT": "login 200 200 200 200"},
    ),
    Route("mfa_download_recovery_codes", {"GET": "login 404 404 404 404"}),
]
