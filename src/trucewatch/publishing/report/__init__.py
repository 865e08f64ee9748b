"""The daily report: one page a day and language that opens from a file, and the index of the days.

Nothing is loaded here: the register's page takes its look from this package, and judging loads much.
"""
