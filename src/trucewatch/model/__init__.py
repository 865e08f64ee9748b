"""Record kinds, column tables, quantities with uncertainty, and integer log-odds. Imports nothing of ours."""
