"""Pictures of a written comparison, drawn without a browser: maps and charts as PNG, SVG and PDF, with alt text.

Read from the folder that ``corridor compare`` writes; nothing is computed again. :func:`corridor.drawing.write.draw_figures`
is the entry.
"""
