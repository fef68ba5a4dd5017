"""What is written of the figures: result files, tables and plots of the documents, and pages of errors."""
