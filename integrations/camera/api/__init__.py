"""The REST API of the vendor's contract (vendor sheet, section 4): the paths and names are its own."""
