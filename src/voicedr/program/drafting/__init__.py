"""A first workbook out of what an account shows: which numbers belong together, in which order they would move."""
