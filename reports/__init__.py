"""Reports: Review -> what people and programs read. Renderers map a value to a value."""
