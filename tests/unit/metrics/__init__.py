"""What is counted, as a scrape reads it."""
