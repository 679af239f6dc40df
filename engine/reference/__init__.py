"""What a connector's declarations say of it, as people read it: pages in Markdown and on the web."""
