#!/usr/bin/env bash
# Blender 5.0.1 and 4.3.2 without a window (bpy from PyPI, `blender -b`) give 0.0 as `preferences.system.ui_scale`,
# whatever the user's `view.ui_scale` is. An add-on that divides by it to break its texts into lines, which Blender does
# not do, works in the window, and fails with ZeroDivisionError on a farm or in its tests. `dpi` and `pixel_size` beside
# it have usable values.
#
# Seen:
#   view.ui_scale 1.0: system.ui_scale 0.0, dpi 72, pixel_size 1.0
#   view.ui_scale 1.5: system.ui_scale 0.0, dpi 72, pixel_size 1.0
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"  # the Python of this Blender
"$folder/venv/bin/pip" install -q bpy==5.0.1
cat > "$folder/scale.py" <<'PYTHON'
import bpy

preferences = bpy.context.preferences
for scale in (1.0, 1.5):
    preferences.view.ui_scale = scale
    system = preferences.system
    print(f"view.ui_scale {scale}: system.ui_scale {system.ui_scale}, dpi {system.dpi}, pixel_size {system.pixel_size}")
PYTHON
diff <(sed -n 's/^#   //p' "$0") <("$folder/venv/bin/python" "$folder/scale.py" 2>/dev/null)
