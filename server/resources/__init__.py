"""What can be read beside calling tools: records, descriptions of tools, a guide, files, results. In wire spelling."""
