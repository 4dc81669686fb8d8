"""The settings of the job worker. Runs in Zou's own virtual environment only.

RQ runs each job in a fork of this process. What each of them would do again is done here, once: it is half a second.
"""

import gc

gc.disable()  # it would look at all that is loaded again and again

from PIL import Image  # type: ignore[import-not-found,unused-ignore]  # noqa: E402
from sqlalchemy.orm import configure_mappers  # type: ignore[import-not-found,unused-ignore]  # noqa: E402
from zou.job_settings import *  # type: ignore[import-not-found,unused-ignore]  # noqa: E402, F403

configure_mappers()
Image.preinit()  # loads what reads and writes the usual formats
gc.freeze()
gc.enable()
