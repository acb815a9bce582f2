select key, size, content_type, image_width, image_height, pdf_version, pdf_pages from aviation.in_binary order by key
