"""Tables in the files of other tools: workbooks, GeoParquet, HXL, a QGIS project. Plain text forms are in `tables`.

Each module writes what has passed the gate already; none looks at an audience.
"""
