#!/usr/bin/env bash
# OpenTimelineIO 0.18.1 with otio-cmx3600-adapter 1.0.0 writes an EDL of one second of a film that lacks what the timeline says,
# without a warning: a nested composition leaves a hole, the start of the timeline (01:00:00:00, where films begin) is
# not in the record times, and a marker gets capitals. A second track is refused.
#
# Seen:
#   nested composition: 1 event of 2, from 00:00:01:00
#   global_start_time of 01:00:00:00: record times from 00:00:00:00
#   marker "Look here": LOOK HERE
#   second track: NotSupportedError: Only a single video track is supported, got: 2
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q opentimelineio==0.18.1 otio-cmx3600-adapter==1.0.0
cat > "$folder/write.py" <<'PYTHON'
import re

import opentimelineio as otio
from opentimelineio.opentime import RationalTime, TimeRange


def clip(name, start=0):
    length = TimeRange(RationalTime(start, 24), RationalTime(24, 24))
    return otio.schema.Clip(name, media_reference=otio.schema.MissingReference(), source_range=length)


def timeline(*tracks):
    made = otio.schema.Timeline("cut")
    for items in tracks:
        track = otio.schema.Track(kind=otio.schema.TrackKind.Video)
        track.extend(items)
        made.tracks.append(track)
    return made


def write(cut):
    return otio.adapters.write_to_string(cut, "cmx_3600", rate=24)


def records(edl):
    return re.findall(r"^\d{3} .* (\S+) \S+$", edl, re.MULTILINE)


nested = otio.schema.Stack()
nested.append(clip("SH010"))
starts = records(write(timeline([nested, clip("SH020")])))
print(f"nested composition: {len(starts)} event of 2, from {starts[0]}")

late = timeline([clip("SH010")])
late.global_start_time = RationalTime(24 * 3600, 24)
print(f"global_start_time of 01:00:00:00: record times from {records(write(late))[0]}")

marked = clip("SH010")
marked.markers.append(otio.schema.Marker("Look here", TimeRange(RationalTime(5, 24), RationalTime(1, 24)), metadata={}))
print('marker "Look here":', re.search(r"LOC: \S+ \S+\s+(.*)", write(timeline([marked]))).group(1))

try:
    print(f"second track: {len(records(write(timeline([clip('SH010')], [clip('SH020')]))))} events")
except Exception as error:
    print(f"second track: {type(error).__name__}: {error}")
PYTHON
diff <(sed -n 's/^#   //p' "$0") <("$folder/venv/bin/python" "$folder/write.py" 2>/dev/null)
