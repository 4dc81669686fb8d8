#!/usr/bin/env bash
# Krita 5.1.5 imports a Python plug-in from a zip only if the file has an entry for the folder of the plug-in, which
# zips do not need: `zip -D`, Python's `ZipFile.write` for each file, and most build tools write none. What Krita says is
# that there are no plug-ins in it. The same files with that entry are imported.
#
# Seen:
#   files only: NoPluginsFoundException: No plugins found in archive
#   and an entry for the folder: imported
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd "$folder" && apt-get download -q krita-data=1:5.1.5* >/dev/null 2>&1 && dpkg -x krita-data_*.deb krita)
cat > "$folder/import.py" <<'PYTHON'
import builtins
import sys
import zipfile

folder = sys.argv[1]
sys.path.append(f"{folder}/krita/usr/share/krita/pykrita/plugin_importer")
builtins.i18n = str  # Krita has it
import plugin_importer

DESKTOP = "[Desktop Entry]\nType=Service\nX-KDE-Library=publish\nName=Publish\n"
for label, names in (("files only", []), ("and an entry for the folder", ["publish/"])):
    with zipfile.ZipFile(f"{folder}/plugin.zip", "w") as archive:
        for name in names:
            archive.writestr(name, "")
        archive.writestr("publish.desktop", DESKTOP)
        archive.writestr("publish/__init__.py", "")
    try:
        plugin_importer.PluginImporter(f"{folder}/plugin.zip", folder, lambda plugin: True).import_all()
        print(f"{label}: imported")
    except plugin_importer.PluginImportError as error:
        print(f"{label}: {type(error).__name__}: {error}")
PYTHON
diff <(sed -n 's/^#   //p' "$0") <(python3 "$folder/import.py" "$folder")
