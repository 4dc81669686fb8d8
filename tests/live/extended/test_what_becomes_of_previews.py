"""What the server makes of pictures and movies: the table of docs/how-to/publish-a-preview.md, on Zou 1.0.97.

FFmpeg 6.0 draws the files and reads what came back. Most of the time goes to the server's encoder.
"""

import binascii
import re
import struct
import subprocess
from pathlib import Path
from typing import Any, Callable, Dict, List, NamedTuple, Optional

import pytest

import gazu
from gazu.exception import RouteNotFoundException

from ...waiting import until


class Stream(NamedTuple):
    """The first picture stream of a file."""

    pixels: str
    size: str
    fps: str
    frames: int
    tags: str


class Published(NamedTuple):
    """A file as it was sent, what came back, and the record of the preview."""

    sent: Path
    original: Optional[Path]
    row: Any
    task: Any


@pytest.fixture
def ffmpeg(box: Any, tmp_path: Path) -> Callable[..., Path]:
    """Make a file with FFmpeg."""

    def run(name: str, *options: Any) -> Path:
        command = [box.ffmpeg, "-v", "error", "-y", *map(str, options), str(tmp_path / name)]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
        return tmp_path / name

    return run


@pytest.fixture
def look(box: Any) -> Callable[[Path], Stream]:
    """Read a file with FFmpeg."""

    def look(path: Path) -> Stream:
        command = [
            box.ffmpeg,
            "-hide_banner",
            "-i",
            str(path),
            "-map",
            "0:v",
            "-fps_mode",
            "passthrough",
            "-f",
            "null",
            "-",
        ]
        text = subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE).stderr.decode()
        line = re.search(r"Stream #0:\d.*?Video: .*", text)[0]  # type: ignore[index]
        found = re.search(r", (\w+)(\([^)]*\))?, (\d+x\d+)", line)
        fps = re.search(r"([\d.]+) fps", line)
        frames = re.findall(r"frame= *(\d+)", text)[-1]
        assert found
        return Stream(found[1], found[3], fps[1] if fps else "", int(frames), found[2] or "")

    return look


@pytest.fixture
def publish(gazu_make: Any, tmp_path: Path) -> Callable[..., Published]:
    """Publish a file in a production of 25 fps and 320x180, and download the original of the preview."""
    gazu.project.update_project({"id": gazu_make.project["id"], "fps": "25", "resolution": "320x180"})
    status = gazu.task.get_task_status_by_short_name("wfa")

    def publish(path: Path, keep: bool = False, data: Optional[Dict[str, Any]] = None) -> Published:
        task = gazu_make.task(gazu_make.shot(data=data))
        _, row = gazu.task.publish_preview(task, status, preview_file_path=str(path), normalize_movie=not keep)
        row = gazu.files.wait_for_preview_file(row, timeout=300, poll_interval=0.1)
        target = tmp_path / f"original.{row['extension']}"
        if row["status"] == "ready":
            gazu.files.download_preview_file(row, target)
        return Published(path, target if row["status"] == "ready" else None, row, gazu.task.get_task(task))

    return publish


def drawn(size: str = "320x180", rate: str = "25", seconds: float = 0.4) -> List[str]:
    return ["-f", "lavfi", "-i", f"testsrc2=size={size}:rate={rate}:duration={seconds}"]


def sound(seconds: float = 0.4) -> List[str]:
    return ["-f", "lavfi", "-i", f"sine=duration={seconds}"]


PLAIN = ["-pix_fmt", "yuv420p"]
#: Every other frame from the eleventh on.
VARIABLE = [*PLAIN, "-vf", "select='not(mod(n,2))+lt(n,10)'", "-fps_mode", "vfr"]


# -- movies ------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("rate", "seconds", "frames", "data", "after"),
    [
        ("24", 2, 48, None, ("25", 50)),
        ("30", 3, 90, None, ("25", 77)),  # not 75: as FFmpeg 6.0 rounds
        ("24", 2, 48, {"fps": "24"}, ("24", 48)),
    ],
)
def test_a_movie_gets_the_rate_of_its_shot_or_of_the_production(
    rate: str, seconds: int, frames: int, data: Any, after: Any, ffmpeg: Any, look: Any, publish: Any
) -> None:
    movie = ffmpeg("movie.mp4", *drawn("64x36", rate, seconds), *PLAIN)
    assert look(movie).frames == frames
    published = publish(movie, data=data)
    assert look(published.original)[2:4] == after
    assert published.row["duration"] == pytest.approx(after[1] / int(after[0]))


@pytest.mark.parametrize(
    ("sent", "kept_size"),
    [
        (["movie.mp4", *drawn("160x120"), *PLAIN], (160, 120)),  # 4:3
        (["movie.mp4", *drawn("640x360"), *PLAIN], (640, 360)),
        (["movie.mp4", *drawn("160x180"), *PLAIN, "-vf", "setsar=2/1"], (160, 180)),  # anamorphic
    ],
)
def test_a_movie_gets_the_size_of_the_production_and_bars(
    sent: Any, kept_size: Any, ffmpeg: Any, look: Any, publish: Any
) -> None:
    published = publish(ffmpeg(*sent))
    assert (published.row["width"], published.row["height"]) == (320, 180)
    assert look(published.original).size == "320x180"
    kept = publish(published.sent, keep=True)
    assert (kept.row["width"], kept.row["height"]) == kept_size  # of the coded picture
    assert kept.original.read_bytes() == kept.sent.read_bytes()


def test_the_size_of_a_shot_comes_first(ffmpeg: Any, look: Any, publish: Any) -> None:
    published = publish(ffmpeg("movie.mp4", *drawn(), *PLAIN), data={"resolution": "320x240"})
    assert look(published.original).size == "320x240"


def test_a_movie_on_its_side_is_turned_and_a_kept_one_has_the_size_of_the_coded_picture(
    ffmpeg: Any, look: Any, publish: Any
) -> None:
    plain = ffmpeg("plain.mp4", *drawn(), *PLAIN)
    turned = ffmpeg("turned.mp4", "-display_rotation", "90", "-i", plain, "-c", "copy")
    published = publish(turned)
    assert look(published.original).size == "320x180"  # upright, between two bars
    kept = publish(turned, keep=True)
    assert (kept.row["width"], kept.row["height"]) == (320, 180)


def test_ten_bits_become_eight_and_a_kept_mov_is_called_mp4(ffmpeg: Any, look: Any, publish: Any) -> None:
    movie = ffmpeg("Take 1.v002.mov", *drawn(), "-c:v", "prores_ks", "-pix_fmt", "yuv422p10le")
    assert look(publish(movie).original).pixels == "yuv420p"
    kept = publish(movie, keep=True)
    assert (kept.row["extension"], kept.row["original_name"]) == ("mp4", "Take 1.v002")
    assert kept.original.read_bytes() == movie.read_bytes()


def test_an_hdr_movie_is_not_tone_mapped(ffmpeg: Any, look: Any, publish: Any) -> None:
    colours = ["-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc"]
    x265 = "log-level=none:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc"
    coded = ["-c:v", "libx265", "-x265-params", x265, "-pix_fmt", "yuv420p10le", *colours]
    stream = look(publish(ffmpeg("hdr.mp4", *drawn(), *coded)).original)
    assert stream.pixels == "yuv420p"
    assert "bt2020nc/bt2020/smpte2084" in stream.tags  # eight bits, still marked as PQ


def test_transparent_parts_show_the_colour_stored_there(box: Any, ffmpeg: Any, publish: Any, tmp_path: Path) -> None:
    red = "color=c=red@0.0:size=320x180:rate=25:duration=0.4,format=rgba"
    published = publish(ffmpeg("alpha.mov", "-f", "lavfi", "-i", red, "-c:v", "qtrle"))
    command = [box.ffmpeg, "-v", "error", "-i", str(published.original), "-frames:v", "1"]
    command += ["-vf", "format=rgb24,crop=1:1:160:90", "-f", "rawvideo", "-"]
    pixel = subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE).stdout
    assert pixel[0] > 240 and max(pixel[1:]) < 15


def test_a_variable_rate_becomes_constant_if_there_is_sound(ffmpeg: Any, look: Any, publish: Any) -> None:
    """A movie without sound is given a silent track, and for one of a variable rate that fails: `broken`."""
    published = publish(ffmpeg("sound.mp4", *drawn(rate="50", seconds=1), *sound(1), *VARIABLE))
    assert look(published.original).fps == "25"
    mute = ffmpeg("mute.mp4", *drawn(rate="50", seconds=1), *VARIABLE)
    assert publish(mute).row["status"] == "broken"
    assert publish(mute, keep=True).row["status"] == "ready"


@pytest.mark.parametrize(("suffix", "mute"), [("mkv", "broken"), ("webm", "ready")])
def test_mkv_and_webm_have_to_be_encoded_and_mkv_needs_sound(suffix: str, mute: str, ffmpeg: Any, publish: Any) -> None:
    """The server looks for the duration of the picture stream, which these files do not have."""
    movie = ffmpeg(f"mute.{suffix}", *drawn(), *PLAIN)
    assert publish(movie).row["status"] == mute
    with_sound = ffmpeg(f"sound.{suffix}", *drawn(), *sound(), *PLAIN)
    assert publish(with_sound).row["status"] == "ready"
    assert publish(with_sound, keep=True).row["status"] == "broken"


def test_the_pictures_of_a_movie(ffmpeg: Any, look: Any, publish: Any, tmp_path: Path) -> None:
    """The cover is its first picture; the movie of low definition is 1280 wide, that of a kept movie is the movie."""
    published = publish(ffmpeg("movie.mp4", *drawn(), *PLAIN))
    gazu.files.download_preview_file_cover(published.row, tmp_path / "cover.png")
    gazu.files.download_preview_file_thumbnail(published.row, tmp_path / "thumbnail.png")
    gazu.files.download_preview_lowdef_movie(published.row, tmp_path / "low.mp4")
    sizes = [look(tmp_path / name).size for name in ("cover.png", "thumbnail.png", "low.mp4")]
    assert sizes == ["320x180", "150x100", "1280x720"]
    kept = publish(published.sent, keep=True)
    gazu.files.download_preview_lowdef_movie(kept.row, tmp_path / "low.mp4")
    assert (tmp_path / "low.mp4").read_bytes() == kept.sent.read_bytes()


# -- pictures ----------------------------------------------------------------------
def chunks(path: Path) -> List[str]:
    """Return the names of the chunks of a PNG."""
    data, place, names = path.read_bytes(), 8, []
    while place < len(data):
        (length,) = struct.unpack(">I", data[place : place + 4])
        names.append(data[place + 4 : place + 8].decode())
        place += 12 + length
    return names


def with_chunk(path: Path, kind: bytes, content: bytes) -> Path:
    """Put a chunk behind the header of a PNG."""
    data, check = path.read_bytes(), binascii.crc32(kind + content)
    chunk = struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)
    path.write_bytes(data[:33] + chunk + data[33:])
    return path


@pytest.mark.parametrize(
    ("pixels", "after"),
    [("rgb24", "rgb24"), ("rgba", "rgba"), ("rgb48be", "rgb24"), ("rgba64be", "rgba"), ("gray16be", "gray")],
)
def test_a_png_becomes_another_png_of_eight_bits(
    pixels: str, after: str, ffmpeg: Any, look: Any, publish: Any, tmp_path: Path
) -> None:
    """Transparency stays; profile, resolution and texts go: no checksum of the original holds."""
    picture = ffmpeg("picture.png", *drawn(), "-frames:v", "1", "-pix_fmt", pixels)
    with_chunk(with_chunk(picture, b"tEXt", b"Comment\0render 42"), b"iCCP", b"profile\0\0nothing")
    assert {"tEXt", "iCCP", "pHYs"} <= {*chunks(picture)}
    published = publish(picture)
    assert look(published.original)[:2] == (after, "320x180")
    assert {*chunks(published.original)} == {"IHDR", "IDAT", "IEND"}
    gazu.files.download_preview_file_thumbnail(published.row, tmp_path / "thumbnail.png")
    assert look(tmp_path / "thumbnail.png").size == "150x100"
    # Zou 1.0.97 writes this a moment after the preview file is "ready".
    until(lambda: gazu.task.get_task(published.task)["last_preview_file_id"] == published.row["id"])


def test_a_jpeg_becomes_a_png_and_a_portrait_lies_on_its_side(ffmpeg: Any, look: Any, publish: Any) -> None:
    picture = ffmpeg("Portrait.JPG", *drawn(), "-frames:v", "1", "-f", "mjpeg")
    turn = b"MM\0*\0\0\0\x08" + struct.pack(">HHHIHHI", 1, 0x112, 3, 1, 6, 0, 0)
    exif = b"Exif\0\0" + turn
    data = picture.read_bytes()
    picture.write_bytes(data[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + data[2:])
    published = publish(picture)
    assert (published.row["extension"], published.row["original_name"]) == ("png", "Portrait")
    assert (published.row["width"], published.row["height"], look(published.original).size) == (320, 180, "320x180")


# -- other files -------------------------------------------------------------------
@pytest.mark.parametrize("suffix", ["gif", "exr", "pdf", "psd"])
def test_other_files_are_kept_and_have_no_pictures(suffix: str, ffmpeg: Any, publish: Any, tmp_path: Path) -> None:
    path = tmp_path / f"file.{suffix}"
    if suffix in ("gif", "exr"):
        ffmpeg(path.name, *drawn(), "-frames:v", "1")
    else:
        path.write_bytes(b"%PDF-1.7")
    published = publish(path)
    row = published.row
    assert (row["status"], row["extension"], row["width"], row["height"]) == ("ready", suffix, 0, 0)
    assert published.original.read_bytes() == path.read_bytes()
    for download in (gazu.files.download_preview_file_thumbnail, gazu.files.download_preview_file_cover):
        with pytest.raises(
            RouteNotFoundException, match=r"[(]there is no such preview file, or the server has no picture"
        ):
            download(row, tmp_path / "none.png")
    assert published.task["last_preview_file_id"] is None
