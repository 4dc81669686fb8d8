"""Serve fakeredis on a port of this machine, where no Redis can be had. Lies beside `packages`."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "packages"))

from fakeredis import TcpFakeServer  # type: ignore[import-not-found,unused-ignore]

TcpFakeServer(("127.0.0.1", int(sys.argv[1])), server_type="redis").serve_forever()
