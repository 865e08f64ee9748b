"""What leaves: the one gate, tables, explanations, reports."""
