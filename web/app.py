"""The whole site: the API and, in the same process, the pages."""

from fastapi import FastAPI

from api.app import create_app
from runtime.settings import Settings
from web.http import assets, fallback_pages
from web.http.session import Sessions
from web.routes import PAGES


def create_site(settings: Settings) -> FastAPI:
    """Return the API with the pages for people. Raises ConfigurationError, UnreadableSecret, MisconfiguredTokens."""
    _ = settings.pages_client_secret  # a missing one is said now, and not to whoever signs in first
    app = create_app(settings, first=(fallback_pages.before_api,))
    app.state.sessions = Sessions(settings)
    app.include_router(assets.router)
    for pages in (*PAGES, fallback_pages.after_all):
        app.include_router(pages)
    return app
