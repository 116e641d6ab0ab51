"""Starts localstripe on the loopback interface only; its own command listens everywhere.

Usage: localstripe_on_loopback.py PORT
"""

import sys

from aiohttp import web
from localstripe import server

web.run_app(server.app, host="127.0.0.1", port=int(sys.argv[1]), print=None)
