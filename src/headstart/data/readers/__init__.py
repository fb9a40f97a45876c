"""One file per way that samples come: folders, tables, arrays, other libraries' objects."""
