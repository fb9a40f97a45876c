"""Charts as SVG text: small pure functions from data to markup, coloured by the page's variables."""
