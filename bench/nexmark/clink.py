"""clink.py FILE: the statements of a file by pyclink, in this process, at parallelism 1, until their job is over."""
import sys

import pyclink

with pyclink.Engine(parallelism=1) as engine:
    engine.execute(open(sys.argv[1]).read())
    engine.await_all()
