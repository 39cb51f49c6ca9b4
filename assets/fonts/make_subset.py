"""Makes NotoSansCJKsc-Subset.otf: run in this folder after the translations gained characters.

    pip install fonttools
    python3 make_subset.py /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc

The source is Debian's package fonts-noto-cjk. Face 2 of the collection is the Simplified Chinese one.
"""
import glob
import sys

from fontTools import subset
from fontTools.ttLib import TTCollection

face = next(f for f in TTCollection(sys.argv[1]).fonts if f["name"].getDebugName(1) == "Noto Sans CJK SC")

wanted = set(range(0x20, 0x7F)) | set(range(0xA0, 0x100))
# GB 2312 levels 1 and 2: all 6763 characters, so that street and family names in data are shown too.
for row in range(16, 88):
    for cell in range(1, 95):
        try:
            wanted.update(map(ord, bytes([0xA0 + row, 0xA0 + cell]).decode("gb2312")))
        except UnicodeDecodeError:
            pass
# Rows 1 to 9 of the same set: punctuation, enumeration, Greek, Cyrillic, box drawing.
for row in range(1, 10):
    for cell in range(1, 95):
        try:
            wanted.update(map(ord, bytes([0xA0 + row, 0xA0 + cell]).decode("gb2312")))
        except UnicodeDecodeError:
            pass
wanted.update(map(ord, "°·×÷±²³⁰¹⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉–—‘’“”…→←↑↓↔⇧⌘Δ∑ΣΩαβγδεζηθλμνπρστφω≤≥≈≠∞√℃℉‰●○◆◇■□▲△▼▽★☆✓✔✕✖▶◀▸▾⏵⏷\u2009\u202f"))
for path in glob.glob("../translations/*/*.ftl") + glob.glob("../../src/**/*.rs", recursive=True):
    wanted.update(ord(c) for c in open(path, encoding="utf-8").read() if ord(c) > 0x7F)

# The Simplified Chinese face sets these in full width, which tears Latin text apart; the Japanese face of the same
# collection has them narrow, under glyphs both faces share.
latin = next(f for f in TTCollection(sys.argv[1]).fonts if f["name"].getDebugName(1) == "Noto Sans CJK JP").getBestCmap()
for table in face["cmap"].tables:
    for code in (0xB7, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022):
        if code in table.cmap:
            table.cmap[code] = latin[code]

options = subset.Options()
options.layout_features = ["kern"]
options.hinting = False
options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
options.notdef_outline = True
options.drop_tables += ["BASE", "VORG", "vhea", "vmtx", "DSIG", "GSUB"]
maker = subset.Subsetter(options)
maker.populate(unicodes=wanted)
maker.subset(face)
face.save("NotoSansCJKsc-Subset.otf")
print(len(face.getBestCmap()), "characters")
