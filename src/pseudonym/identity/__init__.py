"""What sees a person's data: reading case files, numbers, names and dates, and the identities made of them."""
