"""Files of text whose cells stand between delimiters: how each is written, and its rows."""
