"""The whole site: the API and, in the same process, the pages."""

from fastapi import FastAPI

from api.app import create_app
from runtime.settings import Settings
from web.http import assets, missing
from web.http.session import Sessions
from web.routes import PAGES


def create_site(settings: Settings) -> FastAPI:
    """The API with the pages for people. Raises ConfigurationError, UnreadableSecret, MisconfiguredTokens."""
    settings.pages_client_secret  # noqa: B018  a missing one is said now, and not to whoever signs in first
    app = create_app(settings, first=(missing.before_api,))
    app.state.sessions = Sessions(settings)
    app.include_router(assets.router)
    for pages in (*PAGES, missing.after_all):
        app.include_router(pages)
    return app
