"""A Deepomatic site: REST API v0.2, and the Camera Connector with pages that a browser passes through."""
