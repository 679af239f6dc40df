"""Excel workbooks: cells as text, within bounds."""
