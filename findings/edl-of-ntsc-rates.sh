#!/usr/bin/env bash
# OpenTimelineIO 0.18.1 with otio-cmx3600-adapter 1.0.0 reads an EDL at 24000/1001 and 30000/1001 frames per second,
# but not at 23.976, 23.98 or 29.97, as production trackers and spreadsheets write these rates: the timecode of one
# second is refused. Nor does it read one at 12, 15 or 18 frames per second, which animation uses.
#
# Seen:
#   23.976: ValueError: SMPTE timecode does not support this rate
#   23.98: ValueError: SMPTE timecode does not support this rate
#   24000/1001: 24 frames
#   29.97: ValueError: SMPTE timecode does not support this rate
#   30000/1001: 30 frames
#   24: 24 frames
#   12: ValueError: SMPTE timecode does not support this rate
#   15: ValueError: SMPTE timecode does not support this rate
#   18: ValueError: SMPTE timecode does not support this rate
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q opentimelineio==0.18.1 otio-cmx3600-adapter==1.0.0
cat > "$folder/read.py" <<'PYTHON'
import opentimelineio as otio

EDL = """TITLE: cut
FCM: NON-DROP FRAME

001  AX       V     C        00:00:00:00 00:00:01:00 00:00:00:00 00:00:01:00
* FROM CLIP NAME: SQ01_SH010
"""
for words in ("23.976", "23.98", "24000/1001", "29.97", "30000/1001", "24", "12", "15", "18"):
    count, _, of = words.partition("/")
    try:
        timeline = otio.adapters.read_from_string(EDL, "cmx_3600", rate=float(count) / float(of or 1))
        print(f"{words}: {timeline.tracks[0][0].duration().value:.0f} frames")
    except ValueError as error:
        print(f"{words}: ValueError: {error}")
PYTHON
diff <(sed -n 's/^#   //p' "$0") <("$folder/venv/bin/python" "$folder/read.py")
