"""All routes that there are, by their constants."""

from bridge.server import routes

ROUTES = [route for name, route in vars(routes).items() if name.isupper()]
