"""The jinja2 templates, the style sheet and the script of the HTML report."""
