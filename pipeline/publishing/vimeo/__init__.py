"""Text tracks of Vimeo: `platform` is the adapter, `client` speaks the API's protocol, `auth` signs in."""

from pipeline.publishing.vimeo.platform import Vimeo

__all__ = ["Vimeo"]
