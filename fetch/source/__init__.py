"""Where mail comes from: files, folders, repositories, lore, pages of web archives."""
