"""The sections of the documents that are made from result files of attacks."""
