"""A screen without a monitor: an X server in memory, with a window manager; what it shows is read by OCR."""

import csv
import difflib
import io
import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Tuple

from PIL import Image, ImageChops, ImageFilter, ImageGrab, ImageOps

from ..waiting import until

#: Programs, and the package of Debian that has each.
PROGRAMS = {"Xvfb": "xvfb", "openbox": "openbox", "xdotool": "xdotool", "tesseract": "tesseract-ocr"}
SIZE = (1280, 800)
#: Tesseract wants letters of about 30 pixels.
ENLARGED = 3
#: Height of the title bars of openbox, in pixels.
TITLE_BAR = 20

Box = Tuple[int, int, int, int]


class Word(NamedTuple):
    """What stands in a rectangle of the screen."""

    text: str
    box: Box


def require(programs: Dict[str, str]) -> None:
    """Fail, and name the packages to install, unless all *programs* are there."""
    missing = sorted({package for program, package in programs.items() if shutil.which(program) is None})
    assert not missing, f"missing on this machine: apt-get install --no-install-recommends {' '.join(missing)}"


@contextmanager
def opened(pictures: Optional[Path] = None) -> Iterator["Screen"]:
    """Start an X server on a free display, with a window manager: without one, the second window has no focus."""
    require(PROGRAMS)
    size = "x".join(str(one) for one in (*SIZE, 24))
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", size, "-nolisten", "tcp", "+extension", "GLX"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        screen = Screen(f":{server.stdout.readline().strip()}", pictures)
        manager = subprocess.Popen(
            ["openbox"], stderr=subprocess.DEVNULL, env={"PATH": "/usr/bin:/bin", **screen.environment}
        )
        try:
            yield screen
        finally:
            manager.terminate()
            manager.wait()
            server.terminate()


class Screen:
    """The screen of *display*."""

    def __init__(self, display: str, pictures: Optional[Path]) -> None:
        self.display, self.pictures = display, pictures
        self.environment = {"DISPLAY": display, "LIBGL_ALWAYS_SOFTWARE": "1"}

    def picture(self, box: Optional[Box] = None) -> Image.Image:
        """Return what is shown now: all of it, or the part in *box*."""
        return ImageGrab.grab(xdisplay=self.display).convert("RGB").crop(box or (0, 0, *SIZE))

    def words(self, box: Optional[Box] = None) -> List[Word]:
        """Read what is shown now, in lines from the top; dark on light, or light on dark."""
        left, top = (box or (0, 0))[:2]
        return [
            Word(word.text, (left + word.box[0], top + word.box[1], left + word.box[2], top + word.box[3]))
            for word in read(self.picture(box))
        ]

    def text(self, box: Optional[Box] = None) -> str:
        """Return the words that are shown, with a space between two."""
        return " ".join(word.text for word in self.words(box))

    def find(self, phrase: str, box: Optional[Box] = None) -> Optional[Box]:
        """Return where *phrase* is shown first, or None."""
        wanted, words = phrase.split(), self.words(box)
        for start in range(len(words) - len(wanted) + 1):
            found = words[start : start + len(wanted)]
            if [word.text for word in found] == wanted:
                lefts, tops, rights, bottoms = zip(*(word.box for word in found))
                return min(lefts), min(tops), max(rights), max(bottoms)
        return None

    def shows(self, wanted: str, box: Optional[Box] = None) -> bool:
        """Return whether all of a text is shown, to its last word; a letter in twenty may be read wrong."""
        read, wanted = letters(self.text(box)), letters(wanted)
        pieces = difflib.SequenceMatcher(None, wanted, read, autojunk=False).get_matching_blocks()
        return sum(piece.size for piece in pieces) > 0.95 * len(wanted) and wanted[-8:] in read

    def wait_for(self, phrase: str, seconds: float = 30, box: Optional[Box] = None) -> Box:
        """Return where *phrase* is shown, once it is."""

        def explain() -> str:
            kept = Path(tempfile.gettempdir(), "dcc-window.png")
            self.picture().save(kept)
            return f"not shown: {phrase!r} ({kept}); shown: {self.text(box)}"

        found: Box = until(lambda: self.find(phrase, box), seconds, explain)
        return found

    def windows(self, title: str) -> List[Box]:
        """Return where the windows are whose title matches a regular expression, the newest last."""
        found = []
        for window in self.ask("search", "--onlyvisible", "--name", title):
            at = dict(line.split("=") for line in self.ask("getwindowgeometry", "--shell", window))
            if at:
                left, top, width, height = (int(at[name]) for name in ("X", "Y", "WIDTH", "HEIGHT"))
                top -= TITLE_BAR  # which xdotool counts twice
                found.append((left, top, left + width, top + height))
        return found

    def ask(self, *words: Any) -> List[str]:
        """Return what xdotool says, in lines: nothing of a window that is just closed."""
        environment = {"DISPLAY": self.display, "LC_ALL": "C.UTF-8"}
        command = ["xdotool", *(str(word) for word in words)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        return done.stdout.split()

    def window(self, title: str, seconds: float = 30) -> Box:
        """Return where the newest window of that title is, once it is there."""
        found: List[Box] = until(
            lambda: self.windows(title), seconds, lambda: f"no window: {title!r}; shown: {self.text()}"
        )
        return found[-1]

    def wait_until_closed(self, title: str, seconds: float = 30) -> None:
        """Wait until no window of that title is there."""
        until(lambda: not self.windows(title), seconds, lambda: f"still there: {title!r}; shown: {self.text()}")

    def xdotool(self, *words: Any) -> str:
        """Run xdotool, which presses real keys and buttons; return what it prints."""
        command = ["xdotool", *(str(word) for word in words)]
        done = subprocess.run(
            command, env={"DISPLAY": self.display, "LC_ALL": "C.UTF-8"}, check=True, stdout=subprocess.PIPE, text=True
        )
        return done.stdout

    def click(self, x: int, y: int) -> None:
        """Press the left button for as long as a hand does: many programs do not see a shorter press."""
        self.xdotool("mousemove", x, y, "sleep", 0.3, "mousedown", 1, "sleep", 0.15, "mouseup", 1)

    def click_on(self, phrase: str, box: Optional[Box] = None) -> None:
        """Click in the middle of *phrase*, once it is shown."""
        self.click(*middle(self.wait_for(phrase, box=box)))

    def click_last_button(self, box: Box) -> None:
        """Click on the button in the lower right corner of a dialog."""
        self.click(box[2] - 50, box[3] - 24)

    def keep(self, name: str, box: Optional[Box] = None) -> None:
        """Have what is shown now as a small picture of the documentation, if these are made again (`--pictures`)."""
        if self.pictures is not None:
            self.pictures.mkdir(exist_ok=True)
            small = self.picture(box).quantize(64, dither=Image.Dither.NONE)
            small.save(self.pictures / f"{name}.png", optimize=True)


def letters(text: str) -> str:
    """Return what is surely read in a text: no spaces, no punctuation."""
    return "".join(letter for letter in text.lower() if letter.isalnum())


def middle(box: Box) -> Tuple[int, int]:
    return (box[0] + box[2]) // 2, (box[1] + box[3]) // 2


def read(picture: Image.Image) -> List[Word]:
    """Read the words of a picture, dark on light and light on dark alike: by their difference from what is around."""
    gray = ImageOps.grayscale(picture)
    around = gray.reduce(4).filter(ImageFilter.MedianFilter(9)).resize(gray.size)
    gray = ImageOps.invert(ImageOps.autocontrast(ImageChops.difference(gray, around), cutoff=(0, 0.1)))
    gray = gray.resize((gray.width * ENLARGED, gray.height * ENLARGED), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    gray.save(file, "PNG", compress_level=1)
    one = {**os.environ, "OMP_THREAD_LIMIT": "1"}  # its threads wait for each other
    command = ["tesseract", "-", "-", "--psm", "11", "-l", "eng", "tsv"]
    done = subprocess.run(
        command, env=one, input=file.getvalue(), check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    rows = csv.DictReader(io.StringIO(done.stdout.decode()), delimiter="\t", quoting=csv.QUOTE_NONE)
    found = []
    for row in rows:
        text = (row["text"] or "").strip(" “”‘’\"'|_")  # what it makes of the icons of buttons
        if text:
            left, top, width, height = (int(row[name]) // ENLARGED for name in ("left", "top", "width", "height"))
            found.append(Word(text, (left, top, left + width, top + height)))
    return found
