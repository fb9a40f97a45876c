"""Instance-based transfer: weigh source rows as the target would have drawn them."""
